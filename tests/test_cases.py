"""A test of many cases runs them all, and names those that fail."""

import pytest

from .cases import THOROUGH, grouped, one_test_for_each
from .conftest import COLLECTED, SLOW


def doubled(seen):
    @one_test_for_each("x, expected", {"small": [(1, 2), (2, 5), (3, 6), (4, 0)]}, lambda case: f"twice {case[0]}")
    def test(x, expected, how):
        seen.append(x)
        if not expected:
            with pytest.raises(ValueError, match="zero"):
                how(x)
        assert how(x) == expected

    return test


def test_every_case_is_run_and_each_that_fails_is_named():
    seen, test = [], doubled([])
    [mark] = test.pytestmark
    assert mark.args == ("cases", mark.args[1])
    assert mark.kwargs == {"ids": {"small": 0}.keys()}
    with pytest.raises(AssertionError) as caught:
        doubled(seen)(next(iter(mark.args[1])), how=lambda x: 2 * x)
    assert seen == [1, 2, 3, 4]
    first, *told = str(caught.value).splitlines()
    assert first.startswith("2 of 4 cases fail")
    assert "twice 2" in told
    assert "twice 4" in told
    assert any("Failed: DID NOT RAISE" in line for line in told)


@one_test_for_each("x", grouped(range(10), lambda x: "odd" if x % 2 else "even"))
@pytest.mark.parametrize("y", [0, 2])
def test_fixtures_and_other_parameters_stay(x, y, tmp_path, request):
    assert tmp_path.is_dir()
    assert (x + y) % 2 == ("odd" in request.node.name)


def test_what_is_marked_slow_exists(request):
    """A name that changed would silently be run in each `make test` again."""
    there = request.config.stash[COLLECTED]
    files = {name.partition("::")[0] for name in there} if THOROUGH else ()
    known = there | {f"{name.partition('[')[0]}[*]" for name in there}
    assert {name for name in SLOW if name.partition("::")[0] in files} <= known
