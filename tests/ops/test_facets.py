"""An op in one place: everything that the other rooms need to know of an op stands in its declaration."""

import ast
import math
import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import numpy as np
import pytest
from scipy import special

import tinygrad_dnn
from tinygrad_dnn import Tensor, check_grads, derive, draw, grad, jit, primitive
from tinygrad_dnn.core.facets import _REASONS, LANGUAGES, in_javascript, reserved
from tinygrad_dnn.core.notation import ATOM, Form
from tinygrad_dnn.core.primitive import Primitive
from tinygrad_dnn.derive.reasons import reasons
from tinygrad_dnn.rewrite.matching import Rules
from tinygrad_dnn.scipy import _functions
from tinygrad_dnn.scipy._functions import erf
from tinygrad_dnn.support.words import TABLE as WORDS

from .table import ROWS, TABLE, every_op, has_rule

POINTS = np.array([-7.0, -2.5, -0.3, 0.0, 0.4, 1.0, 3.0])
BY_HAND = np.array([math.erf(x) for x in POINTS])

# --- erf, which NumPy lacks: one declaration gives everything


def test_an_op_that_numpy_lacks_is_one_declaration_of_at_most_20_lines():
    text = Path(_functions.__file__).read_text("utf-8")
    [declaration] = [
        node for node in ast.parse(text).body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "erf"
    ]
    assert declaration.end_lineno - declaration.lineno + 1 <= 20


def test_no_other_file_knows_of_it():
    folder = Path(tinygrad_dnn.__file__).parent
    found = [path for path in folder.rglob("*.*") if path.suffix in (".py", ".js") and "erf" in words(path)]
    assert [path.name for path in found] == ["_functions.py"]


def words(path):
    return set(re.findall(r"[A-Za-z_]\w*", path.read_text("utf-8")))


def test_it_has_value_and_gradients_of_any_order():
    np.testing.assert_array_equal(erf(POINTS), special.erf(POINTS))
    np.testing.assert_allclose(erf(POINTS), BY_HAND, rtol=1e-15)
    check_grads(erf, [POINTS], order=2)
    assert float(grad(grad(erf))(0.5)) == pytest.approx(-2 * 0.5 * 2 / math.sqrt(math.pi) * math.exp(-0.25), rel=1e-14)
    assert erf(Tensor(np.float32(0.5))).dtype == np.float32


def test_it_has_formulas_and_a_picture():
    x = Tensor(POINTS, name="x")
    found = derive(np.sum(erf(x)), x)
    assert "erf(x)" in found.text
    assert r"\operatorname{erf}\left(x\right)" in found.latex
    assert "from scipy import special\n" in found.numpy
    np.testing.assert_allclose(found.run()["dx"], 2 / math.sqrt(math.pi) * np.exp(-(POINTS**2)), rtol=1e-14)
    assert "erf" not in found.run()
    assert "erf" in draw(np.sum(erf(x))).source


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_jit_writes_it_for_both_backends(backend, dtype):
    pytest.importorskip(backend)
    x = POINTS.astype(dtype)
    f = jit(lambda x: (2 * erf(x), np.sum(erf(x) ** 2)), backend=backend)
    for found, expected in zip(f(x), (2 * erf(x), np.sum(erf(x) ** 2))):
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=1e-6 if dtype == np.float32 else 1e-14)
    source = f.source(x)
    assert ("import math" if backend == "numba" else "from scipy import special") in source
    space = {}
    exec(source, space)
    np.testing.assert_array_equal(space["program"](x)[0], f(x)[0])


def test_a_parameter_of_its_name_does_not_hide_it():
    def f(erf, x):
        return erf * _functions.erf(x)

    assert jit(f)(2.0, POINTS) == pytest.approx(2 * BY_HAND, rel=1e-15)
    x = Tensor(0.5, name="erf")
    assert derive(erf(x), x).run()["derf"] == pytest.approx(2 / math.sqrt(math.pi) * math.exp(-0.25))


# --- the facets of all


def test_entries_in_javascript_by_default():
    assert in_javascript(Form("1 / np.sqrt({} + 2.5)")).template == "1 / Math.sqrt({} + 2.5)"
    for other in ("{} ** {}", "{} // {}", "{} % {}", "np.sinc({})", "np.exp2({})", "{} > {}", "np.sum({}, axis=0)"):
        assert in_javascript(Form(other)) is None


@every_op
def test_an_elementwise_op_computes_each_entry_from_one_entry_of_each_operand(op):
    rows = [row for row in ROWS if row.op is op and np.ndim(row.function(*row.variables))]
    if op.elementwise:
        assert any(np.size(row.function(*row.variables)) for row in rows)
        for row in rows:
            y = row.function(*row.variables)
            args = [np.broadcast_to(x, y.shape) for x in row.sample.args]
            for i in np.ndindex(y.shape):
                entry = op(*(x[i] for x in args), **row.sample.params)
                np.testing.assert_allclose(entry, y[i], rtol=1e-14)


FOLDING = {"np": np, "plus": lambda total, entry: total + entry}
"""What the steps of loops call."""


@every_op
def test_a_fold_makes_the_reduction_from_its_start_and_its_steps(op):
    if op.fold:
        step = op.fold.step.fill([("total", ATOM), ("entry", ATOM)])
        for row in (row for row in ROWS if row.op is op and np.size(row.sample.args[0])):
            total = op.fold.start
            for entry in row.sample.args[0].ravel():
                total = eval(step, {**FOLDING, "total": total, "entry": entry})
            np.testing.assert_allclose(total, op(row.sample.args[0]), rtol=1e-14)


def test_sentences_are_in_both_languages_short_and_about_the_same_names():
    for en, zh, *_ in _REASONS.values():
        names = [set(re.findall(r"\{(\w)\}", text)) for text in (en, zh)]
        assert names[0] == names[1] <= {"x", "y", "w"}
        assert len(en.split()) <= 36
        assert len(zh) <= 85
        assert en[0].isupper() or en.startswith(("{", "erf"))
        assert en.endswith(".")
        assert zh.endswith("。")
        for text in (en, zh):
            assert "{" not in text.format(y="A", x="Z", w="W")


def test_the_table_of_sentences_names_inputs_of_ops_that_have_a_rule():
    rules = {f"{op.name}.{i}" for op in TABLE for i, rule in enumerate(op.vjps if isinstance(op.vjps, tuple) else [op])}
    assert len(_REASONS) > 150
    assert _REASONS.keys() <= rules | {op.name for op in TABLE}


@every_op
def test_every_rule_says_why_in_both_languages(op):
    for i, rule in enumerate(op.vjps if isinstance(op.vjps, tuple) else [op.vjps[0]]):
        for language in LANGUAGES if has_rule(rule) else ():
            said = op.reason(i, language, y="A", x="Z", w="W")
            assert said, f"{op.name}, input {i}: write a sentence in core/reasons.json"
            assert "{" not in said
            assert (said[-1], bool(re.search("[\u4e00-\u9fff]", said))) == ((".", False) if language == "en" else ("。", True))


FAMILIES = {key.removeprefix("shapes, ") for key in WORDS if key.startswith("shapes, ")}


@every_op
def test_every_rule_has_a_note_on_shapes_in_both_languages(op):
    for i, rule in enumerate(op.vjps if isinstance(op.vjps, tuple) else [op.vjps[0]]):
        if has_rule(rule) and not op.elementwise:
            assert op.family(i) in FAMILIES - {"entries", "summed"}
            row = _REASONS.get(op.name) or _REASONS[f"{op.name}.{i}"]
            assert len(row) == 3, f"{op.name}, input {i}: say in core/reasons.json how shapes pass, as one of {FAMILIES}"


SHAPES = {
    "left": lambda x, w: np.matmul(x, w),
    "right": lambda x, w: np.matmul(w.T, x),
    "left, of vectors": lambda x, w: x @ w[:, 0],
    "summed": lambda x, w: w.T + x[:1],
    "entries": lambda x, w: np.tanh(x),
    "reduced": lambda x, w: np.max(x, axis=0),
    "moved": lambda x, w: x.T,
    "copied": lambda x, w: np.broadcast_to(x, (4, *x.shape)),
    "part": lambda x, w: np.concatenate([x, w.T]),
    "whole": lambda x, w: np.cumsum(x, axis=0),
    "product": lambda x, w: np.outer(x, w),
}


@pytest.mark.parametrize("family", SHAPES)
def test_the_shapes_in_a_note_are_those_that_meet(family):
    x, w = Tensor(np.ones((2, 3)), name="x"), np.ones((3, 2))
    w = w if family != "right" else np.ones((2, 4))
    y = SHAPES[family](x, w)
    (place,) = [i for i, operand in enumerate(y.inputs) if isinstance(operand, Tensor)]
    for language in LANGUAGES:
        _, note = reasons(y, place, language, y="y", x="x", w="w")
        shapes = [ast.literal_eval(shape) for shape in re.findall(r"\(\d+,(?: \d+,?)*\)", note)]
        assert shapes[-1] == np.shape(y.operands[place])
        assert y.shape in shapes
        assert family in ("left", "right") or y.op.family(place) != "whole" or family == "whole"
        if family in ("left", "right"):
            (a, b), c = shapes[:2], shapes[2]
            assert (np.empty(a) @ np.empty(b)).shape == c
    assert reasons(np.tanh(Tensor(1.0)), 0, "en", y="y", x="x", w="w")[1] == ""  # between numbers


def test_every_note_ends_with_the_shape_of_its_operand():
    named = set()
    for row in ROWS:
        applied = row.applied()
        node, places = applied.out, [i for i, _ in applied.rules()] if isinstance(applied.out, Tensor) else []
        for place in places:
            shape = np.shape(node.operands[place])
            _, note = reasons(node, place, "en", y="Y", x="X", w="W")
            assert bool(note) == bool(node.shape or shape), row.op.name
            named |= {row.op.name} if note else set()
            assert not note or re.findall(r"\([\d, ]*\)|a number", note)[-1] == (str(shape) if shape else "a number"), note
    assert len(named) > 180


def test_an_op_of_a_users_own_does_not_say_what_the_librarys_op_of_its_name_does():
    assert primitive(lambda x: 2 * x, vjp=lambda y_bar, y, x: 2 * y_bar, name="cosh").reason(0) is None


COURSE = "add subtract multiply divide negative power square exp log sqrt abs relu leaky_relu sigmoid tanh softplus softmax"
COURSE += " log_softmax logsumexp sum mean max min maximum minimum where clip matmul transpose reshape broadcast_to getitem"


@pytest.mark.parametrize("name", COURSE.split())
def test_the_ops_of_the_course_say_why_for_every_operand(name):
    [op] = [op for op in TABLE if op.name == name]
    for i, rule in enumerate(op.vjps if isinstance(op.vjps, tuple) else [op.vjps[0]]):
        if rule is not None and name != "clip":
            assert op.reason(i, y="y", x=f"x{i}", w="other") is not None


def test_a_sentence_is_filled_with_the_readers_names():
    assert "exp(-Z^2)" in erf.reason(0, x="Z")
    assert "曲线" in erf.reason(0, "zh", x="Z")
    assert erf.reason(0) == _REASONS["erf"][0].format(y="y", x="x")
    assert primitive(lambda x: 2 * x, vjp=lambda y_bar, y, x: 2 * y_bar, name="twice").reason(0) is None
    with pytest.raises(ValueError, match=r"language 'fr': the sentences are written in en and zh"):
        erf.reason(0, "fr")


def test_names_that_sources_need_are_reserved():
    assert {"np", "special"} <= reserved


# --- no other table of ops

PATTERNS = {
    "jit": {
        "VIEWS": "ops whose result shares memory",
        "HOISTED": "operators, whose numbers are made arrays once",
        "_IN_PLACE": "operators that have an augmented assignment",
        "EXTREMES": "ufuncs with out= by keyword alone",
        "METHODS": "functions that are methods of arrays too",
        "FUNCTIONS": "functions of loops.functions",
        "RESHAPES": "ops that loops look through",
        "_BROADCASTS": "ops that loops look through",
        "_SHAPED_BY_VALUES": "ops that cannot be traced",
        "_LIBRARIES": "modules of Python",
        "RESERVED": "words that are no names in JavaScript",
    },
    "derive": {
        "CASES": "pieces of functions with kinks, which proofs go through",
        "SAID": "the sentences of these",
        "FUNCTIONS": "functions that a reader may write in a formula",
        "LETTERS": "Greek letters, after which some ops are called",
        "_GREEK": "the same, by name",
        "EXPONENTIALS": "the algebra's, of derive.expressions, where another module reads it",
    },
    "render": {"SATURATED": "activations that a badge is for", "CONSTANTS": "an option of draw"},
    "tracing": {
        "CREATORS": "functions of NumPy that make arrays to be written to",
        "_MATHS": "functions of Python's math",
        "_MATH": "the same",
    },
    "live": {"RESERVED": "words that are no names in JavaScript"},
    "cli": {"COMPARISONS": "signs of comparisons, of derive.wording", "ARITHMETIC": "signs of arithmetic"},
}
"""Groups of ops that a room may name: patterns of rewriting and layout, none of which an elementwise op has to join."""

ALGEBRA = ("derive.simplify", "derive.expressions", "derive.wording", "derive.mathml")
"""Modules that spell algebra, and the commands of LaTeX: rules, as the room of `rewrite` is one of rules."""

DERIVED = {"TABLE", "declared", "reserved"}
"""What is computed from the declarations."""

ROOMS = ("transforms", "derive", "jit", "tracing", "render", "live", "cli")
"""The rooms for records of any op, but for the rules in `rewrite`; `dnn` and `referee` name the course's own ops."""


def modules(room):
    package = import_module(f"tinygrad_dnn.{room}")
    yield package
    for found in walk_packages(package.__path__, f"{package.__name__}."):
        yield import_module(found.name)


def tables(module):
    """The containers of a module by name, but for rules, patterns and what is computed from the declarations."""
    known = {*DERIVED, *PATTERNS.get(module.__name__.split(".")[1], ())}
    for name, value in vars(module).items():
        is_table = isinstance(value, (dict, tuple, list, set, frozenset)) and not isinstance(value, Rules)
        if is_table and name not in known and not name.startswith("__"):
            yield name, [*value, *(value.values() if isinstance(value, dict) else [])]


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_keeps_a_table_of_ops(room):
    pytest.importorskip("numba")
    patterns = {name for module in modules("rewrite") for name, _ in tables(module)}
    for module in (m for m in modules(room) if not m.__name__.endswith(ALGEBRA)):
        for name, entries in tables(module):
            found = [x for x in entries if isinstance(x, (str, Primitive)) and any(x in (op, op.name) for op in TABLE)]
            assert not found or name in patterns, (
                f"{module.__name__}.{name} names {found[:5]}: make it a facet of the ops, or say above why it is not"
            )


def test_no_script_of_the_page_defines_an_op():
    """But for algebra.js, which spells algebra as `ALGEBRA` does, and arrangements, choices and slopes in formula.js."""
    for path in (Path(tinygrad_dnn.__file__).parent / "render" / "page").glob("*.js"):
        if path.name == "algebra.js":
            continue
        keys = set(re.findall(r"^\s*'?(\w+)'?: (?:\(|Math)", path.read_text("utf-8"), re.MULTILINE))
        named = {"where", "tanh", "relu", *(op.name for op in TABLE if not op.elementwise)}  # tanh' and relu' are slopes
        assert not keys & {op.name for op in TABLE} - (named if path.name == "formula.js" else set()), path.name
