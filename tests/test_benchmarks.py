"""The benchmarks: all contenders compute the same thing, and what is written down was measured. Nothing is timed."""

import doctest
import gc
import inspect
import sys
import time
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import conditions, contenders, memory, network, pages, results, run, scalars, timing
from benchmarks.contenders import OURS, MissingPeerError
from benchmarks.timing import Timings

LIGHT = [OURS, "autograd", "mygrad"]  # `make peers` asks PyTorch (tests/peers)
DEEP = network.Case((6, 5, 4, 3, 1), 7, goal=1.0)


@pytest.mark.parametrize(
    "module", [conditions, contenders, memory, network, pages, results, run, scalars, timing], ids=lambda m: m.__name__
)
def test_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


@pytest.mark.parametrize("dtype", network.DTYPES)
@pytest.mark.parametrize("case", [network.CASES["xs"], network.CASES["tiny"], DEEP], ids=str)
@pytest.mark.parametrize("name", LIGHT)
def test_contenders_agree_with_the_hand_written_backprop(name, case, dtype):
    step = network.steps(case, dtype, [name])[name]
    network.verify(name, step(), contenders.load("manual").step(*network.draw(case, dtype)), dtype)


@pytest.mark.parametrize("dtype", network.DTYPES)
def test_a_step_can_be_repeated(dtype):
    step = network.steps(DEEP, dtype, [OURS])[OURS]
    (_, first), (_, second) = step(), step()
    for key, gradient in first.items():
        np.testing.assert_array_equal(gradient, second[key])


@pytest.mark.parametrize("quantity", ["dW1", "db2", "the cost"])
def test_a_contender_that_computes_something_else_is_found(quantity):
    arrays = network.draw(DEEP, "float64")
    cost, gradients = expected = contenders.load("manual").step(*arrays)
    if quantity == "the cost":
        wrong = cost * 1.0005, gradients
    else:
        wrong = cost, gradients | {quantity: gradients[quantity] * 1.0005}
    with pytest.raises(AssertionError, match=rf"torch: {quantity} differs from manual's by 5.0e-04 \(float64\)"):
        network.verify("torch", wrong, expected, "float64")


def test_a_contender_of_another_dtype_is_found():
    cost, gradients = expected = contenders.load("manual").step(*network.draw(DEEP, "float32"))
    upcast = cost, gradients | {"dW2": gradients["dW2"].astype(float)}
    with pytest.raises(AssertionError, match="mygrad: dW2 is float64, not float32"):
        network.verify("mygrad", upcast, expected, "float32")


@pytest.mark.parametrize("case", scalars.CASES)
@pytest.mark.parametrize("name", LIGHT)
def test_contenders_differentiate_graphs_of_scalars(name, case):
    scalars.verify(case, 101 if case == "fan-out" else 100, [name])


def test_a_wrong_derivative_of_a_graph_of_scalars_is_found(monkeypatch):
    monkeypatch.setattr(scalars, "load", lambda name: SimpleNamespace(derivative=lambda f, x: 49.9))
    with pytest.raises(AssertionError, match=r"tinygrad: the derivative of the fan-out of 100 is 49.9, not 50.0"):
        scalars.verify("fan-out", 100, [OURS])


def test_a_missing_peer_is_an_error_that_names_the_extra(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "mygrad", None)
    monkeypatch.delitem(sys.modules, "benchmarks.contenders.mygrad", raising=False)
    with pytest.raises(
        MissingPeerError, match=r'MyGrad.*\'mygrad\' is not installed.*pip install "tinygrad-dnn\[bench\]"'
    ):
        contenders.load("mygrad")
    assert run.main(["xs", "--peers", "mygrad"]) == 2
    assert 'pip install "tinygrad-dnn[bench]"' in capsys.readouterr().err


def test_an_unknown_case_or_contender_is_an_error_that_lists_the_legal_ones(capsys):
    with pytest.raises(SystemExit):
        run.main(["small"])
    assert "there is no case small; there are xs, tiny, course, mid, chain, fan-out, memory" in capsys.readouterr().err
    with pytest.raises(ValueError, match="no contender 'jax'; there are manual, tinygrad, autograd, mygrad, torch"):
        contenders.load("jax")


# --- measuring


class Clock:
    """A clock that only the calls themselves move on, on a machine that gets slower and slower."""

    def __init__(self):
        self.now, self.slowness, self.calls = 0.0, 1.0, Counter()

    def __call__(self):
        return self.now

    def call(self, name, seconds):
        def run():
            self.slowness *= 1.004
            self.now += seconds * self.slowness
            self.calls[name] += 1

        return run


def test_ratios_are_taken_within_a_round():
    clock = Clock()
    calls = {"control": clock.call("control", 1.0), "ours": clock.call("ours", 3.0)}
    timings = timing.interleave(calls, rounds=8, turn=4.0, clock=clock)
    assert timings.spread("control").high > 1.05 * timings.spread("control").low, "the machine drifts"
    assert timings.ratio("ours", "control").median == pytest.approx(3.0, rel=0.02)
    assert clock.calls == {"control": 2 + 8 * (1 + 4), "ours": 2 + 8 * (1 + 1)}, "a turn is a warm-up and 4 seconds"


def test_a_long_call_takes_one_cold_turn_a_round():
    clock = Clock()
    timings = timing.interleave({"chain": clock.call("chain", 9.0)}, rounds=3, turn=0, clock=clock)
    assert clock.calls == {"chain": 3}
    assert len(timings.seconds["chain"]) == 3


def test_one_thread_is_timed_by_the_processor_and_several_by_the_wall():
    assert timing.clock_for(1) is time.process_time
    assert timing.clock_for(2) is time.perf_counter


def test_the_chain_is_measured_with_the_collector_on_and_off(monkeypatch):
    monkeypatch.setattr(scalars, "derivatives", lambda case, n, names: {OURS: gc.isenabled})
    calls = scalars._two_sizes(10)
    assert calls["on"]["10 n"]() is True
    assert calls["off"]["10 n"]() is False
    assert gc.isenabled()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_everybody_takes_every_place_in_the_order_equally_often(n):
    names = "abcde"[:n]
    rounds = list(timing.orders(names, 2 * n))
    assert all(sorted(order) == sorted(names) for order in rounds)
    for place in range(n):
        assert set(Counter(order[place] for order in rounds).values()) == {2}


def test_without_a_browser_a_page_is_measured_and_the_section_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(pages, "program", lambda: None)
    monkeypatch.setitem(pages.CASES, "nodes-60", pages.Case(20, picture=1e-9))
    text = pages.run(["nodes-60"], [], quick=True, clock=time.perf_counter)
    assert "(≤ 1e-09: missed)" in text
    assert "apt-get install chromium" in text


def test_the_table_of_pages_shows_whether_the_goals_are_reached():
    found = {"nodes-1000": pages.Measured(1008, 1.5, 1.2, 2_500_000, opening=0.8, step=0.06)}
    assert "| 1,008 nodes | 1.50 (≤ 2: reached) |" in pages.as_table(found)
    assert "60 (≤ 50: missed) |" in pages.as_table(found)


# --- writing


def timings(**seconds):
    return Timings({name: np.array(values) for name, values in seconds.items()})


def test_the_table_of_a_network_shows_ratios_and_whether_the_goal_is_reached():
    measured = {
        "xs": timings(manual=[1e-3, 2e-3, 3e-3], tinygrad=[1.5e-3, 3e-3, 4.5e-3], torch=[4e-3, 6e-3, 6e-3]),
        "mid": timings(manual=[0.1, 0.1, 0.1], tinygrad=[0.07, 0.08, 0.09], torch=[1.2, 1.2, 1.2]),
    }
    assert network.as_table(measured, ["torch"]).splitlines() == [
        "| case                         | manual, ms |     tinygrad_dnn |          PyTorch |           goal |",
        "| :--------------------------- | ---------: | ---------------: | ---------------: | -------------: |",
        "| xs: 2-3-1, m = 4             |          2 | 1.50 (1.50-1.50) | 3.00 (2.50-3.50) | ≤ 1.6: reached |",
        "| mid: 784-256-128-1, m = 1024 |        100 | 0.80 (0.75-0.85) | 12.0 (12.0-12.0) | ≤ 0.72: missed |",
    ]


def test_the_tables_of_scalars_show_the_peers_and_the_growth():
    beside = {"chain": timings(tinygrad=[0.4, 0.5, 0.5], torch=[1.0, 1.0, 1.0])}
    assert "| chain |              500 | 2.00 (2.00-2.25) |" in scalars.beside_peers(beside, ["torch"])
    growth = {"on": timings(**{"n": [0.1, 0.1, 0.1], "10 n": [1.0, 1.1, 1.2]})}
    assert "| on        |   100 |     1100 | 11.0 (10.5-11.5) |" in scalars.as_growth(growth)


def test_a_section_is_rewritten_in_its_place(tmp_path):
    path = tmp_path / "RESULTS.md"
    results.write("one", "The first", "yesterday", "| 1 |\n", path)
    results.write("two", "The second", "yesterday", "| 2 |\n", path)
    once = path.read_text()
    results.write("two", "The second", "yesterday", "| 2 |\n", path)
    assert path.read_text() == once, "writing the same again changes nothing"
    results.write("one", "The first", "today", "a \\1 backslash\n", path)
    text = path.read_text()
    assert text.startswith(results.HEAD)
    assert "yesterday\n\n| 1 |" not in text
    assert "## The first\n\ntoday\n\na \\1 backslash\n<!-- end one -->" in text
    assert text.index("## The first") < text.index("## The second")
    assert text.count("<!-- begin") == 2


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ([], ["suite"]),
        (["a", "b"], ["suite"]),
        (["a"], []),
        (["--quick"], []),
        (["--peers", "autograd"], []),
    ],
)
def test_only_a_complete_run_is_written_down(monkeypatch, capsys, arguments, written):
    suite = SimpleNamespace(
        NAME="suite", TITLE="A suite", CASES=("a", "b"), run=lambda cases, peers, quick, clock: "| x |"
    )
    names = []
    monkeypatch.setattr(run, "SUITES", (suite,))
    monkeypatch.setattr(run, "load", lambda name: None)
    monkeypatch.setattr(run.conditions, "describe", lambda peers: "here and now")
    monkeypatch.setattr(run.results, "write", lambda name, title, where, text: names.append(name))
    assert run.main(arguments) == 0
    assert names == written
    assert "here and now\n\n## A suite\n\n| x |" in capsys.readouterr().out


def test_the_conditions_name_processor_versions_blas_kernel_and_threads():
    with conditions.threads(1):
        text = conditions.describe()
    assert f"NumPy {np.__version__}" in text
    assert conditions.processor() in text
    if "threadpoolctl does not know" not in text:
        assert "kernel, threads: 1" in text


@pytest.mark.parametrize("suite", run.SUITES, ids=lambda suite: suite.NAME)
def test_every_suite_takes_what_the_command_gives(suite):
    assert suite.TITLE
    inspect.signature(suite.run).bind(list(suite.CASES), ["autograd"], quick=True, clock=None)
    assert run.parse([*suite.CASES]).cases == list(suite.CASES)
