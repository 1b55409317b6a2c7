"""Every equation and figure of the course's notes has its place in the lessons, and its gradients are proved there.

The table follows the course, week by week: what it is, what must stand on the page in both languages (a formula, where
it holds a backslash or an equals sign between dollars; else words or code), the page, and for a gradient the record and
the line that must be the derivative for all values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from lessons import twins
from lessons.pictures import inner_products
from tinygrad_dnn import Tensor, derive, leaky_relu, relu, sigmoid


class Row(NamedTuple):
    """An equation or a figure of the course; `proof` is the name of a record and a line of it."""

    what: str
    text: str
    page: str
    proof: tuple[str, str] | None = None


GRAPH, BACK, LOGISTIC, LAYER = "01-first-graph", "02-why-backwards", "05-a-minus-y", "06-bias-and-weights"
SLOPES, LAYERS, START, DETECTIVE, BETTER = "08-masks", "09-layers", "10-starting", "12-detective", "14-better"
COST = r"$J = -\frac{1}{m} \sum_{i=1}^{m} ( y^{(i)} \log %s + (1 - y^{(i)}) \log(1 - %s) )$"

ROWS = [
    # week 2
    Row("the first graph", r"$u = bc, \qquad v = a + u, \qquad J = 3v$", GRAPH, ("graph", "dc = 3 * b")),
    Row("its derivatives", r"$\frac{dJ}{dc} = \frac{dJ}{dv} \cdot \frac{dv}{du} \cdot \frac{du}{dc} "
        r"= 3 \cdot 1 \cdot b$", GRAPH, ("graph", "dc = dv * b")),
    Row("logistic regression: Z", "$Z = w^T X + b$", LOGISTIC),
    Row("logistic regression: A", r"$A = \sigma(Z)$", LOGISTIC),
    Row("sigmoid", r"$a = \sigma(z) = \frac{1}{1 + e^{-z}}$", LOGISTIC),
    Row("logistic regression: J", COST % ("a^{(i)}", "a^{(i)}"), LOGISTIC),
    Row("logistic regression: dZ", "$dZ = A - Y$", LOGISTIC, ("logistic", "dZ = A - Y")),
    Row("logistic regression: dw", r"$dw = \frac{1}{m} X dZ^T$", LOGISTIC, ("logistic", "dw = 1/m * X @ dZ.T")),
    Row("logistic regression: db", r"$db = \frac{1}{m} \sum_{i=1}^{m} dz^{(i)}$", LOGISTIC,
        ("logistic", "db = 1/m * sum(dZ)")),
    Row("a loop over examples", "for i in range(m):", LOGISTIC),
    Row("loop and vectorised, compared and timed", "loop / vectorised", LOGISTIC),
    Row("one example: da", r"$da = -\frac{y}{a} + \frac{1 - y}{1 - a}$", LOGISTIC,
        ("example", "da = -y / a + (1 - y) / (1 - a)")),
    Row("one example: dz by a", r"$dz = da \cdot a (1 - a)$", LOGISTIC, ("example", "dz = da * a * (1 - a)")),
    Row("one example: dz", "$dz = a - y$", LOGISTIC, ("example", "dz = a - y")),
    Row("one example: dw1", "$dw_1 = x_1 dz$", LOGISTIC, ("example", "dw1 = x1 * dz")),
    Row("one example: db", "$db = dz$", LOGISTIC, ("example", "db = dz")),
    Row("the loss", r"$L = -( y \log a + (1 - y) \log(1 - a) )$", LOGISTIC),
    Row("a probability", "$p(y|x) = a^y (1 - a)^{1 - y}$", LOGISTIC),
    Row("log likelihood, summed over examples", r"$\log \prod_{i=1}^{m} p(y^{(i)}|x^{(i)}) = \sum_{i=1}^{m} "
        r"( y^{(i)} \log a^{(i)} + (1 - y^{(i)}) \log(1 - a^{(i)}) ) = -m J$", LOGISTIC),
    Row("broadcasting: calories by the sums of columns", "table / total", LAYER),
    Row("broadcasting: (n, 1) and (1, n) against (n, m)", "((3, 1), (1, 5), (1, 1), (5,), (3,))", LAYER),
    Row("arrays of rank 1", "flat @ flat.T", LAYER),
    # week 3
    Row("slope of sigmoid", "$a(1 - a)$", SLOPES, ("sigmoid", "dz = da * a * (1 - a)")),
    Row("tanh", r"$\frac{e^z - e^{-z}}{e^z + e^{-z}}$", SLOPES),
    Row("slope of tanh", "$1 - a^2$", SLOPES, ("tanh", "dz = da * (1 - a**2)")),
    Row("relu and its slope", r"$A = \operatorname{relu}(Z) = \max(0, Z), \qquad dZ = dA * (Z > 0)$", SLOPES,
        ("relu", "dz = da * (z > 0)")),
    Row("leaky relu", r"$\max(0.01 z, z)$", SLOPES, ("leaky", "dz = where(z > 0, da, 0.01 * da)")),
    Row("a linear activation is no good", "$W_2 (W_1 X + b_1) + b_2$", SLOPES),
    Row("one hidden layer: dZ2", "$dZ^{[2]} = A^{[2]} - Y$", LAYERS, ("hidden", "dZ2 = A2 - Y")),
    Row("one hidden layer: dW2", r"$dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}$", LAYERS,
        ("hidden", "dW2 = 1/m * dZ2 @ A1.T")),
    Row("one hidden layer: db2", r"$db^{[2]} = \frac{1}{m} \sum_{i=1}^{m} dZ^{[2](i)}$", LAYERS,
        ("hidden", "db2 = 1/m * sum(dZ2, axis=1, keepdims=True)")),
    Row("one hidden layer: dZ1", r"$dZ^{[1]} = W^{[2]T} dZ^{[2]} * g^{[1]\prime}(Z^{[1]})$", LAYERS,
        ("hidden", "dZ1 = W2.T @ dZ2 * (1 - A1**2)")),
    Row("one hidden layer: dW1", r"$dW^{[1]} = \frac{1}{m} dZ^{[1]} X^T$", LAYERS, ("hidden", "dW1 = 1/m * dZ1 @ X.T")),
    Row("one hidden layer: db1", r"$db^{[1]} = \frac{1}{m} \sum_{i=1}^{m} dZ^{[1](i)}$", LAYERS,
        ("hidden", "db1 = 1/m * sum(dZ1, axis=1, keepdims=True)")),
    Row("random start, zero biases", "$b^{[l]} = 0$", START),
    Row("symmetry", "np.full(shape, 0.5)", START),
    Row("the flower, with 4 tanh units", "data.flower()", DETECTIVE),
    Row("the flower, with 4 tanh units", "initialize_parameters_deep([2, 4, 1])", DETECTIVE),
    # week 4
    Row("shapes of W", "$(n^{[l]}, n^{[l-1]})$", LAYERS),
    Row("shapes of b", "$(n^{[l]}, 1)$", LAYERS),
    Row("shapes of Z and A", "$(n^{[l]}, m)$", LAYERS),
    Row("forward: Z", "$Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}$", LAYERS),
    Row("forward: A", "$A^{[l]} = g^{[l]}(Z^{[l]})$", LAYERS),
    Row("the chain of layers", "[LINEAR -> RELU] x (L-1) -> LINEAR -> SIGMOID", LAYERS),
    Row("the cost", COST % ("a^{[L](i)}", "a^{[L](i)}"), LAYERS),
    Row("backward: dAL", r"$dA^{[L]} = -( \frac{Y}{A^{[L]}} - \frac{1 - Y}{1 - A^{[L]}} )$", LAYERS,
        ("deep", "dA3 = -(Y / A3 - (1 - Y) / (1 - A3))")),
    Row("backward: dZ", r"$dZ^{[l]} = dA^{[l]} * g^{[l]\prime}(Z^{[l]})$", LAYERS, ("deep", "dZ2 = dA2 * (Z2 > 0)")),
    Row("backward: dW", r"$dW^{[l]} = \frac{1}{m} dZ^{[l]} A^{[l-1]T}$", LAYERS, ("deep", "dW2 = 1/m * dZ2 @ A1.T")),
    Row("backward: db", r"$db^{[l]} = \frac{1}{m} \sum_{i=1}^{m} dZ^{[l](i)}$", LAYERS,
        ("deep", "db2 = 1/m * sum(dZ2, axis=1, keepdims=True)")),
    Row("db is kept as a column", "np.sum(dZ, axis=1, keepdims=True) / m", LAYER),
    Row("backward: dA", "$dA^{[l-1]} = W^{[l]T} dZ^{[l]}$", LAYERS, ("deep", "dA1 = W2.T @ dZ2")),
    Row("one layer: dW", r"$dW = \frac{1}{m} \sum_{i=1}^{m} dz^{(i)} a^{(i)T} = \frac{1}{m} dZ A^T$", LAYER),
    Row("one layer, entry by entry", "$dW_{jk} = dz_j a_k$", LAYER),
    Row("update of W", r"$W^{[l]} := W^{[l]} - \alpha dW^{[l]}$", LAYERS),
    Row("update of b", r"$b^{[l]} := b^{[l]} - \alpha db^{[l]}$", LAYERS),
    Row("small start, seeds 1 and 3", "`randn * 0.01`", START),
    Row("start by the number of inputs", r"$W^{[l]} = \frac{\text{randn}(n^{[l]}, n^{[l-1]})}{\sqrt{n^{[l-1]}}}$",
        START),
    Row("start of the image network, seed 1", "`randn / sqrt(n[l-1])`", START),
    Row("the image network, two layers", "12288-7-1", DETECTIVE),
    Row("the image network, four layers", "12288-20-7-5-1", BACK),
    Row("209 and 50 pictures", "209", DETECTIVE),
    Row("64 x 64 x 3", "64 x 64", DETECTIVE),
    Row("divided by 255", "/ 255", BETTER),
    Row("learning rate", "0.0075", DETECTIVE),
    Row("iterations", "range(2500)", DETECTIVE),
    Row("published costs", "0.6930497356599888, 0.6464320953428849, 0.048554785628770206", DETECTIVE),
    Row("published db", "0.50629448", DETECTIVE),
    Row("the data's format", "`train_set_x`", BETTER),
    Row("the data's format", "`(m, 64, 64, 3)`", BETTER),
    Row("the data's format", "`list_classes`", BETTER),
    Row("gradient checking", r"$\frac{dJ}{d\theta} \approx \frac{J(\theta + \varepsilon) - J(\theta - \varepsilon)}"
        r"{2 \varepsilon}$", "11-checking"),
    Row("L2: the cost", r"$J_{\text{reg}} = J + \frac{\lambda}{2m} \sum_{l=1}^{L} \lVert W^{[l]} \rVert_F^2$", BETTER),
    Row("L2: dW", r"$dW^{[l]} = \frac{1}{m} dZ^{[l]} A^{[l-1]T} + \frac{\lambda}{m} W^{[l]}$", BETTER,
        ("penalty", "dW = 1/m * dZ @ X.T + lambd/m * W")),
    Row("dropout", r"$A^{[l]} := \frac{A^{[l]} * D^{[l]}}{p}, \qquad dA^{[l]} := \frac{dA^{[l]} * D^{[l]}}{p}$", BETTER,
        ("dropout", "dA = dB * D / p")),
    Row("momentum", r"$V_{dW} := \beta V_{dW} + (1 - \beta) dW, \qquad W := W - \alpha V_{dW}$", BETTER),
    Row("mini-batches", "def epochs(count, batch", BETTER),
    Row("more data", "for m in (20, 60, 400):", BETTER),
    Row("more units", "for units in (1, 4, 40):", BETTER),
    Row("more layers", "for hidden in ((4,), (40,), (20, 20)):", BETTER),
    Row("hyperparameters", "for alpha in (0.0075, 0.1, 1.0, 10.0):", BETTER),
    Row("an easy-to-use network class", "DNNClassifier(", BETTER),
]  # fmt: skip


@cache
def page(name: str, language: str) -> str:
    return (twins.LESSONS / language / f"{name}.md").read_text("utf-8")


def normal(latex: str) -> str:
    return re.sub(r"\s|\\[,;]|\\left|\\right|\\q?quad", "", latex)


def stands(row: Row, text: str) -> bool:
    """Tell whether a formula stands in one of the page's formulas, or other text anywhere on it."""
    if not row.text.startswith("$"):
        return row.text in text
    formulas = re.findall(r"\$\$(.+?)\$\$|\$([^$]+)\$", text, re.S)
    return any(normal(row.text.strip("$")) in normal(a or b) for a, b in formulas)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.page}: {row.what}")
def test_it_stands_in_both_languages(row):
    missing = [language for language in twins.LANGUAGES if not stands(row, page(row.page, language))]
    assert missing == [], f"{row.text} is not on the page {row.page}"


def entropy(A: Any, Y: Any) -> Any:
    return (-np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))).named("J")


def graph(a, b, c):
    v = (a + (b * c).named("u")).named("v")
    return (3 * v).named("J")


def logistic(w, b, X, Y):
    return entropy(sigmoid((w.T @ X + b).named("Z")).named("A"), Y)


def example(w1, w2, b, x1, x2, y):
    a = sigmoid((w1 * x1 + w2 * x2 + b).named("z")).named("a")
    return (-(y * np.log(a) + (1 - y) * np.log(1 - a))).named("L")


def hidden(W1, b1, W2, b2, X, Y):
    A1 = np.tanh((W1 @ X + b1).named("Z1")).named("A1")
    return entropy(sigmoid((W2 @ A1 + b2).named("Z2")).named("A2"), Y)


def deep(W1, b1, W2, b2, W3, b3, X, Y):
    A1 = relu((W1 @ X + b1).named("Z1")).named("A1")
    A2 = relu((W2 @ A1 + b2).named("Z2")).named("A2")
    return entropy(sigmoid((W3 @ A2 + b3).named("Z3")).named("A3"), Y)


def penalty(W, b, X, Y, lambd):
    return entropy(sigmoid((W @ X + b).named("Z")).named("A"), Y) + lambd / (2 * 5) * np.sum(W**2)


def dropout(A, D, p):
    return (A * D / p).named("B")


def through(g: Callable[..., Any]) -> Callable[..., Any]:
    return lambda z: g(z).named("a")


SHAPES = {
    graph: {"a": (), "b": (), "c": ()},
    logistic: {"w": (2, 1), "b": (), "X": (2, 5), "Y": (1, 5)},
    example: dict.fromkeys(("w1", "w2", "b", "x1", "x2", "y"), ()),
    hidden: {"W1": (4, 2), "b1": (4, 1), "W2": (1, 4), "b2": (1, 1), "X": (2, 5), "Y": (1, 5)},
    deep: {"W1": (4, 2), "b1": (4, 1), "W2": (3, 4), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1),
           "X": (2, 5), "Y": (1, 5)},
    penalty: {"W": (1, 2), "b": (1, 1), "X": (2, 5), "Y": (1, 5), "lambd": ()},
    dropout: {"A": (3, 5), "D": (3, 5), "p": ()},
    **{through(g): {"z": (3, 5)} for g in (sigmoid, np.tanh, relu, leaky_relu)},
}  # fmt: skip
NAMES = ["graph", "logistic", "example", "hidden", "deep", "penalty", "dropout", "sigmoid", "tanh", "relu", "leaky"]
RECORDS = dict(zip(NAMES, SHAPES))
DATA = ("X", "Y", "D", "x1", "x2", "y", "p", "lambd")


@cache
def record(name: str) -> Any:
    """Derive what one of the functions makes of Tensors with its arguments' names, data being constant."""
    rng, function = np.random.default_rng(4), RECORDS[name]
    values = {name: rng.random(shape) + 0.1 for name, shape in SHAPES[function].items()}
    inputs = {name: Tensor(value, name=name, requires_grad=name not in DATA) for name, value in values.items()}
    return derive(function(**inputs))


@pytest.mark.parametrize("row", [row for row in ROWS if row.proof], ids=lambda row: row.what)
def test_a_gradient_is_proved(row):
    name, line = row.proof
    assert record(name).same(line).verdict == "yes", record(name).same(line)


def test_a_wrong_gradient_is_not_proved():
    assert record("penalty").same("dW = 1/m * dZ @ X.T + lambd/(2*m) * W").verdict == "no"


def test_the_inner_products_are_those_of_pictures():
    cats = inner_products()
    assert [part.shape for part in cats] == [(209, 209), (209, 50), (7, 209), (7, 50), (1, 209), (1, 50)]
    assert np.array_equal(cats.gram, cats.gram.T)
    assert np.min(np.linalg.eigvalsh(cats.gram)) > 0
    assert set(cats.Y.ravel()) == set(cats.Y_test.ravel()) == {0.0, 1.0}


@pytest.mark.parametrize("language", twins.LANGUAGES)
def test_the_program_of_lesson_9_is_the_one_spoken_of(language):
    blocks = twins.blocks(page(LAYERS, language))
    cells = [block.text.split("\n", 1)[1].rpartition("```")[0] for block in blocks if block.kind == "code-cell"]
    names: dict[str, Any] = {}
    for cell in cells[: next(i for i, cell in enumerate(cells) if "program" in cell) + 1]:
        exec(re.sub(r"^:tags:.*", "", cell), names)
    spoken = next(block.text for block in blocks if block.text.startswith("`jit`"))
    lines = re.findall(r"`(t\d [^`]*)`", spoken)
    assert lines
    assert all(f"    {line}  " in names["program"] for line in lines)
    assert "c = np.array(0.1)" in names["program"]  # 1/m
