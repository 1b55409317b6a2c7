"""Tests of many small cases: pytest takes milliseconds for a test, more than most cases of a table take."""

import functools
import inspect
import os
import traceback
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings


def grouped(cases: Iterable[Any], key: Callable[[Any], str]) -> dict[str, list[Any]]:
    """Return the cases of each group, in the order in which they come."""
    groups: dict[str, list[Any]] = {}
    for case in cases:
        groups.setdefault(key(case), []).append(case)
    return groups


def one_test_for_each(names: str, groups: dict[str, list[Any]], identify: Callable[[Any], str] = str) -> Any:
    """Decorate a test of one case: it becomes a test for each group, which runs all cases of the group.

    All cases run, whichever of them fail, and the report names each that fails.

    Parameters
    ----------
    names : str
        The arguments of the test that make a case, with commas between them; a case of several is a tuple.
    groups : dict
        The cases of each group.
    identify : callable
        The name of a case in the report.
    """
    own = [name.strip() for name in names.split(",")]

    def decorate(test: Callable[..., None]) -> Any:
        @functools.wraps(test)
        def test_of_a_group(cases: list[Any], **others: Any) -> None:
            failures = []
            for case in cases:
                try:
                    test(**dict(zip(own, case if len(own) > 1 else [case], strict=True)), **others)
                except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
                    failures.append((identify(case), error))
            if failures:
                raise AssertionError(_report(len(cases), failures)) from failures[0][1]

        others = [p for name, p in inspect.signature(test).parameters.items() if name not in own]
        cases = inspect.Parameter("cases", inspect.Parameter.KEYWORD_ONLY)
        test_of_a_group.__signature__ = inspect.Signature([*others, cases])  # type: ignore[attr-defined]
        return pytest.mark.parametrize("cases", groups.values(), ids=groups.keys())(test_of_a_group)

    return decorate


def _report(count: int, failures: list[tuple[str, BaseException]]) -> str:
    lines = [f"{len(failures)} of {count} cases fail; the traceback above is the first's"]
    for name, error in failures:
        *_, place = traceback.extract_tb(error.__traceback__, 2)
        lines += [f"{name}", f"    {place.filename}:{place.lineno}: {type(error).__name__}: {error}"]
    return "\n".join(lines)


def one_in(number: int, cases: Iterable[Any]) -> list[Any]:
    """Return the cases as parameters of a test, marked slow but for the first and every so manieth after it."""
    return [pytest.param(case, marks=[pytest.mark.slow] * bool(i % number)) for i, case in enumerate(cases)]


THOROUGH = any(os.environ.get(name) for name in ("CI", "COVERAGE", "SLOW"))
"""True for the whole suite, and not for `make test` or tests run by hand."""
ORDER = 2 if THOROUGH else 1
"""How often a function is differentiated where many are, and the ops that they are made of have a test of their own."""


def examples(count: int, ignoring: HealthCheck | None = None) -> settings:
    """Return the settings of a test of random examples: `count` of them in the whole suite, a fifth of them otherwise.

    No test has a limit of time, which a busy machine would not keep.
    """
    checks = [HealthCheck.too_slow, *([ignoring] if ignoring else [])]
    few = min(count, max(count // 5, 5))
    return settings(max_examples=count if THOROUGH else few, deadline=None, suppress_health_check=checks)
