"""The text of a program: what a person would write, the same in every process, harmless whatever a thing is called."""

import os
import re
import subprocess
import sys
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

from tinygrad_dnn import Tensor, grad, hvp, jit, relu, sigmoid, value_and_grad
from tinygrad_dnn.dnn import network

rng = np.random.default_rng(0)
X, Y = rng.standard_normal((2, 5)), np.array([[1.0, 0.0, 1.0, 1.0, 0.0]])
parameters = {
    "W1": rng.standard_normal((4, 2)),
    "b1": rng.standard_normal((4, 1)),
    "W2": rng.standard_normal((1, 4)),
    "b2": rng.standard_normal((1, 1)),
}


def cost(parameters, X, Y):
    m = X.shape[1]
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = np.maximum(0, Z1)
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    J = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
    return J


def cost_of_tensors(parameters, X, Y):
    return network.cost(parameters, X, Y)


def statements(source):
    """The lines of the function, without comments."""
    lines = source[source.index("def ") :].splitlines()[1:]
    return [line.partition("  #")[0].strip() for line in lines if line.strip()]


GOLDEN = """
W1, b1, W2, b2 = parameters["W1"], parameters["b1"], parameters["W2"], parameters["b2"]
Z1 = W1.dot(X)
Z1 += b1
A1 = np.maximum(Z1, zeros, out=Z1)
Z2 = W2.dot(A1)
Z2 += b2.squeeze()
t0 = Y * Z2
t1 = np.subtract(Z2, t0, Z2)
np.negative(t0, t0)
np.logaddexp(t1, t0, t0)
J = t0.ravel().dot(c)
t1 -= t0
np.exp(t1, t1)
dZ2 = np.subtract(t1, Y, t1)
dZ2 *= c_2
db2 = dZ2.dot(ones)
dW2 = dZ2.dot(A1.T)
dA1 = W2.T.dot(dZ2)
t2 = A1 > zero
dZ1 = np.multiply(dA1, t2, dA1)
db1 = dZ1.dot(ones)
dW1 = dZ1.dot(X.T)
return J, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
"""


@pytest.mark.parametrize("f", [cost, cost_of_tensors])
def test_the_network_of_the_course(f):
    source = jit(value_and_grad(f)).source(parameters, X, Y)
    assert statements(source) == GOLDEN.split("\n")[1:-1]
    assert len(statements(source)) <= 25
    assert source.startswith("import numpy as np\n")
    assert f"def {f.__name__}(parameters, X, Y):" in source


def test_each_line_has_its_shape_and_the_line_that_it_comes_from():
    lines = jit(value_and_grad(cost)).source(parameters, X, Y).splitlines()
    first = cost.__code__.co_firstlineno
    for name, shape, place in (
        ("Z1 = ", "(4, 5)", 2),
        ("A1 = ", "(4, 5)", 3),
        ("dZ2 = ", "(1, 5)", 4),
        ("dW1 =", "(4, 2)", 2),
    ):
        [line] = [line for line in lines if line.strip().startswith(name)]
        assert re.search(rf"# {re.escape(shape)}  test_source\.py:{first + place}$", line), line


@pytest.mark.parametrize("f", [cost, cost_of_tensors])
def test_it_runs_alone(f):
    compiled = jit(value_and_grad(f))
    space = {}
    exec(compiled.source(parameters, X, Y), space)
    expected = value_and_grad(f)(parameters, X, Y)
    for value, gradients in (space[f.__name__](parameters, X, Y), compiled(parameters, X, Y)):
        np.testing.assert_allclose(value, expected[0], 1e-14)
        for name, gradient in gradients.items():
            np.testing.assert_allclose(gradient, expected[1][name], 1e-12, 1e-14)
    own = {"np", "zeros", "c", "ones", "c_2", "zero", f.__name__}
    assert {name for name in space if not name.startswith("__")} <= own


def test_the_error_of_the_last_layer_is_a_minus_y_over_m():
    lines = statements(jit(value_and_grad(cost)).source(parameters, X, Y))
    i = lines.index("dZ2 = np.subtract(t1, Y, t1)")
    assert lines[i + 1] == "dZ2 *= c_2"
    assert "c_2 = np.array(0.2)" in jit(value_and_grad(cost)).source(parameters, X, Y)
    assert not [line for line in lines if "/" in line or "np.log(" in line]


def test_large_products_go_into_memory_that_is_kept():
    wide = {**parameters, "W1": np.ones((300, 2)), "b1": np.ones((300, 1)), "W2": np.ones((1, 300))}
    many, labels = np.ones((2, 500)), np.ones((1, 500))
    compiled = jit(value_and_grad(cost))
    source = compiled.source(wide, many, labels)
    assert "Z1 = W1.dot(X, for_Z1)" in source
    space = {}
    exec(source, space)
    for _ in range(3):
        np.testing.assert_allclose(space["cost"](wide, many, labels)[1]["W1"], compiled(wide, many, labels)[1]["W1"])


SCRIPT = """
import numpy as np
from tinygrad_dnn import jit, value_and_grad, hvp, relu
def f(p, X, k):
    A = {name: np.dot(p[name], X) for name in p}
    return np.sum(relu(sum(A.values())) ** 2) * k
p = {name: np.ones((2, 3)) for name in "abcde"}
print(jit(value_and_grad(f)).source(p, np.ones((3, 4)), 2.0))
print(jit(lambda x, v: hvp(lambda x: np.sum(np.sin(x) ** 3), x, v)).source(np.ones(3), np.ones(3)))
"""


def test_the_text_is_the_same_in_every_process():
    texts = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        result = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
        texts.add(result.stdout)
    assert len(texts) == 1
    assert "def f(p, X, k):" in texts.pop()


def test_the_text_does_not_depend_on_what_was_compiled_before():
    first = jit(value_and_grad(cost)).source(parameters, X, Y)
    jit(grad(lambda x: np.sum(np.exp(x))))(X)
    assert jit(value_and_grad(cost)).source(parameters, X, Y) == first


HOSTILE = [
    "a b",
    '"',
    "\n",
    "x\nraise SystemExit",
    "'''",
    "import",
    "np",
    "1",
    "é",
    "\\",
    "{0}",
    "}",
    "#",
    "\0",
    "",
    "free",
    "def",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_harmless(name):
    w = Tensor(np.ones((2, 2)), name=name, requires_grad=False)

    def f(a):
        Z = (w @ a).named(name)
        return np.sum(relu(Z).named(name) ** 2)

    compiled = jit(grad(f))
    space = {}
    exec(compiled.source(X), space)
    np.testing.assert_array_equal(space["f"](X), compiled(X))
    np.testing.assert_allclose(compiled(X), grad(f)(X))


def test_the_name_of_a_file_is_harmless():
    space = {"np": np, "__name__": "elsewhere"}
    exec(compile("def f(a):\n    return np.sin(a) * 2", "evil\nraise SystemExit(1)\r.py", "exec"), space)
    source = jit(space["f"]).source(X)
    alone = {}
    exec(source, alone)
    np.testing.assert_array_equal(alone["f"](X), np.sin(X) * 2)


def test_the_name_of_a_function_is_harmless():
    for name in ("<lambda>", "class", "a b", "x\nraise SystemExit", "np", "é"):
        f = lambda x: np.exp(x) + 1  # noqa: E731
        f.__name__ = name
        space = {}
        exec(jit(f).source(X), space)
        made = space[name if name == "é" else "program"]
        np.testing.assert_array_equal(made(X), np.exp(X) + 1)


def test_what_comes_from_outside_stands_in_the_text_as_it_is_now():
    W = np.ones((2, 2))
    compiled = jit(lambda a: W @ a)
    compiled(X)
    W[0, 0] = 5.0
    space = {}
    exec(compiled.source(X), space)
    np.testing.assert_allclose(space["program"](X), W @ X)


def test_classes_of_results_stand_in_the_text():
    Pair = namedtuple("Pair", "a b")
    compiled = jit(lambda a: Pair(a * 2, OrderedDict(q=a, r=float("nan"))))
    space = {}
    exec(compiled.source(X), space)
    result = space["program"](X)
    np.testing.assert_array_equal(result.a, 2 * X)
    assert type(result.b) is OrderedDict
    assert np.isnan(result.b["r"])
    assert type(compiled(X)) is Pair


def test_unused_arguments_are_not_taken_apart():
    source = jit(lambda p, unused: p["a"] * 2).source({"a": X, "b": Y}, X)
    assert '"b"' not in source
    assert statements(source)[0] == 'a = p["a"]'


def test_second_order_is_readable_too():
    source = jit(lambda x, v: hvp(lambda x: np.sum(sigmoid(x)), x, v)).source(X, X)
    assert len(statements(source)) < 25


@pytest.mark.parametrize("name", ["free", "kept", "memory"])
def test_arguments_may_be_called_as_what_the_program_keeps(name):
    space = {"np": np}
    exec(f"def f({name}, x):\n    return np.sum(np.tanh({name} @ x) @ {name})", space)
    large = np.random.default_rng(0).random((100, 100))
    f = space["f"]
    assert jit(f)(large, large) == pytest.approx(f(large, large), rel=1e-12)


def test_what_is_returned_is_copied_before_its_memory_is_free_for_others():
    lines = jit(lambda x: (x @ x).T).source(np.ones((100, 100))).splitlines()
    copied = next(i for i, line in enumerate(lines) if ".copy()" in line)
    assert copied < next(i for i, line in enumerate(lines) if ".append(" in line)


def test_copies_of_one_result_are_several():
    first, *others = jit(lambda x: ((y := x @ x).T, y.T, y.T, np.sum(x @ y)))(np.ones((100, 100)))
    assert not any(np.shares_memory(first, other) for other in others[:2])
    assert not np.shares_memory(*others[:2])


def test_a_number_that_was_computed_beforehand_is_written_as_one():
    f = value_and_grad(lambda t: np.mean((np.exp(t[0]) - 1) * np.log(np.array([1.0, 2.0, 3.0]))))
    t = np.array([0.1, 0.2])
    for found, expected in zip(jit(f)(t), f(t)):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("call", [lambda x: np.vstack([x, x]), lambda x: np.polyval([1.0, 2.0], x)])
def test_what_numpys_own_lines_apply_is_of_the_line_that_calls_them(call):
    source = jit(call).source(np.ones(3))
    assert "test_source.py:" in source
    assert "_impl.py" not in source
    assert "shape_base" not in source


@pytest.mark.parametrize("file", ["<stdin>", "/tmp/ipykernel_4711/1743353030.py"])
def test_what_was_typed_in_has_lines_and_no_file(file):
    typed = {"np": np}
    exec(compile("def f(x):\n    return np.sum(np.tanh(x) ** 2)\n", file, "exec"), typed)
    assert re.search(r"# \(3,\)  line 2$", jit(typed["f"]).source(np.ones(3)), re.M)
