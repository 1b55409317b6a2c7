"""The formulas of the course."""

import re
import shutil
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest

from tinygrad_dnn import Tensor, derive, gradients, leaky_relu, log_softmax, sigmoid, softmax, softplus

from .graphs import network
from .networks import MADE


def backward(y, **options):
    """From each gradient to its formula, in order."""
    return {step.symbol.text: step.text for step in derive(y, **options).steps if step.backward}


def constant(value, name):
    return Tensor(value, name=name, requires_grad=False)


# --- week 2


def test_the_first_graph():
    a, b, c = (Tensor(value, name=name) for name, value in (("a", 5.0), ("b", 3.0), ("c", 2.0)))
    J = (3 * (a + b * c)).named("J")
    assert backward(J) == {"dJ": "1", "da": "dJ * 3", "db": "da * c", "dc": "da * b"}
    assert backward(J, simplify=True) == {"dJ": "1", "da": "3", "db": "3 * c", "dc": "3 * b"}


def logistic():
    w1, w2, b = (Tensor(value, name=name) for name, value in (("w1", 0.1), ("w2", 0.3), ("b", 0.0)))
    x1, x2, y = constant(1.5, "x1"), constant(2.0, "x2"), constant(1.0, "y")
    z = (w1 * x1 + w2 * x2 + b).named("z")
    a = sigmoid(z).named("a")
    return (-(y * np.log(a) + (1 - y) * np.log(1 - a))).named("L")


def test_logistic_regression_for_one_example():
    assert backward(logistic()) == {
        "dL": "1",
        "da": "dL * (1 - y) / (1 - a) - dL * y / a",
        "dz": "da * a * (1 - a)",
        "db": "dz",
        "dw2": "dz * x2",
        "dw1": "dz * x1",
    }


def test_logistic_regression_for_one_example_simplified():
    assert backward(logistic(), simplify=True) == {
        "dL": "1",
        "da": "(1 - y) / (1 - a) - y / a",
        "dz": "a - y",
        "db": "dz",
        "dw2": "dz * x2",
        "dw1": "dz * x1",
    }


def test_logistic_regression_of_many_examples():
    X, Y = constant(np.arange(6.0).reshape(2, 3), "X"), constant(np.array([[1.0, 0.0, 1.0]]), "Y")
    w, b, m = Tensor(np.array([[0.1], [0.2]]), name="w"), Tensor(0.0, name="b"), 3
    A = sigmoid((w.T @ X + b).named("Z")).named("A")
    J = (-(1 / m) * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))).named("J")
    assert backward(J, constants={"m": 3}) == {
        "dJ": "1",
        "dA": "dJ / m * (1 - Y) / (1 - A) - dJ / m * Y / A",
        "dZ": "dA * A * (1 - A)",
        "db": "sum(dZ)",
        "dw": "X dZ^T",
    }
    assert backward(J, constants={"m": 3}, simplify=True)["dZ"] == "(A - Y) / m"
    assert derive(J, constants={"m": 3}).steps[2].text == "-1 / m * sum(Y * log(A) + (1 - Y) * log(1 - A))"
    assert backward(J, simplify=True)["dZ"] == "(A - Y) / 3"
    assert backward(np.mean(-Y * np.log(A) - (1 - Y) * np.log(1 - A)), simplify=True)["dZ"] == "(A - Y) / 3"


# --- weeks 3 and 4

TWO_LAYERS = {
    "dJ": "1",
    "dA2": "dJ / m * (1 - Y) / (1 - A2) - dJ / m * Y / A2",
    "dZ2": "dA2 * A2 * (1 - A2)",
    "db2": "sum(dZ2, axis=1)",
    "dW2": "dZ2 A1^T",
    "dA1": "W2^T dZ2",
    "dZ1": "dA1 * (Z1 > 0)",
    "db1": "sum(dZ1, axis=1)",
    "dW1": "dZ1 X^T",
}


def test_two_layers():
    J, _ = network(2, 3, 1)
    found = backward(J, constants={"m": 5})
    assert found == TWO_LAYERS
    assert list(found) == list(TWO_LAYERS)


def test_two_layers_simplified():
    J, _ = network(2, 3, 1)
    assert backward(J, constants={"m": 5}, simplify=True) == {
        **TWO_LAYERS,
        "dA2": "(1 - Y) / (m * (1 - A2)) - Y / (m * A2)",
        "dZ2": "(A2 - Y) / m",
    }
    [dZ2] = [step for step in derive(J, constants={"m": 5}, simplify=True).steps if step.target == "dZ2"]
    assert dZ2.how[0] == "dA2 * A2 * (1 - A2)"
    assert dZ2.how[-1] == "cancel: (A2 - Y) / m"
    assert dZ2.latex == r"\frac{A_{2} - Y}{m}"
    assert dZ2.numpy == "dA2 * A2 * (1.0 - A2)"


@pytest.mark.parametrize(
    ("g", "dZ1"),
    [
        (np.tanh, "dA1 * (1 - A1 ** 2)"),
        (leaky_relu, "where(Z1 > 0, dA1, 0.01 * dA1)"),
        (sigmoid, "dA1 * A1 * (1 - A1)"),
    ],
)
def test_other_activations(g, dZ1):
    J, _ = network(2, 3, 1, g=g)
    assert backward(J, constants={"m": 5}) == {**TWO_LAYERS, "dZ1": dZ1}


def test_softmax():
    Z, Y = Tensor(np.array([[0.5, -1.0], [0.0, 2.0]]), name="Z"), constant(np.eye(2), "Y")
    A = softmax(Z, axis=0).named("A")
    J = (-np.sum(Y * np.log(A)) / 2).named("J")
    assert backward(J, constants={"m": 2}) == {
        "dJ": "1",
        "dA": "-dJ / m * Y / A",
        "dZ": "A * (dA - sum(dA * A, axis=0))",
    }


def test_softmax_simplified():
    Z, Y = Tensor(np.array([[0.5, -1.0], [0.0, 2.0]]), name="Z"), constant(np.eye(2), "Y")
    A = softmax(Z, axis=0).named("A")
    J = (-np.sum(Y * np.log(A)) / 2).named("J")
    [*_, dZ] = derive(J, constants={"m": 2}, simplify=True).steps
    assert dZ.how == (
        "A * (dA - sum(dA * A, axis=0))",
        "put in dA = -Y / (m * A): A * (sum(Y / m, axis=0) - Y / (m * A))",
        "sum(Y, axis=0) = 1, cancel: (A - Y) / m",
    )
    soft = constant(np.array([[0.5, 0.25], [0.25, 0.25]]), "Y")
    J = (-np.sum(soft * np.log(A)) / 2).named("J")
    assert backward(J, constants={"m": 2}, simplify=True)["dZ"] == "(A * sum(Y, axis=0) - Y) / m"
    J = (-np.sum(Y * log_softmax(Z, axis=0)) / 2).named("J")
    assert backward(J, constants={"m": 2}, simplify=True)["dZ"] == "(softmax(Z, axis=0) - Y) / m"


def test_sums_of_equal_terms():
    Z, b = Tensor(np.ones((3, 5)), name="Z"), Tensor(np.ones((3, 1)), name="b")
    D = (Z + b).named("D")
    J = (np.sum(D) / 5).named("J")
    assert backward(J, simplify=True, constants={"m": 5})["db"] == "1"
    [db] = [step for step in derive(J, simplify=True).steps if step.target == "db"]
    assert db.how == ("sum(dD, axis=1)", "put in dD = 1 / 5: sum(1 / 5, axis=1)", "5 equal terms: 1")
    np.testing.assert_array_equal(db.value, np.ones((3, 1)))


def test_halves_are_numbers():
    x = Tensor([2.0, 3.0], name="x")
    assert backward((0.5 * np.sum((x - 1) ** 2)).named("J"), simplify=True)["dx"] == "x - 1"
    assert backward(np.sum(0.01 * x).named("J"), simplify=True)["dx"] == "0.01"


def test_the_way_to_a_simpler_formula_is_written_line_by_line():
    lines = str(derive(logistic(), simplify=True)).splitlines()
    [start] = [i for i, line in enumerate(lines) if line.startswith("  dz = da")]
    assert [line.split("  ") for line in (re.sub("   +", "  ", line).strip() for line in lines[start : start + 3])] == [
        ["dz = da * a * (1 - a)", "number"],
        ["= a * (1 - a) * ((1 - y) / (1 - a) - y / a)", "put in da = (1 - y) / (1 - a) - y / a"],
        ["dz = a - y", "cancel"],
    ]


def test_many_layers():
    L = 6
    J, _ = network(3, *[4] * (L - 1), 1)
    found = backward(J, simplify=True, constants={"m": 5})
    assert found[f"dZ{L}"] == f"(A{L} - Y) / m"
    for l in range(1, L):
        assert found[f"dA{l}"] == f"W{l + 1}^T dZ{l + 1}"
        assert found[f"dZ{l}"] == f"dA{l} * (Z{l} > 0)"
        assert found[f"dW{l}"] == (f"dZ{l} A{l - 1}^T" if l > 1 else "dZ1 X^T")


# --- the forms


def test_the_whole_text():
    J, _ = network(2, 1)
    assert str(derive(J, constants={"m": 5})) == (
        "Given\n"
        "  W1   (1, 2)     differentiated by\n"
        "  b1   (1, 1)     differentiated by\n"
        "  X    (2, 5)     constant\n"
        "  Y    (1, 5)     constant\n"
        "  m    number     constant, 5\n"
        "\n"
        "Forward\n"
        "  Z1 = W1 X + b1                                     (1, 5)\n"
        "  A1 = sigmoid(Z1)                                   (1, 5)\n"
        "  J = -sum(Y * log(A1) + (1 - Y) * log(1 - A1)) / m  number\n"
        "\n"
        "Backward\n"
        "  dJ = 1                                               number\n"
        "  dA1 = dJ / m * (1 - Y) / (1 - A1) - dJ / m * Y / A1  (1, 5)\n"
        "  dZ1 = dA1 * A1 * (1 - A1)                            (1, 5)\n"
        "  db1 = sum(dZ1, axis=1)                               (1, 1)\n"
        "  dW1 = dZ1 X^T                                        (1, 2)\n"
        "\n"
        "dZ and dA carry the 1/m of J, a mean over m examples: they are its true derivatives. In the course's form "
        '(convention="course") dW and db carry it; they are the same in both, because 1/m may stand inside a sum over '
        "the examples or in front of it."
    )


def test_latex():
    J, _ = network(2, 3, 1)
    derivation = derive(J)
    assert r"dW_{2} &= dZ_{2} A_{1}^T && \scriptstyle (1 \times 3) \\" in derivation.latex
    assert r"dZ_{2} &= dA_{2} \odot A_{2} \odot \left(1 - A_{2}\right)" in derivation.latex
    assert derivation._repr_latex_().startswith("$\\displaystyle\n\\begin{aligned}")


def test_ipython_shows_the_text_where_it_shows_no_formulas():
    shown = []
    derivation = derive((Tensor(2.0, name="a") * 3).named("J"))
    derivation._repr_pretty_(SimpleNamespace(text=shown.append), False)
    assert shown == [str(derivation)]


def test_mathml():
    x = Tensor([1.0, 2.0], name="x2")
    [step] = [step for step in derive(np.sum(x**2).named("J")).steps if step.target == "dx2"]
    assert "<msub><mi>x</mi><mn>2</mn></msub>" in step.mathml
    assert step.latex == r"dJ \cdot 2 \cdot x_{2}"


def test_fractions_masks_and_powers_in_latex():
    J, p = network(2, 3, 1)
    found = {step.target: step.latex for step in derive(J, constants={"m": 5}).steps}
    assert found["dA2"] == (r"\frac{dJ}{m} \cdot \frac{1 - Y}{1 - A_{2}} - \frac{dJ}{m} \cdot \frac{Y}{A_{2}}")
    assert found["dZ1"] == r"dA_{1} \odot \mathbf{1}\left[Z_{1} > 0\right]"
    [dZ1] = [step.latex for step in derive(network(2, 3, 1, g=leaky_relu)[0]).steps if step.target == "dZ1"]
    assert dZ1 == r"\begin{cases} dA_{1} & \text{if } Z_{1} > 0 \\ 0.01 \cdot dA_{1} & \text{else} \end{cases}"
    x, b = Tensor(2.0, name="x1"), p["b1"]
    assert derive(((x / 3) ** 2 + x**2 * 1e-8).named("J")).steps[0].latex == (
        r"{\left(\frac{x_{1}}{3}\right)}^{2} + x_{1}^{2} \cdot 10^{-8}"
    )
    assert derive((x * np.sum(b) * x - np.sum(b)).named("J")).steps[0].latex == (
        r"\left(x_{1} \cdot \sum b_{1}\right) \cdot x_{1} - \sum b_{1}"
    )


def test_a_broadcast_that_no_entrywise_op_undoes_is_written():
    W, X = Tensor(np.ones((2, 3)), name="W"), constant(np.ones((3, 4)), "X")
    assert backward(np.sum(W @ X).named("J"))["dW"] == "broadcast_to(dJ, shape=(2, 4)) X^T"


def test_a_number_that_is_spread_to_the_shape_beside_it():
    x = Tensor([1.0, 2.0], name="x")
    u = (x * 2).named("u")
    steps = {step.target: step for step in derive((np.sum(u) / 4).named("J")).steps}
    assert (steps["du"].text, steps["du"].shape) == ("dJ / 4", (2,))
    assert (steps["dx"].text, steps["dx"].numpy) == ("du * 2", "du * 2")
    assert steps["du"].numpy == "np.broadcast_to(dJ / 4, (2,)).copy()"


def test_sums_over_paths_are_written():
    x, y = Tensor(2.0, name="x"), Tensor(3.0, name="y")
    assert backward((x * y + np.sin(x)).named("J"))["dx"] == "dJ * cos(x) + dJ * y"


def test_only_some_gradients():
    J, p = network(2, 3, 1)
    assert list(backward(J, wrt=[p["W2"]])) == ["dJ", "dA2", "dZ2", "dW2"]
    assert list(backward(J, wrt=p["b2"]))[-1] == "db2"


def test_unbroadcasting_is_the_sum_that_it_is():
    P, r, s = Tensor(np.ones((2, 3)), name="P"), Tensor(np.ones(3), name="r"), Tensor(2.0, name="s")
    U = (P * r).named("U")
    assert backward(np.sum((U * s) ** 2).named("J")) == {
        "dJ": "1",
        "dU": "dJ * 2 * U * s * s",
        "ds": "sum(dJ * 2 * U * s * U)",
        "dP": "dU * r",
        "dr": "sum(dU * P, axis=0)",
    }


def test_signs_stand_in_front():
    x, y = Tensor(2.0, name="x"), Tensor(3.0, name="y")
    assert backward((x - -y * 2).named("J")) == {"dJ": "1", "dx": "dJ", "dy": "dJ * 2"}
    assert backward((-x * -y).named("J")) == {"dJ": "1", "dx": "dJ * y", "dy": "dJ * x"}
    assert derive((y - x * -0.5).named("J")).steps[0].text == "y + x * 0.5"
    assert backward((-(x - y) / y).named("J"))["dx"] == "-dJ / y"
    assert derive((-(x - y) * x).named("J")).steps[0].text == "-(x - y) * x"
    assert derive((2**-x).named("J")).steps[0].latex == "{2}^{-x}"


def test_a_factor_of_1_is_not_written_where_it_changes_no_shape():
    x = Tensor(2.0, name="x")
    assert derive((x * 1.0 / 1 * x**1).named("J")).steps[0].text == "x * x"
    assert derive((x * np.ones(3)).named("J"), cotangent=np.ones(3)).steps[0].text == "x * c0"
    assert "c0  (3,)       constant, 1 everywhere" in derive(np.sum(x * np.ones(3))).text


def test_products_of_transposes():
    W, X = Tensor(np.ones((2, 3)), name="W"), Tensor(np.ones((2, 4)), name="X")
    Z = ((W.T @ X).T @ W.T).named("Z")
    assert derive(np.sum(Z).named("J")).steps[0].text == "X^T W W^T"
    assert derive(np.sum(-Z.T).named("J")).steps[1].latex == r"-\sum Z^T"


def test_a_gradient_derived_again():
    x = Tensor(2.0, name="x")
    [dx] = gradients((x**3).named("y"), [x], create_graph=True)
    derivation = derive(dx.named("dx"))
    assert derivation.run()[derivation.name_of(x)] == 12.0
    assert derivation.name_of(x) == "dx_2"
    assert [str(step) for step in derivation.steps] == ["dx = 3 * x ** 2", "ddx = 1", "dx_2 = ddx * 3 * 2 * x"]
    assert backward(dx, simplify=True)["dx_2"] == "6 * x"


def test_a_product_of_gradients_derived():
    x = Tensor([1.0, 2.0, 3.0], name="x")
    [g] = gradients(np.sum(np.sin(x)).named("J"), [x], create_graph=True)
    [gg] = gradients(np.sum(g.named("g")), [x], create_graph=True)
    assert [str(step) for step in derive(np.sum(gg.named("h") * x).named("K")).steps] == [
        "h = -sin(x)",
        "K = sum(h * x)",
        "dK = 1",
        "dh = dK * x",
        "dx = dK * h - dh * cos(x)",
    ]


def test_the_rule_in_general_and_the_numbers_go_with_a_step():
    J, _ = network(2, 3, 1, g=np.tanh)
    steps = {step.target: step for step in derive(J).steps}
    assert [(rule.op, rule.formula) for rule in steps["dZ1"].rules] == [("tanh", "y_bar * (1 - y**2)")]
    assert [rule.op for rule in steps["dA2"].rules] == ["subtract", "log"]
    assert steps["dZ1"].value.shape == steps["dZ1"].shape == (3, 5)


@pytest.mark.parametrize(
    ("function", "statements"),
    [
        (lambda x, y: x @ y, ["c = a b gives da = dc b^T", "c = a b gives db = a^T dc"]),
        (lambda x, y: x - y, ["z = x - y gives dx = dz", "z = x - y gives dy = -dz"]),
        (lambda x, y: x / y, ["z = x / y gives dx = dz / y", "z = x / y gives dy = -dz * z / y"]),
        (lambda x, y: np.sqrt(x) ** 3, ["y = sqrt(x) gives dx = dy / (2 * y)"]),
        (lambda x, y: np.where(np.ones((2, 2)) > 0, x, 0.0), ["z = where(c, x, 0) gives dx = where(c, dz, 0)"]),
    ],
)
def test_the_rule_in_general_is_stated(function, statements):
    x, y = (Tensor(np.full((2, 2), value), name=name) for name, value in (("p", 2.0), ("q", 3.0)))
    a = Tensor(2.0, name="a")
    assert derive((a * 3.0).named("z")).steps[-1].rules[0].statement == "z = x * 3 gives dx = dz * 3"
    steps = derive(np.sum(function(x, y)).named("J")).steps
    assert [rule.statement for step in steps if step.target in ("dp", "dq") for rule in step.rules] == statements


def test_indexing_and_joining():
    x = Tensor([1.0, 2.0, 3.0], name="x")
    found = derive((np.concatenate([x[1:], x[:1]])[0] ** 2).named("J"))
    assert found.steps[0].text == "concatenate([x[1:], x[:1]])[0] ** 2"
    assert found.run()["dx"].tolist() == [0.0, 4.0, 0.0]


def test_formulas_of_named_constants_keep_their_form():
    Y, x = constant(np.array([1.0, 0.0]), "Y"), Tensor([1.0, 2.0], name="x")
    assert backward(np.sum((1 - Y) * x).named("J"))["dx"] == "dJ * (1 - Y)"


def test_the_formula_in_numbers():
    a, b = Tensor(-5.0, name="a"), Tensor(3.0, name="b")
    steps = {step.target: step for step in derive((a * b**2).named("J"), simplify=True).steps}
    assert steps["J"].numbers == "-5 * 3 ** 2"
    assert steps["db"].numbers == "1 * -5 * 2 * 3"
    matrix = Tensor([[1.0, -2.0]], name="x")
    assert [step.numbers for step in derive(np.sum(matrix * 2).named("J")).steps] == [
        "sum([[ 1., -2.]] * 2)",
        "1",
        "1 * 2",
    ]


def test_the_stable_cost_simplifies_to_the_same():
    Z, Y = Tensor(np.array([[0.5, -1.0]]), name="Z"), constant(np.array([[1.0, 0.0]]), "Y")
    J = (np.sum(Y * softplus(-Z) + (1 - Y) * softplus(Z)) / 2).named("J")
    assert backward(J, simplify=True)["dZ"] == "(sigmoid(Z) - Y) / 2"


def test_a_gradient_passed_on_is_called_as_the_rule_that_uses_it_does():
    a, b, c = (Tensor(value, name=name) for name, value in (("a", 5.0), ("b", 3.0), ("c", 2.0)))
    u = (b * c).named("u")
    J = (3 * (a + u).named("v")).named("J")
    assert backward(J) == {"dJ": "1", "dv": "dJ * 3", "du": "dv", "da": "dv", "db": "du * c", "dc": "du * b"}


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="LaTeX is not installed")
def test_latex_compiles(tmp_path):
    made = [derive(J, constants=constants, simplify=simple) for J, constants in (f() for f in MADE.values())
            for simple in (False, True)]  # fmt: skip
    odd = Tensor(2.0, name="50% of {a}_b^c\\#&~$")
    made += [derive((odd * Tensor(1.0, name="Δw_π")).named("J_θ"))]
    text = r"\documentclass{article}\usepackage[a0paper,landscape]{geometry}\usepackage{amsmath}\begin{document}"
    text += "".join(rf"\[{found.latex}\]" + "".join(rf"\({s.latex}\)" for s in found.steps) for found in made)
    (tmp_path / "all.tex").write_text(text + r"\end{document}", "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
