"""Any NumPy cost with any hand-written gradient: run on Tensors if it can be, differenced, and compared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..core.backprop import backprop
from ..core.errors import DetachedError, GradientError
from ..core.pytree import mapped, rebuilt
from ..core.tensor import Tensor
from ..support.difference import LENIENT, Difference, tolerance_of
from ..transforms import gradients as derivatives
from .arguments import called, matched, name_of, named_leaves, part, place_of_scalar
from .comparison import Comparison
from .gradient_causes import reasons
from .row import Row
from .symptoms import mismatch

Array = np.ndarray

UNTRACED = (
    "The cost could not be run on Tensors ({}), so the gradients are compared with finite differences alone, and no "
    "line is told."
)


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
        ``cost(parameters, *data)`` returns the cost, a scalar, alone or first in a tuple with other things. Any
        callable will do, a compiled one too; one written in NumPy is run on Tensors as well, for the reasons.
    gradients : callable, or what it returns, or True
        Takes what `cost` takes; returns a dict (``"dW1"`` or ``"W1"`` for ``"W1"``), a list or tuple in the order of
        the parameters, nested as they are, or one array for one parameter. Other things may come with it in a tuple,
        the cost before it. True, or `cost` again, is for one function that returns the cost and its gradients.
    parameters : dict, tuple, list or array
        What to differentiate by, nested at will. The functions get a dict or a list as one argument; if they name the
        keys of the dict as arguments of their own, or it is a tuple, each part by itself, as ``cost(w, b, X, Y)``. It
        is not changed.
    *data
        What else the functions take, as constants.
    finite_differences, tolerance, seed
        As for `compare`.

    Returns
    -------
    Comparison
        A row for each parameter; false, as ``.ok`` is, where not all agree. At a kink every slope between the one-sided
        ones agrees; where the cost is NaN nothing is judged.

    Raises
    ------
    DetachedError
        If the cost does not depend on the parameters.
    ShapeError
        If the cost is no scalar.
    ValueError
        If there is not one gradient for each parameter, or the cost is not the same twice.

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
    case = _Case(cost, parameters, data)
    autodiff = case.by_autodiff
    J = case.checked_cost() if finite_differences or autodiff is None else float(autodiff.J.item())
    if autodiff is not None and abs(autodiff.J.item() - J) > LENIENT * max(1.0, abs(J)):
        autodiff = None  # on Tensors it is another function, as of matrices or of the dtype
    source = cost if gradients is True else gradients
    by_hand = matched(_by_hand(source, case), source, case.names, case.leaves)
    rows = []
    for k, (name, leaf) in enumerate(zip(case.names, case.leaves, strict=True)):
        right = None if autodiff is None else autodiff.right[k]
        row, hand = _row(f"d{name}", leaf, right, by_hand.get(name), by_hand)
        dtypes = [a.dtype for a in (leaf, hand) if a is not None]
        row = replace(row, tolerance=tolerance_of(*dtypes) if tolerance is None else tolerance)
        row = row if autodiff is None else replace(row, floor=autodiff.rounding(dtypes))
        if not np.isfinite(J):
            row = replace(row, judged=False)
        elif finite_differences or autodiff is None:
            row = row.differenced(right, hand, case.by_one(k), leaf, seed)
        rows.append(row)
    if autodiff is None and np.isfinite(J):
        case.refuse_constant()
    compared_with = (
        f"finite differences of {name_of(cost)}" if autodiff is None else f"autodiff through {name_of(cost)}"
    )
    notes = [UNTRACED.format(case.hindrance)] if autodiff is None else []
    if not np.isfinite(J):
        notes = [f"The cost is {J} at these parameters: it has no gradient there, and nothing can be judged."]
    explained = rows if autodiff is None else _explained(rows, autodiff, by_hand, data)
    return Comparison(f"{name_of(source)} by hand, against {compared_with}", explained, J, notes)


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


class _Autodiff(NamedTuple):
    """The cost on Tensors, and its gradients; `scale` is the largest number in the backward pass."""

    J: Tensor
    tensors: list[Tensor]
    right: list[Array]
    scale: float

    def rounding(self, dtypes: Sequence[Any]) -> float:
        """Return how far rounding may move a gradient, which is a sum of terms as large as `scale`."""
        return float(500 * max(np.finfo(d if d.kind == "f" else float).eps for d in dtypes) * self.scale)


@dataclass
class _Case:
    """A cost with its parameters and data, and why it could not be run on Tensors (`hindrance`)."""

    cost: Callable[..., Any]
    parameters: Any
    data: Sequence[Any]
    hindrance: str = ""

    def __post_init__(self) -> None:
        self.names, self.leaves = named_leaves(self.cost, self.parameters)

    def arguments(self, arrays: Sequence[Array]) -> Any:
        """Return the parameters with copies of these arrays in them."""
        return rebuilt(self.parameters, [array.copy()[()] for array in arrays])

    def plain(self, arrays: Sequence[Array]) -> float:
        """Return the cost, computed in NumPy alone and with copies of the data."""
        returned = called(self.cost, self.arguments(arrays), mapped(_copied, tuple(self.data)))
        return float(np.reshape(part(returned, place_of_scalar(returned, self.cost)), ()))

    def by_one(self, k: int) -> Callable[[Array], float]:
        """Return the cost as a function of the k-th parameter alone, in float64."""
        wide = [leaf.astype(np.float64) for leaf in self.leaves]
        return lambda x: self.plain([x if i == k else leaf for i, leaf in enumerate(wide)])

    def checked_cost(self) -> float:
        """Return the cost, which must be the same twice.

        Raises
        ------
        ValueError
            If it is not.
        """
        first, *others = (self.plain(self.leaves) for _ in range(3))
        if not all(np.array_equal(first, other, equal_nan=True) for other in others):
            raise ValueError(
                f"check_gradients: {name_of(self.cost)} returned {first} and {others} for the same arguments (random "
                "numbers? a counter?), so that it has no derivative to compare; make its generator inside it, from a "
                "fixed seed"
            )
        return first

    @cached_property
    def by_autodiff(self) -> _Autodiff | None:
        """The cost run on Tensors; None where that is not possible."""
        tensors = [Tensor(leaf, name=name) for name, leaf in zip(self.names, self.leaves, strict=True)]
        try:
            with np.errstate(all="ignore"):
                returned = called(self.cost, rebuilt(self.parameters, tensors), mapped(_copied, tuple(self.data)))
                J = part(returned, place_of_scalar(returned, self.cost))
                right = derivatives(J.reshape(()), tensors)
                walk = backprop(J, np.ones(J.shape))
                scale = max(float(np.nanmax(np.abs(x_bar), initial=0.0)) for _, x_bar in walk)
        except Exception as error:  # any code may stand there
            self.hindrance = f"{type(error).__name__}: {error!s:.80}"
            return None
        return _Autodiff(J, tensors, right, scale)

    def refuse_constant(self) -> None:
        """Raise if no change of the parameters changes the cost.

        Raises
        ------
        DetachedError
            If the cost is the same at other parameters.
        """
        rng, value = np.random.default_rng(0), self.plain(self.leaves)
        if all(self.plain([x + rng.normal(size=x.shape) for x in self.leaves]) == value for _ in range(3)):
            raise DetachedError(
                f"check_gradients: {name_of(self.cost)} returned {[type(value).__name__]}, which is not connected with "
                "the parameters: other parameters give the same; compute with the arguments as they come"
            )


def _by_hand(gradients: Any, case: _Case) -> Any:
    """Return what the hand-written function makes of copies, which it may change."""
    if not callable(gradients):
        return gradients
    return called(gradients, case.arguments(case.leaves), mapped(_copied, tuple(case.data)))


def _explained(rows: list[Row], autodiff: _Autodiff, by_hand: Mapping[str, Any], data: Sequence[Any]) -> list[Row]:
    """Add the causes of what differs, as far as a small mistake in the backward pass explains it."""
    J, tensors, right, _ = autodiff
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


def _row(
    quantity: str, leaf: Array, right: Array | None, hand: Any, others: Mapping[str, Any]
) -> tuple[Row, Array | None]:
    """Return the row, and the hand-written value if it can be compared."""
    row = Row(quantity, leaf.shape, None)
    if hand is None:
        given = ", ".join(f"d{name}" for name in others)
        return replace(row, message=f"There is no {quantity} among the gradients; there are {given}."), None
    hand = _plain(hand)
    if hand.dtype.kind not in "fiub":
        message = f"It is of dtype {hand.dtype}, and must be an array of real numbers of shape {leaf.shape}."
        return row.explained("dtype", message), None
    if hand.shape != leaf.shape and not hand.size == leaf.size == 1:
        kept = hand.size == leaf.size and np.squeeze(hand).shape == np.squeeze(leaf).shape
        remedy = "keepdims=True keeps the axis that a sum takes away." if kept else ""
        message = f"It has shape {hand.shape}, and must have that of its parameter, {leaf.shape}. {remedy}".strip()
        return row.explained("keepdims" if kept else "shape", message), None
    hand = hand.reshape(leaf.shape)
    row = row if right is None else replace(row, hand=Difference.between(right, hand))
    if not np.isfinite(hand).all():
        return row.explained("nan", "It has entries that are NaN or infinite."), hand
    return row, hand


def _copied(x: Any) -> Any:
    return x.copy() if isinstance(x, Array) else x
