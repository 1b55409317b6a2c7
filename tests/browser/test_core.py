"""The functions of the module that know no document: numbers, states, paths, guesses, and the ops on single numbers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from tests.ops.source import source
from tinygrad_dnn import Tensor, explore, leaky_relu, relu, sigmoid, softplus
from tinygrad_dnn.render import layout
from tinygrad_dnn.support.text import short

from ..number_formats import FORMATS
from ..ops.table import TABLE

# --- numbers

NUMBERS = [float(x) for x in np.random.default_rng(0).standard_normal(200) * 10.0 ** np.arange(-100, 100)]


def test_numbers_are_written_as_in_the_table(core):
    table = [(x if math.isfinite(x) else str(x), digits) for x, digits, _ in FORMATS]
    assert core("return args[0].map(([x, digits]) => core.number(x, digits))", table) == [text for *_, text in FORMATS]


def test_numbers_are_written_as_in_the_picture(core):
    assert core("return args[0].map(x => core.number(x))", NUMBERS) == [short(x) for x in NUMBERS]


def test_negative_numbers_get_parentheses_unless_they_stand_alone(core):
    assert core("return [core.figure(-2).text, core.figure(-2, true).text, core.figure(2).text]") == ["(-2)", "-2", "2"]
    assert core("return core.figure(-1.5e-7).latex") == r"\left(-1.5 \cdot 10^{-7}\right)"
    assert core("return core.figure(2.061e-9, true).latex") == r"2.061 \cdot 10^{-9}"
    assert "<mn>−9</mn>" in core("return core.figure(2.061e-9).mathml")


# --- where the walk stands


def test_states_of_both_passes(core):
    walked = core("return [0, 1, 2, 3].map(at => core.status(2, at, false, 'forward'))")
    assert walked == ["waiting", "waiting", "computing", "done"]
    assert core("return ['forward', 'backward'].map(pass => core.status(0, 0, true, pass))") == ["done", "none"]
    assert core("return [core.moved(0, -1, 5), core.moved(5, 1, 5), core.moved(2, Infinity, 5)]") == [0, 5, 5]


# --- guesses


@pytest.mark.parametrize(
    ("typed", "truth", "right", "says"),
    [
        ("0.333", 1 / 3, True, "Right"),
        ("1/3", 1 / 3, True, "Right"),
        ("0,33", 1 / 3, True, "Right"),
        ("−2", -2.0, True, "Right"),
        ("1e-3", 0.001, True, "Right"),
        ("0", 0.0, True, "Right"),
        ("0.3", 1 / 3, False, "too near to 0, by 10 %"),
        ("-0.5", 0.5, False, "the sign is not"),
        ("1", 0.25, False, "a factor of 4"),
        ("-0.7", 0.5, False, "the sign is wrong, and the size too"),
        ("0.1", 0.0, False, "too large"),
        ("abc", 1.0, False, "Type a number"),
        ("1/2/3", 1.0, False, "Type a number"),
        ("", 0.0, False, "Type a number"),
    ],
)
def test_guesses_are_judged_with_tolerance(core, typed, truth, right, says):
    verdict = core("return core.judged(...args)", typed, truth)
    assert verdict["right"] is right
    assert says in verdict["say"]


# --- the ops on single numbers

POINTS = [-1.7, -0.4, 0.3, 0.9]
UNARY = "negative positive reciprocal square cbrt abs sign exp exp2 expm1 sin cos tan arctan sinh cosh tanh arcsinh"
POSITIVE = "sqrt log log2 log10 log1p"
SMALL = "arcsin arccos arctanh"
BINARY = "add subtract multiply divide power hypot logaddexp arctan2 maximum minimum greater greater_equal less"
BINARY += " less_equal equal not_equal logical_and logical_or"


@pytest.mark.parametrize("op", [*UNARY.split(), *POSITIVE.split(), *SMALL.split(), "arccosh", "logical_not"])
def test_ops_of_one_number_are_numpys(core, op):
    points = [abs(x) + (op == "arccosh") for x in POINTS] if op in (*POSITIVE.split(), "arccosh") else POINTS
    points = [x / 2 for x in points] if op in SMALL.split() else points
    got = core(f"return args[0].map(x => core.OPS.{op}(x))", points)
    np.testing.assert_allclose(got, getattr(np, op)(points), rtol=1e-14)


@pytest.mark.parametrize("op", BINARY.split())
def test_ops_of_two_numbers_are_numpys(core, op):
    pairs = [(abs(x) if op == "power" else x, y) for x in POINTS for y in [*POINTS, 1.0]]
    got = core(f"return args[0].map(([x, y]) => core.OPS.{op}(x, y))", pairs)
    np.testing.assert_allclose(got, [getattr(np, op)(x, y) for x, y in pairs], rtol=1e-14)


@pytest.mark.parametrize("op", [op for op in TABLE if op.javascript and op.elementwise], ids=lambda op: op.name)
def test_every_elementwise_op_has_its_values(core, op):
    for sample in op.samples(source()):
        arrays = np.broadcast_arrays(*sample.args)
        points = [[float(x) for x in point] for point in zip(*(np.ravel(x) for x in arrays))]
        got = core(f"return args[0].map(point => core.OPS.{op.name}(...point, args[1]))", points, sample.params)
        np.testing.assert_allclose(got, np.ravel(op(*sample.args, **sample.params)), rtol=1e-13, atol=1e-15)


def test_erf_has_its_values_on_all_of_the_line(core):
    points = [-30.0, -6.5, -5.9, -1e-8, 0.0, 1e-300, 3.7, 5.99, 6.01, 1e200]
    got = core("return args[0].map(x => core.OPS.erf(x))", points)
    np.testing.assert_allclose(got, [math.erf(x) for x in points], rtol=1e-14)


@pytest.fixture
def without_pictures(monkeypatch):
    monkeypatch.setattr(layout, "engines", lambda: iter([]))


def scalar_graph(w, x, b):
    """One of everything that is smooth, kinked, chosen, squeezed through arrays of one entry, and used twice."""
    w, x, b = Tensor(w, name="w"), Tensor(x, name="x", requires_grad=False), Tensor(b, name="b")
    z = (w * x + b).named("z")
    a = sigmoid(z) * np.tanh(z) + relu(z) - leaky_relu(-z, 0.1) + softplus(w)
    c = np.where(z > 0, a * a, 1 / (1 + np.exp(-b))) + np.maximum(w, 0.25) ** 3 - np.abs(b) / 2
    return (np.sum(np.reshape(c, (1, 1))) + np.log(a**2 + 1) + w).named("J")


@pytest.mark.parametrize("inputs", [(1.25, -0.5, 0.75), (0.1, 2.0, -0.3), (-2.0, 1.0, 3.0)])
def test_with_other_inputs_everything_is_what_the_engine_computes(core, without_pictures, inputs):
    data = explore(scalar_graph(0.5, 1.5, -0.2)).data
    assert core("return core.supported(args[0])", data)
    leaves = {node["name"]["text"]: i for i, node in enumerate(data["nodes"]) if node["name"]["text"] in "wxb"}
    given = [[leaves[name], value] for name, value in zip("wxb", inputs)]
    there = explore(scalar_graph(*inputs)).data
    code = """const found = core.evaluated(args[0], new Map(args[1]));
              return {values: found.values.map(core.only), gradients: found.gradients.map(x => x ?? null).map(
                      x => x === null ? null : core.only(x)), locals: found.locals.map(x => x ?? null)};"""
    here = core(code, data, given)
    np.testing.assert_allclose(here["values"], [single(node["value"]) for node in there["nodes"]], rtol=1e-12)
    expected = [single(node.get("gradient")) for node in there["nodes"]]
    np.testing.assert_allclose(floats(here["gradients"]), floats(expected), rtol=1e-12, atol=1e-15)
    locals_ = [edge.get("local") for edge in there["edges"]]
    np.testing.assert_allclose(floats(here["locals"]), floats(locals_), rtol=1e-12, atol=1e-15)


def one_op_graphs():
    """Each op that has a gradient: what it is called, the graph, and two sets of inputs."""
    for op in {*UNARY.split(), *POSITIVE.split(), *SMALL.split(), "arccosh"} - {"sign"}:
        low, high = {"arccosh": (1.3, 2.5)}.get(op, (0.3, 0.8))
        yield op, getattr(np, op), ([low], [high])
    for op in BINARY.split()[:10]:
        yield op, getattr(np, op), ([0.7, -1.2], [1.9, 2.5])


def test_the_gradient_of_every_op_follows_its_inputs(core, without_pictures):
    wrong = []
    for op, function, (before, after) in one_op_graphs():
        pages = [explore(function(*map(Tensor, inputs))).data for inputs in (before, after)]
        given = list(enumerate(after))
        code = "return core.evaluated(args[0], new Map(args[1])).gradients.slice(0, args[1].length)"
        if not core("return core.supported(args[0])", pages[0]):
            wrong.append(f"{op} is not supported")
        else:
            here, there = core(code, pages[0], given), [node["gradient"] for node in pages[1]["nodes"][: len(after)]]
            if not np.allclose(here, there, rtol=1e-12, atol=0):
                wrong.append(f"{op}: {here}, not {there}")
    assert wrong == []


def single(value):
    return value["rows"][0][0] if isinstance(value, dict) else value


def floats(values):
    return [math.nan if value is None else float(value) for value in values]


def test_graphs_with_arrays_or_unknown_ops_are_not_run(core, without_pictures):
    x = Tensor(0.5, name="x")
    array = Tensor([1.0, 2.0])
    for graph in (np.sum(array), np.sinc(x) * x, array):
        data = explore(graph, cotangent=np.ones(graph.shape)).data
        assert core("return core.supported(args[0])", data) is False
    assert core("return core.supported(args[0])", explore(x * 2).data) is True


# --- paths


def test_paths_are_found_and_their_products_add_up(core, without_pictures):
    data = explore(scalar_graph(0.5, 1.5, -0.2)).data
    code = """const [data, start] = args, uses = core.usesOf(data), end = data.outputs[0];
              const paths = core.trace(data, uses, start, end, 1000), locals = core.recorded(data).locals;
              return [core.counts(data, uses, end)[start], paths.map(path => core.product(path, locals, 1))]"""
    for i, node in enumerate(data["nodes"]):
        if node["kind"] == "parameter":
            count, products = core(code, data, i)
            assert count == len(products) > 10
            assert sum(products) == pytest.approx(node["gradient"], rel=1e-12)


def test_many_paths_are_counted_but_not_all_followed(core, without_pictures):
    x = y = Tensor(1.0, name="x")
    for _ in range(60):
        y = y * 0.5 + y * 0.5
    data = json.loads(json.dumps(explore(y).data))
    code = "const uses = core.usesOf(args[0]); return [core.counts(args[0], uses, args[1])[0], "
    count, followed = core(code + "core.trace(args[0], uses, 0, args[1], 12).length]", data, data["outputs"][0])
    assert count == pytest.approx(2.0**60)
    assert followed == 12
    assert x.grad is None


# --- formulas


def test_an_index_and_an_exponent_stand_one_above_the_other(core):
    formula = {"text": "\ue000^T", "latex": "{\ue000}^T", "mathml": "<mrow><msup>\ue000<mi>T</mi></msup></mrow>"}
    name = {"text": "A1", "latex": "A_1", "mathml": "<mrow><msub><mi>A</mi><mn>1</mn></msub></mrow>"}
    code = "return [args[1], core.differential(args[1])].map(x => core.fill(args[0], {operands: [x]}).mathml)"
    scripts = "<msubsup><mi>A</mi><mn>1</mn><mi>T</mi></msubsup>"
    assert core(code, formula, name) == [
        f"<mrow><mrow>{scripts}</mrow></mrow>",
        f"<mrow><mrow><mi>d</mi>{scripts}</mrow></mrow>",
    ]


def test_a_formula_is_filled_in_one_go_so_that_names_are_never_read(core):
    formula = dict.fromkeys(("text", "latex", "mathml"), "\ue000 · \ue001")
    name = dict.fromkeys(formula, "\ue001<b>")
    other = dict.fromkeys(formula, "y")
    filled = core("return core.fill(args[0], {operands: [args[1], args[2]]})", formula, name, other)
    assert filled["text"] == "\ue001<b> · y"
