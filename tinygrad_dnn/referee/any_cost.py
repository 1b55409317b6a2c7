"""Any NumPy cost with any hand-written gradient: run on Tensors, differenced, and compared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.errors import DetachedError, GradientError, ShapeError
from ..core.operands import real_array
from ..core.pytree import mapped
from ..core.tensor import Tensor
from ..transforms import gradients as derivatives
from ..transforms.difference import Difference, tolerance_of
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
    finite_differences : bool
        False leaves them out, for a cost that takes long.
    tolerance : float, optional
        The largest relative difference that is put down to rounding: by default 1e-7 in float64 and 1e-3 in float32.
    seed : int
        Of the entries that are differenced of large arrays.

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
    names, leaves = _named_leaves(cost, parameters)
    tensors = [Tensor(leaf, name=name) for name, leaf in zip(names, leaves, strict=True)]
    returned = _called(cost, _like(parameters, tensors), data)
    place = _place_of_scalar(returned, cost)
    J = _part(returned, place).reshape(())
    by_autodiff = derivatives(J, tensors)
    by_hand = _matched(_by_hand(gradients, parameters, leaves, data), gradients, names)

    def run(arrays: list[Any]) -> float:
        return float(np.reshape(_part(_called(cost, _like(parameters, arrays), data), place), ()))

    rows = []
    for k, (name, leaf, derivative) in enumerate(zip(names, leaves, by_autodiff, strict=True)):
        row, hand = _row(f"d{name}", derivative, by_hand.get(name), by_hand)
        row = replace(row, tolerance=_tolerance(leaf, hand) if tolerance is None else tolerance)
        if finite_differences:
            row = row.differenced(derivative, hand, _numerical_cost(run, leaves, k), leaf, seed)
        rows.append(row)
    title = f"{_name(gradients)} by hand, against autodiff through {_name(cost)}"
    return Comparison(title, _explained(rows, J, tensors, by_autodiff, by_hand, data), float(J.item()))


def assert_gradients(
    cost: Callable[..., Any],
    gradients: Any,
    parameters: Any,
    *data: Any,
    finite_differences: bool = True,
    tolerance: float | None = None,
    seed: int = 1,
) -> Comparison:
    """Raise unless a hand-written gradient agrees with autodiff and finite differences; for tests.

    Parameters
    ----------
    cost, gradients, parameters, *data, finite_differences, tolerance, seed
        As for `check_gradients`.

    Returns
    -------
    Comparison
        All rows agree.

    Raises
    ------
    GradientError
        An AssertionError with the table and the reasons for its text, and the comparison as its `.report`.

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
    found = check_gradients(
        cost, gradients, parameters, *data, finite_differences=finite_differences, tolerance=tolerance, seed=seed
    )
    if not found.ok:
        raise GradientError(found)
    return found


def _by_hand(gradients: Any, parameters: Any, leaves: Sequence[Array], data: Sequence[Any]) -> Any:
    """What the hand-written function returns for copies, which it may change."""
    if not callable(gradients):
        return gradients
    return _called(gradients, _like(parameters, [leaf.copy()[()] for leaf in leaves]), mapped(_copied, data))


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


def _named_leaves(cost: Callable[..., Any], parameters: Any) -> tuple[list[str], list[Array]]:
    """The parameters as arrays, in order, and what to call them."""
    if isinstance(parameters, Mapping):
        names, values = [str(key) for key in parameters], list(parameters.values())
    elif isinstance(parameters, (list, tuple)):
        arguments = _arguments(cost)
        spread = isinstance(parameters, tuple) and len(arguments) >= len(parameters)
        names = arguments[: len(parameters)] if spread else [f"parameters[{i}]" for i in range(len(parameters))]
        values = list(parameters)
    else:
        names, values = (_arguments(cost) or ["parameters"])[:1], [parameters]
    if not values:
        raise ValueError("check_gradients: parameters is empty; give the arrays to differentiate by")
    arrays = [real_array(v.array if isinstance(v, Tensor) else v) for v in values]
    return names, [a if a.dtype.kind == "f" else a.astype(np.float64) for a in arrays]


def _arguments(f: Callable[..., Any]) -> list[str]:
    """The names of the positional arguments, as far as they can be known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (ValueError, TypeError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _like(parameters: Any, leaves: Sequence[Any]) -> Any:
    """Put leaves into the structure of the parameters."""
    if isinstance(parameters, Mapping):
        return dict(zip(parameters, leaves, strict=True))
    return type(parameters)(leaves) if type(parameters) in (list, tuple) else leaves[0]


def _called(f: Callable[..., Any], parameters: Any, data: Sequence[Any]) -> Any:
    """Call f with the parameters as one argument, or each by itself where that is how f takes them."""
    if isinstance(parameters, tuple):
        return f(*parameters, *data)
    arguments = _arguments(f)
    if isinstance(parameters, Mapping) and set(parameters) <= set(arguments):
        others = iter(data)
        positional = [parameters[a] if a in parameters else next(others, None) for a in arguments]
        return f(*positional[: len(parameters) + len(data)])
    return f(parameters, *data)


def _part(returned: Any, place: int | None) -> Any:
    return returned if place is None else returned[place]


def _place_of_scalar(returned: Any, cost: Callable[..., Any]) -> int | None:
    """Where the cost is in a tuple, which may hold a cache too; None for the cost alone."""
    parts = returned if isinstance(returned, (tuple, list)) else [returned]
    scalars = [i for i, part in enumerate(parts) if isinstance(part, Tensor) and part.size == 1 and part.requires_grad]
    if len(scalars) == 1:
        return scalars[0] if parts is returned else None
    shapes = [part.shape if isinstance(part, (Tensor, Array)) else type(part).__name__ for part in parts]
    if any(isinstance(part, Tensor) and part.requires_grad for part in parts):
        raise ShapeError(
            f"check_gradients: {_name(cost)} returned {shapes}; one scalar is wanted, the cost: reduce it (np.sum, "
            "np.mean), and return it alone or as the only scalar of a tuple"
        )
    raise DetachedError(
        f"check_gradients: {_name(cost)} returned {shapes}, which is not connected with the parameters: compute with "
        "them as they come, in NumPy functions, without float(), .item() or .detach()"
    )


def _matched(returned: Any, gradients: Any, names: list[str]) -> dict[str, Any]:
    """The hand-written gradients by the name of the parameter."""
    if isinstance(returned, (tuple, list)):
        mappings = [part for part in returned if isinstance(part, Mapping)]
        returned = mappings[0] if len(mappings) == 1 else returned
    if isinstance(returned, Mapping):
        found = {name: returned[key] for name in names for key in (name, f"d{name}") if key in returned}
        if not found:
            raise ValueError(
                f"check_gradients: {_name(gradients)} returned a dict with the keys {sorted(map(str, returned))}; "
                f"wanted are {', '.join(f'd{name}' for name in names)}, or the same without the d"
            )
        return found
    if len(names) == 1 and not isinstance(returned, (tuple, list)):
        return {names[0]: returned}
    if not isinstance(returned, (tuple, list)) or len(returned) != len(names):
        what = f"{len(returned)} values" if isinstance(returned, (tuple, list)) else f"a {type(returned).__name__}"
        raise ValueError(
            f"check_gradients: {_name(gradients)} returned {what} for the {len(names)} parameters {', '.join(names)}; "
            "return one gradient for each, in that order, or a dict"
        )
    return dict(zip(names, returned, strict=True))


def _row(quantity: str, autodiff: Array, hand: Any, others: Mapping[str, Any]) -> tuple[Row, Array | None]:
    """The row, and the hand-written value if it can be compared."""
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
    """That of the less precise of the two."""
    return tolerance_of(*(a.dtype for a in (leaf, hand) if a is not None))


def _numerical_cost(run: Callable[[list[Any]], float], leaves: list[Array], k: int) -> Callable[[Array], float]:
    """The cost as a function of the k-th parameter alone, run on plain arrays in float64."""
    wide = [leaf.astype(np.float64) for leaf in leaves]
    return lambda x: run([(x if i == k else leaf).copy()[()] for i, leaf in enumerate(wide)])


def _copied(x: Any) -> Any:
    return x.copy() if isinstance(x, Array) else x


def _name(f: Any) -> str:
    return getattr(f, "__name__", type(f).__name__)
