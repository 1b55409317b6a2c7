"""Arrays of other libraries stay what they are: values, gradients, looks, refusals."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import sys
import tracemalloc
import warnings
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import dask
import dask.array
import numpy as np
import pytest

import tinygrad_dnn.numpy as tnp
from tests.arrays.kinds import STAND_IN, Kind, everywhere
from tests.arrays.strict import Strict
from tests.arrays.table import OUTCOMES, PAGE, REFUSED, RIGHT, ROWS, document, outcomes
from tinygrad_dnn import (
    Tensor,
    checkpoint,
    derive,
    draw,
    explore,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    log_softmax,
    primitive,
    relu,
    sigmoid,
    trace,
    value_and_grad,
)  # fmt: skip
from tinygrad_dnn.core.arrays import LARGEST_READ
from tinygrad_dnn.dnn.network import cost_and_gradients
from tinygrad_dnn.errors import DtypeError, NoRuleError, ShapeError, TracingError

KINDS = everywhere()
every_kind = pytest.mark.parametrize("kind", KINDS, ids=repr)
refusing = pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.mixes], ids=repr)


@pytest.fixture(autouse=True)
def _overflow_in_a_worker():
    """Dask computes outside np.errstate, so that a warning of exp comes through."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "overflow", RuntimeWarning)
        yield


def network(layers: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    sizes = [*[5, 4, 3, 4][:layers], 1]
    parameters = {}
    for l, (n, k) in enumerate(pairwise(sizes), 1):
        parameters |= {f"W{l}": rng.standard_normal((k, n)) * 0.5, f"b{l}": rng.standard_normal((k, 1)) * 0.1}
    return parameters, rng.standard_normal((5, 6)), (rng.random((1, 6)) > 0.5) * 1.0


def plain_cost(parameters: Any, X: Any, Y: Any) -> Any:
    A, layers = X, len(parameters) // 2
    for l in range(1, layers + 1):
        Z = np.dot(parameters[f"W{l}"], A) + parameters[f"b{l}"]
        A = np.maximum(0, Z) if l < layers else 1 / (1 + np.exp(-Z))
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / Y.shape[1]


def library_cost(parameters: Any, X: Any, Y: Any) -> Any:
    A, layers = X, len(parameters) // 2
    for l in range(1, layers + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        A = relu(Z) if l < layers else sigmoid(Z)
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))


def made(kind: Kind, tree: Any) -> Any:
    return {name: kind.make(x) for name, x in tree.items()} if isinstance(tree, dict) else kind.make(tree)


def data(kind: Kind, x: Any) -> Any:
    """A constant: arrays of the standard leave an operand that they do not know no turn."""
    return Tensor(kind.make(x), requires_grad=False) if kind.name == "array-api-strict" else kind.make(x)


def assert_same(kind: Kind, found: Any, expected: Any) -> None:
    keys = list(expected)
    for actual, key in zip(kind.host([found[key] for key in keys]), keys):
        np.testing.assert_allclose(actual, expected[key], rtol=1e-12, atol=1e-14)


@every_kind
@pytest.mark.parametrize("cost", [plain_cost, library_cost])
@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_networks_have_the_gradients_of_numpy(kind, cost, layers):
    parameters, X, Y = network(layers)
    J, grads = value_and_grad(cost)(parameters, X, Y)
    dense = kind.name == "sparse"  # only the data are sparse
    leaves = parameters if dense else made(kind, parameters)
    J_there, found = value_and_grad(cost)(leaves, data(kind, X), Y if dense else data(kind, Y))
    assert_same(kind, {"J": J_there, **found}, {"J": J, **grads})
    if not dense:
        assert {type(J_there), *map(type, found.values())} == {type(kind.make(X))}


@every_kind
def test_second_derivatives_and_directions(kind):
    parameters, X, Y = network(2)
    v = {name: np.cos(x) for name, x in parameters.items()}
    expected = hvp(lambda p: plain_cost(p, X, Y), parameters, v)
    slope = jvp(lambda p: plain_cost(p, X, Y), (parameters,), (v,))[1]
    dense = kind.name == "sparse"
    leaves, direction = (parameters, v) if dense else (made(kind, parameters), made(kind, v))
    X_there, Y_there = data(kind, X), Y if dense else data(kind, Y)
    if kind.name == "array-api-strict":
        direction = {name: Tensor(x, requires_grad=False) for name, x in direction.items()}
    assert_same(kind, hvp(lambda p: plain_cost(p, X_there, Y_there), leaves, direction), expected)
    found = jvp(lambda p: plain_cost(p, X_there, Y_there), (leaves,), (direction,))[1]
    assert_same(kind, {"slope": found}, {"slope": slope})


@every_kind
def test_what_a_selection_has_not_taken_counts_exactly_zero(kind):
    x = np.array([-1.0, 4.0])
    costs = [lambda x: np.sum(np.sqrt(relu(x))), lambda x: np.sum(np.sqrt(np.maximum(x, 0.0) * 4.0))]
    with np.errstate(all="ignore"):
        for cost, slope in zip(costs, (0.25, 0.5)):
            assert_same(kind, {"x": grad(cost)(kind.make(x))}, {"x": np.array([0.0, slope])})


@every_kind
def test_backward_leaves_gradients_where_the_leaves_are(kind):
    x = np.array([[1.0, -2.0, 0.5]])
    t = Tensor(kind.make(x), name="t")
    for _ in range(2):
        np.sum(t * t + t).backward()
    assert type(t.grad) is type(kind.make(x)), "added to, too"
    assert_same(kind, {"g": t.grad}, {"g": 2 * (2 * x + 1)})
    assert type(t.data) is type(t.detach()) is type(kind.make(x))
    assert (t * 1).numpy().tolist() == x.tolist() == t.tolist()
    assert np.sum(t).item() == -0.5
    assert bool(np.sum(t) < 0)
    assert "shape (1, 3)" in repr(t)


@pytest.mark.parametrize("kind", [pytest.param(k, marks=[pytest.mark.slow] * k.mixes) for k in KINDS], ids=repr)
def test_ops_are_as_the_page_says(kind):
    page = json.loads(OUTCOMES.read_text("utf-8"))
    few = {"Dask": 3, "sparse": 1}.get(kind.name, 1000)  # samples of an op: the page is written with all of them
    for name, found in outcomes(kind, few).items():
        assert found.startswith((RIGHT, REFUSED)), f"{name}: {found}"
        assert found == RIGHT or name in page[kind.name], f"{name}: {found}"


def test_the_page_is_written_from_the_outcomes():
    refused = json.loads(OUTCOMES.read_text("utf-8"))
    assert PAGE.read_text("utf-8") == document(refused)
    right = {kind: len(ROWS) - len(ops) for kind, ops in refused.items()}
    assert right["Dask"] >= 133
    assert right["JAX"] >= 145
    assert right["PyTorch"] >= 111


@refusing
def test_operands_on_the_host_and_on_a_device(kind):
    device, host = Tensor(kind.make(np.ones((2, 3)))), np.ones((2, 3))
    for mixed in (lambda: device * host, lambda: host + device, lambda: device @ Tensor(host.T)):
        with pytest.raises(NoRuleError, match=r"operand [01] is an ndarray of shape .*, on the host, and beside it"):
            mixed()
    with pytest.raises(NoRuleError, match="backward: operand 1 is an ndarray"):
        (device * 2).backward(host)


def test_a_stand_in_is_never_converted_and_never_looked_at():
    t = Tensor(Strict(np.array([1.0, 4.0])))
    y = np.where(t > 2, np.sqrt(t), 0.0)
    np.sum(y).backward()
    assert t.grad.get().tolist() == [0.0, 0.25]


def test_an_array_changed_in_place_leaves_recorded_values_alone():
    there = Strict(np.array([1.0, 2.0]))
    t = Tensor(Strict(np.array([3.0, 3.0])))
    y = np.sum(t * there)
    there.entries[:] = 100.0
    y.backward()
    assert t.grad.get().tolist() == [1.0, 2.0]
    before = t.data
    before.entries[0] = 7.0  # the leaf's own array
    assert np.sum(t).item() == 10.0
    t.data = Strict(np.array([0.5, 0.5]))
    assert t.numpy().tolist() == [0.5, 0.5]


def counting() -> tuple[Any, list[int]]:
    """A Dask array, and how often its entries were computed."""
    number = []

    def block() -> Any:
        number.append(1)
        return np.arange(6.0).reshape(2, 3)

    return dask.array.from_delayed(dask.delayed(block)(), (2, 3), float), number


def test_nothing_is_computed_before_it_is_asked_for():
    x, number = counting()
    W = Tensor(np.ones((1, 2)), name="W")
    J = np.mean(np.log(1 + np.exp(W @ x)) + relu(x[0]))
    J.backward()
    _, found = value_and_grad(lambda w: np.sum((w @ x) ** 2))(np.ones((1, 2)))
    assert isinstance(J.data, dask.array.Array)
    assert isinstance(W.grad, dask.array.Array)
    assert "Tensor(<a dask Array of shape ()>" in repr(J)
    repr(Tensor(x)), str(J), copy.copy(Tensor(x)), pickle.dumps(W)
    assert not number
    dask.compute(J.data, W.grad, found, scheduler="sync")
    assert len(number) == 1
    assert J.item() > 0
    assert len(number) == 2


def network_of_the_course(kind, layers):
    parameters, X, Y = network(layers)
    J, grads = cost_and_gradients(parameters, X, Y)
    dense = kind.name == "sparse"  # only the data are sparse
    there = parameters if dense else made(kind, parameters)
    J_there, found = cost_and_gradients(there, kind.make(X), Y if dense else kind.make(Y))
    assert dense or {type(J_there), *map(type, found.values())} == {type(kind.make(X))}
    assert_same(kind, {"J": J_there, **found}, {"J": J, **grads})


@every_kind
@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_a_network_of_the_course(kind, layers):
    network_of_the_course(kind, layers)


def test_a_file_that_is_only_read_is_not_copied(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.ones((512, 1024)))
    X = np.load(path, mmap_mode="r")
    W = Tensor(np.ones((1, 512)))
    for x in (X, np.asarray(X), X[:, 1:], Tensor(X, requires_grad=False)):
        y = W @ x
        assert np.shares_memory(y.operands[1], X)
        assert np.sum(y).item() == 512 * y.shape[1]
    writable = np.load(path, mmap_mode="c")
    assert not np.shares_memory((W @ writable).operands[1], writable)
    T = Tensor(X)
    T.data[0, 0] = 5.0  # a leaf gets memory of its own when it is written to
    assert X[0, 0] == 1.0


@pytest.mark.parametrize(("more", "remedy"), [({}, "dask.array.from_array"), ({"to_numpy": 1}, r"x\.to_numpy\(\)")])
def test_large_tables_and_files_are_refused_with_the_line_that_helps(more, remedy):
    def read(self: Any, dtype: Any = None, copy: Any = None) -> Any:
        raise AssertionError("read")

    kind = type("Dataset", (SimpleNamespace,), {"__array__": read, **more})
    large = kind(shape=(LARGEST_READ // 8 + 1,), dtype=np.dtype(float))
    table = type("Table", (SimpleNamespace,), {"__array__": read, "to_pandas": 1})
    with pytest.raises(DtypeError, match=r"x\.to_pandas\(\)\.to_numpy\(\)"):
        Tensor(table(shape=(2, 2), nbytes=LARGEST_READ + 1))
    column = type("Dataset", (list,), {"__array__": read, "nbytes": LARGEST_READ + 1, **more})([1.0, 2.0])
    for use in (lambda: Tensor(large), lambda: Tensor(np.ones(1)) * large, lambda: Tensor(column)):
        with pytest.raises(DtypeError, match=f"Dataset of shape .* has 64 MiB.*{remedy}"):
            use()


def peak_of(make: Any) -> int:
    """The most memory, in bytes, that a computation of lazy results takes beyond what was there before."""
    results = make()
    gc.collect()
    tracemalloc.start()
    try:
        dask.compute(results, scheduler="sync")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_peak_of_memory_is_that_of_a_program_by_hand():
    n, m, chunks = 64, 24_000, 12
    load = dask.delayed(lambda i: np.random.default_rng(i).standard_normal((n, m // chunks)))
    X = dask.array.concatenate([dask.array.from_delayed(load(i), (n, m // chunks), float) for i in range(chunks)], 1)
    Y = (X[:1] > 0) * 1.0
    rng = np.random.default_rng(0)
    P = {"W1": rng.standard_normal((4, n)) * 0.1, "b1": np.zeros((4, 1)), "W2": np.ones((1, 4)), "b2": np.zeros((1, 1))}

    def by_hand():
        Z1 = P["W1"] @ X + P["b1"]
        A1 = np.maximum(Z1, 0)
        A2 = 1 / (1 + np.exp(-(P["W2"] @ A1 + P["b2"])))
        J = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
        dZ2 = (A2 - Y) / m
        dZ1 = (P["W2"].T @ dZ2) * (Z1 > 0)
        return J, dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True)

    _, here = peak_of(by_hand), peak_of(by_hand)  # the first one imports modules
    assert here < X.nbytes / 2, "some chunks at a time"
    for cost in (plain_cost, library_cost):
        assert peak_of(lambda cost=cost: value_and_grad(cost)(P, X, Y)) < 1.3 * here


def test_a_lazy_array_may_be_larger_than_what_is_read():
    x = dask.array.zeros((2, LARGEST_READ // 8), chunks=(2, 1 << 20))
    J, dW = value_and_grad(lambda w: np.mean((w @ x - 1.0) ** 2))(np.ones((1, 2)))
    assert isinstance(dW, dask.array.Array)
    assert J.shape == ()
    assert max(np.prod(chunks) for chunks in (J.numblocks, dW.numblocks)) == 1


def test_what_cannot_be_is_refused():
    with pytest.raises(NoRuleError, match=r"sort of shapes \(3,\): np.sort: a dask Array .* has no such function"):
        np.sort(Tensor(dask.array.ones(3)))
    with pytest.raises(TracingError, match=r'argument x is a dask Array.*backend="jax"'):
        jit(lambda x: x * 2)(dask.array.ones(3))
    with pytest.raises(IndexError, match="out of bounds"):
        Tensor(STAND_IN.make(np.ones(3)))[3]
    with pytest.raises(NoRuleError, match="depends on the entries"):
        assert Tensor(dask.array.ones(3)).value
    with pytest.raises(NoRuleError, match="never converted unasked"):
        np.asarray(Tensor(dask.array.ones(3)).value)


CHOICES = {
    "list": lambda w, i: np.sum(w[:, [0, 2, 2]] ** 2),
    "places": lambda w, i: np.sum(w[:, i] ** 2),
    "labels": lambda w, i: -np.sum(log_softmax(w, axis=1)[np.arange(2), i]),
    "argmax": lambda w, i: np.sum(w[np.arange(2), np.argmax(w, axis=1)] ** 3),
    "mask": lambda w, i: np.sum(w[w > 0] ** 3),
    "mask of rows": lambda w, i: np.sum(w[np.array([True, False])] ** 3),
}


def chosen_there(kind, name):
    """Compare with NumPy what an index chooses, on the host and beside the array; return the outcome of each."""
    w, i, choice, answers = np.arange(6.0).reshape(2, 3) - 2, np.array([2, 0]), CHOICES[name], []
    J, dw = value_and_grad(choice)(w, i)
    curved = hvp(lambda w: choice(w, i), w, w)
    for index in (i, kind.make(i)):
        try:
            J_there, found = value_and_grad(choice)(kind.make(w), index)
            twice = hvp(lambda w, index=index: choice(w, index), kind.make(w), kind.make(w))
        except NoRuleError as error:
            answers.append(f"{REFUSED}: {error}")
        else:
            assert_same(kind, {"J": J_there, "dw": found, "hvp": twice}, {"J": J, "dw": dw, "hvp": curved})
            answers.append(RIGHT)
    return answers


@pytest.mark.parametrize("name", CHOICES)
def test_indices_on_the_host_and_on_a_device(name):
    assert chosen_there(STAND_IN, name) == [RIGHT, RIGHT]


@pytest.mark.parametrize(("name", "words"), [("mask", "only its entries tell the shape"), ("places", "as an ndarray")])
def test_indices_that_would_have_to_be_computed_are_refused(name, words):
    here, there = chosen_there(KINDS[0], name)
    assert words in there
    assert here == (there if name == "mask" else RIGHT)


def test_lazy_arrays_in_a_list_are_not_computed():
    x, number = counting()
    for use in (lambda: Tensor([x[0], x[1]]), lambda: Tensor(np.ones(3)) * [x[0], x[1]]):
        with pytest.raises(DtypeError, match=r"a dask Array of shape .* is never converted unasked: stack those of"):
            Tensor(np.ones(1)) * use()
    assert not number
    assert np.stack([Tensor(x[0]), x[1]]).shape == (2, 3)


def test_a_lazy_index_is_not_computed():
    x, number = counting()
    np.sum(Tensor(dask.array.ones(10))[x[0].astype(int)])
    assert not number


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name != "sparse"], ids=repr)
def test_jacobians_and_checkpoints(kind):
    w = np.array([[1.0, -2.0, 0.5]])
    cost = lambda w: np.sum(np.tanh(w) ** 2)  # noqa: E731
    leaf = kind.make(w)
    there = {"J": jacobian(lambda w: w**3)(leaf), "g": grad(checkpoint(cost))(leaf), "H": hessian(cost)(leaf)}
    assert {type(x) for x in there.values()} == {type(leaf)}
    assert_same(kind, there, {"J": jacobian(lambda w: w**3)(w), "g": grad(cost)(w), "H": hessian(cost)(w)})


@every_kind
def test_writing_to_such_an_array_is_refused(kind):
    z = Tensor(kind.make(np.ones((2, 3)))) * 2.0
    with pytest.raises(TypeError, match=r"arrays of other libraries cannot be written to; use np\.where"):
        z[0] = 0.0


def test_a_rule_may_return_what_its_library_does():
    cube = primitive(vjp=lambda y_bar, y, x: (y_bar * 3 * x**2).raw)(lambda x: x * x * x)
    t = Tensor(Strict(np.array([1.0, 2.0])))
    np.sum(cube(t)).backward()
    assert t.grad.get().tolist() == grad(lambda x: np.sum(cube(x)))(t.data).get().tolist() == [3.0, 12.0]


MIXED = {
    "weights": lambda a: np.average(a[0], weights=np.arange(1.0, 4)),
    "solve": lambda a: np.sum(np.linalg.solve(a[:, :2] + 5 * np.eye(2), np.ones(2))),
    "log det": lambda a: np.linalg.slogdet(a @ a.T + np.eye(2))[1],
}


@pytest.mark.parametrize("name", MIXED)
def test_sparse_and_dense_arrays_together(name):
    kind, w = KINDS[1], np.arange(6.0).reshape(2, 3) - 2
    J, dw = value_and_grad(MIXED[name])(w)
    J_there, found = value_and_grad(MIXED[name])(kind.make(w))
    assert type(found) is type(kind.make(w))
    assert_same(kind, {"J": J_there, "dw": found}, {"J": J, "dw": dw})


@every_kind
def test_a_rule_may_return_an_ndarray(kind):
    w, slope = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    known = primitive(vjp=lambda y_bar, y, x: slope)(lambda x: np.sum(x * x))
    found = grad(known)(kind.make(w))
    assert type(found) is type(kind.make(w))
    assert_same(kind, {"w": found}, {"w": slope})


def test_a_product_that_its_library_refuses_says_why():
    w = Tensor(KINDS[1].make(np.eye(2)))
    with pytest.raises(ShapeError, match=r"matmul of shapes .*requires zero fill values"):
        sigmoid(w) @ w
    with pytest.raises(ShapeError, match=r"inner sizes.*the last of a is 2 and the first of b is 3"):
        w @ KINDS[1].make(np.ones((3, 2)))


@pytest.mark.parametrize("cost", [plain_cost, library_cost])
def test_a_step_multiplies_no_more_matrices_than_by_hand(cost, monkeypatch):
    met, computed = [], Strict._computed
    monkeypatch.setattr(Strict, "_computed", lambda self, f, *args: (met.append(f), computed(self, f, *args))[1])
    parameters, X, Y = network(3)
    value_and_grad(cost)(made(STAND_IN, parameters), Strict(X), Strict(Y))
    assert met.count(np.matmul.__call__) == 3 + 3 + 2


def test_gradients_of_what_does_not_depend():
    x, z = Tensor(dask.array.ones(3)), Tensor(dask.array.ones(2))
    (found,) = gradients(np.sum(x), [z])
    assert isinstance(found, dask.array.Array)
    assert found.compute().tolist() == [0.0, 0.0]


def test_a_program_with_the_functions_of_cupy(monkeypatch):
    module = type(np)("cupy")
    vars(module).update({name: x for name, x in vars(np).items() if not name.startswith("__")})
    monkeypatch.setitem(sys.modules, "cupy", module)
    parameters, X, Y = network(2)
    expected = jit(value_and_grad(plain_cost))(parameters, X, Y)
    step = jit(value_and_grad(plain_cost), backend="cupy")
    for found in (step(parameters, X, Y), step(parameters, X, Y)):
        assert found[0] == expected[0]
        assert_same(STAND_IN._replace(host=list), found[1], expected[1])
    assert step.source(parameters, X, Y).startswith("import cupy as np")
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(ModuleNotFoundError, match=r'jit\(..., backend="jax"\) needs jax'):
        jit(plain_cost, backend="jax")


LOOKS = {
    "derive": lambda t: derive(np.sum(t**2)),
    "draw": lambda t: draw(np.sum(t**2)),
    "explore": lambda t: explore(np.sum(t**2)),
    "trace": lambda t: trace(lambda w: np.sum(w**2), t.data),
    "assign": lambda t: tnp.zeros(3).__setitem__(0, t[0]),
    "jit": lambda t: jit(lambda w: np.sum(w**2))(t.data),
}


@every_kind
@pytest.mark.parametrize("name", LOOKS)
def test_what_reads_numbers_names_the_array_whose_numbers_it_never_fetches(kind, name):
    t = Tensor(kind.make(np.arange(3.0)))
    with pytest.raises((NoRuleError, DtypeError, TracingError), match=rf"{type(t.data).__name__} of shape \((3,)?\)"):
        LOOKS[name](t)


def test_complex_numbers_of_another_library_are_named_as_theirs():
    with pytest.raises(DtypeError, match=r"complex128 \(a dask Array of shape \(1,\)\)"):
        Tensor(dask.array.ones(1, dtype=complex))
