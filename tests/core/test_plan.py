"""Planned backward passes: the leaves, the order and the bits of the walk; what is unusual is walked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tinygrad_dnn import Tensor, no_grad, relu, scope, sigmoid, value_and_grad
from tinygrad_dnn.core import _plan, observe
from tinygrad_dnn.core.backprop import backprop
from tinygrad_dnn.core.primitive import declared

from ..ops.table import Row, every_differentiable_op


@pytest.fixture(autouse=True)
def planned_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Plan at the first walk, with nothing left over from other tests."""
    monkeypatch.setattr(_plan, "FIRST_AFTER", 1)
    before = {op: op.plans for op in declared}
    for op in declared:
        op.plans = _plan.Plans()
    yield
    for op, plans in before.items():
        op.plans = plans


class NoPlans:
    """What stands in for the plans of an op where the walk is wanted."""

    def run(self, *given: Any) -> None: ...

    def walked(self, *given: Any) -> None: ...


def walked(root: Tensor, bar: Any) -> list[tuple[Any, Any]]:
    plans, root.op.plans = root.op.plans, NoPlans()
    found = list(backprop(root, bar, every=False))
    root.op.plans = plans
    return found


def same(found: Any, wanted: Any) -> None:
    """Compare two results of a walk: tensors by identity, cotangents by their bytes."""
    found, wanted = list(found), list(wanted)
    assert [x.id for x, _ in found] == [x.id for x, _ in wanted]
    for (_, a), (_, b) in zip(found, wanted, strict=True):
        assert type(a) is type(b)
        assert (a.shape, a.dtype, a.tobytes()) == (b.shape, b.dtype, b.tobytes())


def passes(root: Tensor) -> int:
    return len(root.op.plans.passes)


def network(leaves: dict[str, Tensor], X: Any, Y: Any) -> Tensor:
    A1 = relu(leaves["W1"] @ X + leaves["b1"])
    A2 = sigmoid(leaves["W2"] @ A1 + leaves["b2"])
    return -1 / Y.shape[1] * np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


def drawn(m: int = 4, dtype: str = "float64") -> tuple[dict[str, Tensor], Any, Any]:
    rng = np.random.default_rng(m)
    shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
    leaves = {name: Tensor(rng.standard_normal(shape).astype(dtype)) for name, shape in shapes.items()}
    return leaves, rng.standard_normal((2, m)).astype(dtype), (rng.random((1, m)) > 0.5).astype(dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_planned_pass_gives_the_bits_of_the_walk(dtype: str) -> None:
    leaves, X, Y = drawn(dtype=dtype)
    for step in range(4):
        J = network(leaves, X + step, Y)
        same(backprop(J, np.ones_like(J.array), every=False), walked(J, np.ones_like(J.array)))
        assert passes(J) == 1


@every_differentiable_op
def test_every_op(row: Row) -> None:
    """Each op behind and before others, its inputs used twice: first walked, then planned if it can be."""

    leaves = [Tensor(x) for x in row.variables]
    with np.errstate(all="ignore"):
        for _ in range(3):
            inputs = [x * 1.0 for x in leaves]
            y = row.function(*inputs)
            root = np.sum(y * 0.5 + y)
            for x in inputs:
                root = root + np.sum(x * x) + np.sum(x * 0.25)
            bar = np.ones_like(root.array)
            same(backprop(root, bar, every=False), walked(root, bar))


def changed(change: str) -> tuple[Tensor, dict[str, Tensor]]:
    """Return a graph like that of `network` but for one thing."""
    leaves, X, Y = drawn(5 if change == "another shape" else 4)
    if change == "a leaf was frozen":
        leaves["b1"].requires_grad = False
    if change == "a tensor in the place of a constant":
        X = Tensor(X)
    if change == "an array that was written to":
        X = Tensor(X) * 1
        X[0, 0] = 2.0
    if change == "another order":
        leaves = {name: Tensor(leaves[name].array) for name in reversed(leaves)}
    return network(leaves, X, Y), leaves


CHANGES = [
    "nothing", "another shape", "a leaf was frozen", "a tensor in the place of a constant",
    "an array that was written to", "another order",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("first", ["nothing", "a tensor in the place of a constant"])
def test_a_graph_that_is_not_alike_is_walked(change: str, first: str) -> None:
    before, _ = changed(first)
    before.backward()
    assert passes(before) == 1
    J, leaves = changed(change)
    bar = np.ones_like(J.array)
    fits = J.op.plans.run(J, bar)
    assert (fits is not None) == (change == first)
    same(backprop(J, bar, every=False), walked(J, bar))
    for leaf in leaves.values():
        leaf.grad = None
    J.backward()
    assert all((leaf.grad is not None) == leaf.requires_grad for leaf in leaves.values())


def test_a_mask_in_the_place_of_numbers_is_walked() -> None:
    """A product with a mask selects, so that the zeros of what follows are strong."""
    x = Tensor([0.0, 4.0])

    def root(weights: Any) -> Tensor:
        return np.sum(np.sqrt(x) * weights)

    with np.errstate(divide="ignore"):
        for weights in (np.array([1.0, 2.0]), np.array([False, True])):
            root(weights).backward()
            x.zero_grad()
        root(np.array([False, True])).backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.25])


def test_a_pass_that_meets_an_infinite_derivative_is_left_to_the_walk() -> None:
    """Behind a choice zeros are strong: a planned pass gives what arrives only where it is finite."""
    for values, expected in (([4.0, 4.0], [0.25, 0.25]), ([0.0, 4.0], [0.0, 0.25]), ([4.0, 1.0], [0.25, 0.5])):
        x = Tensor(values)
        J = np.sum(np.where(x.numpy() > 0, np.sqrt(x), 0.0))
        assert (J.op.plans.run(J, np.float64(1.0)) is not None) == (expected == [0.25, 0.5])
        with np.errstate(divide="ignore"):
            J.backward()
        np.testing.assert_array_equal(x.grad, expected)


def test_a_deep_network_is_planned() -> None:
    W, X = [Tensor(np.full((3, 3), 0.1 * (l + 1))) for l in range(4)], np.arange(9.0).reshape(3, 3)
    for _ in range(3):
        A = X
        for weights in W:
            A = relu(weights @ A - 0.1)
        J = np.sum(A)
        same(backprop(J, np.float64(1.0), every=False), walked(J, np.float64(1.0)))
    assert J.op.plans.run(J, np.float64(1.0)) is not None


def test_a_retained_gradient_is_given() -> None:
    x = Tensor([1.0, 2.0])
    for retain in (False, False, True, False):
        y = x * x
        if retain:
            y.retain_grad()
        np.sum(y * 3.0).backward()
        assert (y.__dict__.get("grad") is not None) == retain


def test_an_observer_sees_the_way_back() -> None:
    class Seen:
        def __init__(self) -> None:
            self.contributions = 0

        def forward(self, out: Any, values: Any) -> None: ...

        def backward(self, out: Any, x: Any, x_bar: Any) -> None:
            self.contributions += 1

    x, seen = Tensor([1.0, 2.0]), Seen()
    for _ in range(3):
        np.sum(x * x).backward()
    with observe(seen):
        J = np.sum(x * x)
    J.backward()
    assert seen.contributions == 3


def test_scopes_and_no_grad_change_nothing() -> None:
    x = Tensor([1.0, 2.0])
    for i in range(3):
        x.zero_grad()
        with scope(f"step {i}"):
            J = np.sum(x * x)
        with no_grad():
            J.backward()
        np.testing.assert_array_equal(x.grad, [2.0, 4.0])
        assert passes(J) == 1


def test_a_second_backward_adds_again() -> None:
    x = Tensor([1.0, 2.0])
    J = np.sum(x * x)
    for times in range(1, 5):
        J.backward()
        np.testing.assert_array_equal(x.grad, times * np.array([2.0, 4.0]))


def test_the_functional_form_is_planned_too() -> None:
    step = value_and_grad(lambda w: np.sum(np.tanh(w) * w))
    w = np.array([0.5, -1.0])
    first = step(w)[1]
    for _ in range(3):
        np.testing.assert_array_equal(step(w)[1], first)


def test_sizes_that_are_rare_are_never_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_plan, "FIRST_AFTER", 3)
    x = Tensor(1.5)
    built = []
    monkeypatch.setattr(_plan, "planned_pass", lambda *given: built.append(given))
    root = x * 1.0
    root.op.plans = _plan.Plans()
    for n in range(20):
        y = x
        for _ in range(n % 10):
            y = y + x
        (y * 1.0).backward()
    assert not built
    for _ in range(3):
        (x * 1.0 * 1.0).backward()
    assert len(built) == 1


def test_few_passes_are_kept() -> None:
    x = Tensor([1.0, 2.0])
    for n in range(2, 14):
        for _ in range(2**n):
            J = np.sum(x * np.ones((n, 2)))
            J.backward()
    assert passes(J) == 8
