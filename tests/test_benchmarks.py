"""The benchmarks: all contenders compute the same thing, and what is written down was measured. Nothing is timed."""

import doctest
import gc
import inspect
import os
import re
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import (
    arrays,
    compiled,
    conditions,
    contenders,
    front,
    gpu,
    memory,
    network,
    pages,
    pictures,
    play,
    programs,
    results,
    run,
    scalars,
    site,
    sizes,
    timing,
    writes,
)
from benchmarks.contenders import OURS, MissingPeerError, UnavailableError, limit_numpy
from benchmarks.timing import Spread, Timings
from tests.arrays.kinds import STAND_IN
from tinygrad_dnn import Tensor, draw
from tinygrad_dnn.cli.doctor import Blas

LIGHT = [OURS, "autograd", "mygrad"]  # `make peers` asks PyTorch and JAX (tests/peers)
DEEP = network.Case((6, 5, 4, 3, 1), 7)


@pytest.mark.parametrize(
    "module",
    [
        arrays,
        compiled,
        conditions,
        contenders,
        front,
        memory,
        network,
        pages,
        pictures,
        play,
        programs,
        results,
        run,
        scalars,
        site,
        sizes,
        timing,
        writes,
    ],
    ids=lambda m: m.__name__,
)
def test_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


@pytest.mark.parametrize("dtype", network.DTYPES)
@pytest.mark.parametrize("case", [network.CASES["xs"], network.CASES["tiny"], DEEP], ids=str)
@pytest.mark.parametrize("name", [*LIGHT, "limit_numpy", "jit_numpy", pytest.param("jit_numba", marks=pytest.mark.slow)])
def test_contenders_agree_with_the_hand_written_backprop(name, case, dtype):
    step = network.steps(case, dtype, [name])[name]
    network.verify(name, step(), contenders.load("manual").step(*network.draw(case, dtype)), dtype)


@pytest.mark.parametrize("name", [OURS, "limit_numpy"])
@pytest.mark.parametrize("dtype", network.DTYPES)
def test_a_step_can_be_repeated(dtype, name):
    step = network.steps(DEEP, dtype, [name])[name]
    first = {key: gradient.copy() for key, gradient in step()[1].items()}
    for key, gradient in step()[1].items():
        np.testing.assert_array_equal(gradient, first[key])


@pytest.mark.parametrize("few", [0, 10**6], ids=["comparison", "sign"])
def test_the_limit_of_numpy_takes_any_parameters_and_makes_either_mask(monkeypatch, few):
    monkeypatch.setattr(limit_numpy, "FEW", few)
    *_, workspace = limit_numpy.prepare(*network.draw(DEEP, "float64"))
    others = network.draw(DEEP, "float64", seed=2)
    network.verify("limit_numpy", limit_numpy.step(*others, workspace), contenders.load("manual").step(*others), "float64")


def test_the_limit_of_numpy_is_exact_where_the_logarithm_of_a_sigmoid_is_not():
    parameters = {"W1": np.array([[1.0]]), "b1": np.zeros((1, 1))}
    X, Y = np.array([[-800.0, -40.0, 40.0, 800.0]]), np.array([[0.0, 0.0, 0.0, 0.0]])
    with np.errstate(over="raise", invalid="raise"):
        cost, gradients = limit_numpy.step(*limit_numpy.prepare(parameters, X, Y))
    assert cost == pytest.approx(210.0, rel=1e-15)
    assert gradients["db1"].item() == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize("dtype", network.DTYPES)
def test_the_limit_of_blas_multiplies_what_a_step_multiplies(dtype):
    parameters, X, _ = network.draw(DEEP, dtype)
    step = network.steps(DEEP, dtype, ["limit_gemm"])["limit_gemm"]
    assert step() is None
    workspace = step.args[-1]
    Z, products = X, {}
    for l, (_, _, buffer, *_) in enumerate(workspace.forward, start=1):
        Z = parameters[f"W{l}"] @ Z
        np.testing.assert_allclose(buffer, Z, rtol=1e-5)
    dZ = workspace.last[3]
    for W, _, dW, _, A, dA, _ in workspace.backward:
        products |= {f"d{W}": dZ @ A.T}
        dZ = parameters[W].T @ dZ
        np.testing.assert_allclose(dA, dZ, rtol=1e-4)
        np.testing.assert_allclose(dW, products[f"d{W}"], rtol=1e-4)
    np.testing.assert_allclose(workspace.gradients["dW1"], dZ @ X.T, rtol=1e-4)


def test_who_is_incomplete_says_so_and_is_not_asked_for_gradients():
    assert [name for name, who in contenders.CONTENDERS.items() if not who.complete] == ["limit_gemm"]


def test_gradients_may_have_the_names_of_the_parameters():
    cost, gradients = expected = contenders.load("manual").step(*network.draw(DEEP, "float64"))
    named = {key.removeprefix("d"): value for key, value in gradients.items() if not key.startswith("dA")}
    network.verify("jax", (cost, named), expected, "float64")
    with pytest.raises(AssertionError, match="jax: dW1 differs"):
        network.verify("jax", (cost, named | {"W1": 2 * named["W1"]}), expected, "float64")


@pytest.mark.parametrize("quantity", ["dW1", "db2", "the cost"])
def test_a_contender_that_computes_something_else_is_found(quantity):
    arrays = network.draw(DEEP, "float64")
    cost, gradients = expected = contenders.load("manual").step(*arrays)
    wrong = (cost * 1.0005, gradients) if quantity == "the cost" else (cost, gradients | {quantity: gradients[quantity] * 1.0005})
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
    with pytest.raises(MissingPeerError, match=r'MyGrad.*\'mygrad\' is not installed.*pip install "tinygrad-dnn\[bench\]"'):
        contenders.load("mygrad")
    assert run.main(["xs", "--peers", "mygrad"]) == 2
    assert 'pip install "tinygrad-dnn[bench]"' in capsys.readouterr().err


def test_an_unknown_case_or_contender_is_an_error_that_lists_the_legal_ones(capsys):
    with pytest.raises(SystemExit):
        run.main(["small"])
    assert "there is no case small; there are xs, tiny, course, mid, chain, fan-out, memory" in capsys.readouterr().err
    with pytest.raises(ValueError, match="no contender 'theano'; there are manual, tinygrad, autograd, mygrad, torch"):
        contenders.load("theano")


@pytest.mark.layout
@pytest.mark.slow
def test_pictures_are_measured_and_judged():
    ticks = iter(range(100))
    text = pictures.run(["svg-60", "derive-20"], [], quick=True, clock=lambda: next(ticks) / 4)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    assert [row[:4] for row in rows[2:]] == [
        ["60 nodes, SVG", "62", "0.25 (0.25-0.25)", "≤ 0.3: reached"],
        ["20 layers, derivation", "112", "0.25 (0.25-0.25)", "≤ 1: reached"],
    ]
    assert "≤ 1: missed" in pictures.run(["derive-20"], [], quick=True, clock=Hours())


class Hours:
    now = 0.0

    def __call__(self):
        self.now += 3600.0
        return self.now


def test_the_graphs_of_the_pictures_have_the_size_that_their_titles_say():
    assert len(draw(pictures.deep(198)).data()["nodes"]) == 1002
    assert len(draw(pictures.chain(100, Tensor(1.0))).data()["nodes"]) == 101
    assert pictures.recurrent(100, Tensor, np.tanh).requires_grad


# --- more than one network


@pytest.mark.parametrize(
    "names", [[OURS, "autograd", "mygrad"], pytest.param([OURS, programs.NUMPY], marks=pytest.mark.slow)], ids="-".join
)
@pytest.mark.parametrize("program", programs.PROGRAMS.values(), ids=programs.PROGRAMS)
def test_programs_compute_the_same_everywhere(program, names):
    first, *others = programs.steps(program, names).values()
    assert len(others) == len({*names[1:]} - program.without.keys())
    for other in others:
        programs.verify(names[1], other(), first())


def test_a_program_that_computes_something_else_is_found():
    with pytest.raises(AssertionError, match="a rival"):
        programs.verify("a rival", (1.0, (np.ones(2), np.ones(3))), (1.0, (np.ones(2), np.array([1.0, 1.0, 1.001]))))


@pytest.mark.slow
def test_the_section_of_programs_has_ratios_first_calls_and_memory():
    text = programs.run(["hvp"], ["autograd", "mygrad"], quick=True, clock=time.process_time)
    assert [cell for cell, _ in results.cells(text)][:1] == [("", "its product with a vector", "tinygrad_dnn, ms")]
    assert text.count("its product with a vector") == 3
    assert "MyGrad has first derivatives alone: hvp." in text


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.parametrize("case", ["dask", "disk"])
def test_lazy_data_and_files_are_measured_beside_a_program_by_hand(case):
    ticks = iter(range(1000))
    text = arrays.run([case], [], quick=True, clock=lambda: next(ticks) / 4)
    assert "1.00 (1.00-1.00)" in text


def test_writes_are_measured_beside_a_list_and_the_goals():
    ticks = iter(range(1000))
    text = writes.run(["recurrence", "entries"], [], quick=True, clock=lambda: next(ticks) / 1e4)
    assert "(reached)" in text
    assert "1.00 (1.00-1.00)" in text  # each call takes a tick: ten of 1,000 writes as one of ten times as many


def test_without_a_gpu_nothing_is_measured_there(monkeypatch, capsys):
    monkeypatch.setattr(gpu, "find_spec", lambda name: None)
    assert gpu.main(["--quick"]) == 0
    assert "no library here has a GPU" in capsys.readouterr().out


def test_networks_on_a_device_are_compared_with_numpy():
    text = gpu.agreement([STAND_IN, STAND_IN._replace(name="off", host=lambda xs: [x.entries * (1 + 1e-11) for x in xs])])
    assert re.search(r"stand-in +\| +\S+ \| ≤ 1e-12: reached", text)
    assert re.search(r"off +\| +\S+ \| +≤ 1e-12: missed", text)


def test_time_over_size_is_a_table_and_a_plot(tmp_path):
    text = sizes.run(["sizes"], ["autograd"], quick=True, clock=time.process_time)
    assert [cell[1:] for cell, _ in results.cells(text)][:3] == [
        ("manual", "2"),
        ("manual", "8"),
        ("tinygrad_dnn", "2"),
    ]
    sizes.draw([1, 10], {"manual": [0.001, 0.01], OURS: [0.002, 0.004]}, tmp_path / "plot.svg")
    drawn = (tmp_path / "plot.svg").read_text("utf-8")
    assert all(word in drawn for word in ("manual", "tinygrad_dnn", "ms for cost and all gradients"))


def test_a_slowdown_of_5_percent_is_told_by_the_history(tmp_path):
    def table(*numbers):
        return results.table(["case", "ours", "theirs"], [["xs", *map(str, numbers)]])

    remember = partial(results.remember, "suite", path=tmp_path / "history.csv")
    assert remember("2026-01-01; a machine", table(1.0, 2.0)) == []
    assert remember("2026-01-02; a machine", table(1.04, 2.2)) == ["suite: xs, theirs: 2 before, 2.2 now"]
    assert remember("2026-01-03; another machine", table(9.0, 9.0)) == []
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 6


# --- measuring


class Clock:
    """A clock that only the calls themselves move on, on a machine that gets slower and slower."""

    def __init__(self, slowing=1.004):
        self.now, self.slowing, self.slowness, self.calls = 0.0, slowing, 1.0, Counter()

    def __call__(self):
        return self.now

    def call(self, name, seconds):
        def run():
            self.slowness *= self.slowing
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


def test_without_a_browser_pages_that_learn_are_not_measured(monkeypatch):
    monkeypatch.setattr(pages, "program", lambda: None)
    assert "apt-get install chromium" in play.run(["2-3-1, relu"], [], quick=True, clock=time.perf_counter)


def test_differences_are_relative_to_each_array():
    assert play.difference([[1.0], [2.0, 4.0]], [[1.0], [2.0, 5.0]]) == pytest.approx(0.2)
    assert "| 2-3-1   | 1.0e-15 (≤ 1e-12: reached) | 1.0e-14 |" in play.as_table(
        {"2-3-1": play.Measured(1e-15, 1e-14, 0.05, 0.1, 60_000)}
    )


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
    assert network.as_table(measured, [OURS, "torch"], network.GOALS).splitlines() == [
        "| case                         | manual, ms |     tinygrad_dnn |          PyTorch |           goal |",
        "| :--------------------------- | ---------: | ---------------: | ---------------: | -------------: |",
        "| xs: 2-3-1, m = 4             |          2 | 1.50 (1.50-1.50) | 3.00 (2.50-3.50) | ≤ 1.6: reached |",
        "| mid: 784-256-128-1, m = 1024 |        100 | 0.80 (0.75-0.85) | 12.0 (12.0-12.0) | ≤ 0.72: missed |",
    ]


def test_the_table_of_goals_takes_the_ratio_to_the_rival_round_by_round(monkeypatch):
    monkeypatch.setattr(compiled, "numpys_blas", lambda: None)
    xs = timings(
        manual=[1.0, 1.0, 1.0],
        limit_numpy=[1.0, 2.0, 4.0],
        jit_numpy=[1.1, 2.2, 4.4],
        jit_numba=[0.5, 1.0, 2.0],
        jax=[1.0, 2.0, 4.0],
    )
    rows = compiled.as_goals({"float64": {"xs": xs}, "float32": {"xs": timings(jit_numpy=[1.0] * 3)}}).splitlines()
    assert rows[2:] == [
        "| jit, numpy |   xs | limit-numpy | ≤ 1.15 | 1.10 (1.10-1.10) reached |       — |",
        "| jit, numpy |   xs |     JAX jit |  ≤ 1.0 |  1.10 (1.10-1.10) missed |       — |",
        "| jit, numba |   xs |     JAX jit | ≤ 0.25 |  0.50 (0.50-0.50) missed |       — |",
    ]


@pytest.mark.parametrize(
    ("coretype", "cell"),
    [(None, "1.20 (1.20-1.20) missed"), ("SKYLAKEX", "1.20 (1.20-1.20) not set for this kernel")],
)
def test_goals_that_need_the_processors_kernel_are_set_with_it_only(monkeypatch, coretype, cell):
    monkeypatch.setattr(compiled, "numpys_blas", lambda: Blas("openblas", "0.3", "Haswell", 1, coretype))
    mid = timings(limit_numpy=[1.0] * 3, jit_numpy=[1.2] * 3, jax=[1.0] * 3)
    limit, jax, *_ = compiled.as_goals({"float64": {"mid": mid}}).splitlines()[2:]
    assert "1.20 (1.20-1.20) missed" in limit
    assert cell in jax


def test_a_contender_that_cannot_run_here_has_a_reason_and_an_empty_column(monkeypatch):
    def refuse(*arrays):
        raise UnavailableError("no compiler")

    monkeypatch.setattr(compiled, "load", lambda name: SimpleNamespace(prepare=refuse))
    assert compiled.absent(["torch_compile"]) == {"torch_compile": "no compiler"}
    table = network.as_table({"xs": timings(manual=[1.0] * 3, tinygrad=[2.0] * 3)}, [OURS, "torch_compile"])
    assert table.splitlines()[-1].endswith("| 2.00 (2.00-2.00) |             — |")


class Jit:
    """In the place of `jit`: a call of 5 seconds, 2 of them its program's; 7 to write that."""

    def __init__(self, clock):
        self.call, self.write = clock.call("call", 5.0), clock.call("write", 7.0)

    def __call__(self, f):
        def compiled(parameters, X, Y):
            self.call()

        def source(parameters, X, Y):
            self.write()
            return f"import program\ndef {f.__name__}(parameters, X, Y): program.run()"

        compiled.source = source
        return compiled


@pytest.mark.slow
def test_the_costs_of_compiling_are_taken_apart_from_the_program(monkeypatch):
    clock = Clock(slowing=1.0)
    monkeypatch.setattr(compiled.tinygrad_dnn, "jit", Jit(clock), raising=False)
    monkeypatch.setitem(sys.modules, "program", SimpleNamespace(run=clock.call("program", 2.0)))
    assert compiled.overhead(quick=True, clock=clock) == Spread(3.0, 3.0, 3.0)
    assert compiled.tracing(quick=True, clock=clock) == Spread(7.0, 7.0, 7.0)


def test_the_costs_of_compiling_are_in_seconds_and_microseconds():
    rows = compiled.as_costs(Spread(0.61, 0.6, 0.62), Spread(2.5e-6, 2.4e-6, 2.6e-6)).splitlines()[2:]
    assert [" ".join(row.split()) for row in rows] == [
        "| tracing 20 layers and writing the program, s | 0.61 (0.60-0.62) | ≤ 0.5: missed |",
        "| a call beyond the program itself, µs | 2.50 (2.40-2.60) | ≤ 3: reached |",
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
        (["--suites", "suite"], ["suite"]),
        (["--peers", "autograd", "jax"], ["suite"]),
        (["a"], []),
        (["--quick"], []),
        (["--peers", "jax"], []),
        (["--suites"], []),
    ],
)
def test_only_a_complete_run_is_written_down(monkeypatch, capsys, arguments, written):
    asked, names = [], []

    def measure(cases, peers, quick, clock):
        asked.append((cases, peers))
        return "| x |"

    suite = SimpleNamespace(NAME="suite", TITLE="A suite", CASES=("a", "b"), ALWAYS=("manual",), PEERS=("autograd",), run=measure)
    monkeypatch.setattr(run, "SUITES", (suite,))
    monkeypatch.setattr(run.conditions, "describe", lambda names: f"here and now with {', '.join(names)}")
    monkeypatch.setattr(run.results, "write", lambda name, title, where, text: names.append(name))
    monkeypatch.setattr(run.results, "remember", lambda name, where, text: [])
    assert run.main(arguments) == 0
    assert names == written
    output = capsys.readouterr().out
    for _, peers in asked:
        assert set(peers) <= {"autograd"}
        assert f"## A suite\n\nhere and now with {', '.join(['manual', *peers])}\n\n| x |" in output


def test_the_conditions_name_processor_versions_blas_kernel_and_threads():
    with conditions.threads(1):
        text = conditions.describe()
    assert f"NumPy {np.__version__}" in text
    assert conditions.processor() in text
    if "threadpoolctl does not know" not in text:
        assert "kernel, threads: 1" in text


def test_the_conditions_state_each_version_once():
    assert conditions.describe(["manual", "autograd", OURS, "autograd"]).count("autograd") == 1


def test_the_conditions_warn_of_a_kernel_that_is_not_the_processors(monkeypatch):
    blas = Blas("openblas", "0.3", "Haswell", 1, "SKYLAKEX")
    monkeypatch.setattr(conditions, "numpys_blas", lambda: blas)
    assert conditions.describe().endswith(
        "BLAS openblas 0.3 with the Haswell kernel, threads: 1\n\n**Warning**: OpenBLAS multiplies with its Haswell "
        "kernel, which leaves the best instructions of this processor unused; set the environment variable "
        "OPENBLAS_CORETYPE=SKYLAKEX before Python starts."
    )


def test_libraries_that_start_their_threads_later_are_told_of_them(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("NPROC", raising=False)
    with conditions.threads(1):
        assert {os.environ[name] for name in conditions.LATER} == {"1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "NPROC" not in os.environ


@pytest.mark.parametrize("suite", run.SUITES, ids=lambda suite: suite.NAME)
def test_every_suite_takes_what_the_command_gives(suite):
    assert suite.TITLE
    inspect.signature(suite.run).bind(list(suite.CASES), ["autograd"], quick=True, clock=None)
    assert run.parse([*suite.CASES]).cases == list(suite.CASES)


def test_a_process_is_followed_to_its_end_which_must_be_a_success(tmp_path):
    first, whole = front.followed([sys.executable, "-c", "print('a'); print('b')"], tmp_path, PYTHONUTF8="1")
    assert 0 < first <= whole
    with pytest.raises(subprocess.CalledProcessError):
        front.followed([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        front.python(["-c", "import no_such_module"])
