"""Any NumPy cost with any hand-written gradient: run on Tensors, differenced, and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.errors import GradientError
from ..core.pytree import mapped
from ..core.tensor import Tensor
from ..support.difference import Difference, tolerance_of
from ..transforms import gradients as derivatives
from .arguments import called, like, matched, name_of, named_leaves, part, place_of_scalar
from .comparison import Comparison
from .gradient_causes import reasons
from .row import Row
from .symptoms import mismatch

Array = np.ndarray


def check_gradients(
    cost: Callable[..., Any],
    gradients: Any,
    parameters: Any,
    *data: Any,
    finite_differences: bool = True,
    tolerance: float | None = None,
    seed: int = 1,
) -> Comparison:
    """Compare a hand-written gradient with autodiff through the cost, and both with finite differences.

    Parameters
    ----------
    cost : callable
        ``cost(parameters, *data)`` returns the cost, a scalar, alone or in a tuple with other things. Written in NumPy;
        it is run on Tensors as it is.
    gradients : callable, or what it returns
        Takes what `cost` takes; returns a dict (``"dW1"`` or ``"W1"`` for ``"W1"``), a list or tuple in the order of
        the parameters, or one array for one parameter. A dict may come in a tuple with other things. What such a
        function returned will do as well.
    parameters : dict, tuple, list or array
        What to differentiate by. The functions get a dict or a list as one argument; if they name the keys of the
        dict as arguments of their own, or it is a tuple, each array by itself, as ``cost(w, b, X, Y)``. It is not
        changed.
    *data
        What else the functions take, as constants.
    finite_differences, tolerance, seed
        As for `compare`.

    Returns
    -------
    Comparison
        A row for each parameter; false, as ``.ok`` is, where not all agree.

    Raises
    ------
    DetachedError
        If the cost does not depend on the parameters, or left the graph on the way.
    ShapeError
        If the cost is no scalar.
    ValueError
        If there is not one gradient for each parameter.

    Examples
    --------
    >>> def cost(w, b, X, Y):
    ...     A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    ...     return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    >>> def by_hand(w, b, X, Y):
    ...     dZ = 1 / (1 + np.exp(-(np.dot(w.T, X) + b))) - Y
    ...     return {"dw": np.dot(X, dZ.T) / X.shape[1], "db": np.sum(dZ)}
    >>> X, Y = np.array([[1.0, 2.0, -1.0], [3.0, 0.5, -3.2]]), np.array([[1, 0, 1]])
    >>> result = check_gradients(cost, by_hand, {"w": np.array([[0.1], [0.2]]), "b": 0.3}, X, Y)
    >>> result.ok, [(row.quantity, row.verdict) for row in result.rows]
    (False, [('dw', 'agrees'), ('db', 'differs')])
    """
    names, leaves = named_leaves(cost, parameters)
    tensors = [Tensor(leaf, name=name) for name, leaf in zip(names, leaves, strict=True)]
    returned = called(cost, like(parameters, tensors), data)
    place = place_of_scalar(returned, cost)
    J = part(returned, place).reshape(())
    by_autodiff = derivatives(J, tensors)
    by_hand = matched(_by_hand(gradients, parameters, leaves, data), gradients, names)

    def run(arrays: list[Any]) -> float:
        return float(np.reshape(part(called(cost, like(parameters, arrays), data), place), ()))

    rows = []
    for k, (name, leaf, derivative) in enumerate(zip(names, leaves, by_autodiff, strict=True)):
        row, hand = _row(f"d{name}", derivative, by_hand.get(name), by_hand)
        row = replace(row, tolerance=_tolerance(leaf, hand) if tolerance is None else tolerance)
        if finite_differences:
            row = row.differenced(derivative, hand, _numerical_cost(run, leaves, k), leaf, seed)
        rows.append(row)
    title = f"{name_of(gradients)} by hand, against autodiff through {name_of(cost)}"
    return Comparison(title, _explained(rows, J, tensors, by_autodiff, by_hand, data), float(J.item()))


def assert_gradients(
    cost: Callable[..., Any], gradients: Any, parameters: Any, *data: Any, **options: Any
) -> Comparison:
    """Call `check_gradients`, and raise unless all rows agree; for tests.

    Raises
    ------
    GradientError
        An AssertionError with the table and the reasons as its text, and the comparison as its `.report`.

    Examples
    --------
    >>> assert_gradients(lambda w: np.sum(w**2), lambda w: 2 * w, np.array([1.0, 2.0])).ok
    True
    >>> assert_gradients(lambda w: np.sum(w**2), lambda w: -2 * w, np.array([1.0, 2.0]))
    Traceback (most recent call last):
        ...
    tinygrad_dnn.errors.GradientError: <lambda> by hand, against autodiff through <lambda>; J = 5
    ...
    dw: It has the wrong sign.
    1 of 1 gradients do not agree: dw differs.
    ...
    """
    found = check_gradients(cost, gradients, parameters, *data, **options)
    if not found:
        raise GradientError(found)
    return found


def _by_hand(gradients: Any, parameters: Any, leaves: Sequence[Array], data: Sequence[Any]) -> Any:
    """Return what the hand-written function makes of copies, which it may change."""
    if not callable(gradients):
        return gradients
    return called(gradients, like(parameters, [leaf.copy()[()] for leaf in leaves]), mapped(_copied, data))


def _explained(
    rows: list[Row],
    J: Tensor,
    tensors: list[Tensor],
    right: list[Array],
    by_hand: Mapping[str, Any],
    data: Sequence[Any],
) -> list[Row]:
    """Add the causes of what differs, as far as a small mistake in the backward pass explains it."""
    if len(by_hand) < len(tensors):
        return rows
    yours = [_plain(by_hand[str(x.name)]) for x in tensors]
    wrong = [i for i, row in enumerate(rows) if row.verdict == "differs" and mismatch(yours[i], right[i]) is not None]
    found = reasons(J, tensors, yours, right, wrong, data) if wrong else {}
    return [
        row.explained(*found[i]) if i in found and row.cause in (None, "shape") else row for i, row in enumerate(rows)
    ]


def _plain(x: Any) -> Array:
    return np.asarray(x.array if isinstance(x, Tensor) else x)


def _row(quantity: str, autodiff: Array, hand: Any, others: Mapping[str, Any]) -> tuple[Row, Array | None]:
    """Return the row, and the hand-written value if it can be compared."""
    row = Row(quantity, autodiff.shape, None)
    if hand is None:
        given = ", ".join(f"d{name}" for name in others)
        return replace(row, message=f"There is no {quantity} among the gradients; there are {given}."), None
    hand = _plain(hand)
    if hand.dtype.kind not in "fiub":
        message = f"It is of dtype {hand.dtype}, and must be an array of real numbers of shape {autodiff.shape}."
        return row.explained("dtype", message), None
    if hand.shape != autodiff.shape and not hand.size == autodiff.size == 1:
        kept = hand.size == autodiff.size and np.squeeze(hand).shape == np.squeeze(autodiff).shape
        remedy = "keepdims=True keeps the axis that a sum takes away." if kept else ""
        message = f"It has shape {hand.shape}, and must have that of its parameter, {autodiff.shape}. {remedy}".strip()
        return row.explained("keepdims" if kept else "shape", message), None
    hand = hand.reshape(autodiff.shape)
    row = replace(row, hand=Difference.between(autodiff, hand))
    if not np.isfinite(hand).all():
        return row.explained("nan", "It has entries that are NaN or infinite."), hand
    return row, hand


def _tolerance(leaf: Array, hand: Array | None) -> float:
    """Return the tolerance of the less precise of the two."""
    return tolerance_of(*(a.dtype for a in (leaf, hand) if a is not None))


def _numerical_cost(run: Callable[[list[Any]], float], leaves: list[Array], k: int) -> Callable[[Array], float]:
    """Return the cost as a function of the k-th parameter alone, on plain arrays in float64."""
    wide = [leaf.astype(np.float64) for leaf in leaves]
    return lambda x: run([(x if i == k else leaf).copy()[()] for i, leaf in enumerate(wide)])


def _copied(x: Any) -> Any:
    return x.copy() if isinstance(x, Array) else x
