"""Compare autodiff with the hand-derived formulas, for a whole network, layer by layer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..dnn import manual
from ..dnn.costs import cost_after, l2_penalty
from ..dnn.manual.activations import activation_named
from ..dnn.manual.network import masked
from ..dnn.network import Masks, forward, tensors
from ..support.difference import Difference, tolerance_of
from ..transforms import gradients
from .comparison import Comparison
from .course import hand_formula
from .network_case import NetworkCase, network_case
from .row import Row

Array = np.ndarray

CONVENTION = (
    "J is a mean over m examples. By hand, dZ and dA carry no 1/m, and dW and db do: the derivatives of J are dZ/m, "
    "dA/m, dW and db, and these are compared."
)
SHORTCUT = (
    "AL has reached exactly 0 or 1, where dAL is no number: both ways start at dZL = AL - Y instead, the cost being "
    "taken from ZL."
)


def compare(
    parameters: Mapping[str, Any], X: Any, Y: Any, activations: Sequence[str] | None = None, *,
    masks: Masks | None = None, lambd: float = 0.0, finite_differences: bool = True, tolerance: float | None = None,
    seed: int = 1,
) -> Comparison:  # fmt: skip
    """Compare the gradients of the course's cost, by autodiff and by hand, with each other and with finite differences.

    Parameters
    ----------
    parameters, X, Y, activations, masks, lambd
        As for `tinygrad_dnn.dnn.cost`; nothing is changed.
    finite_differences : bool
        False leaves them out, which is faster.
    tolerance : float, optional
        The largest relative difference that is put down to rounding: by default 1e-7 in float64 and 1e-3 in float32.
    seed : int
        Of the entries that are differenced of large arrays.

    Returns
    -------
    Comparison
        A row for each of dA, dZ, dW and db of each layer, last layer first. ``.ok`` says whether all agree; it shows
        itself as a table in a terminal and in a notebook, and has ``.to_json()`` and ``.to_csv()``.

    Raises
    ------
    ValueError
        If shapes do not fit, a parameter is missing, or Y or X holds what cannot be labels or data.

    Examples
    --------
    >>> from tinygrad_dnn.dnn import manual
    >>> X, Y = np.array([[1.0, -1.0, 0.2], [0.5, 2.0, -0.3]]), np.array([[1, 0, 1]])
    >>> parameters = manual.initialize_parameters_deep([2, 3, 1], scaling="fan_in")
    >>> result = compare(parameters, X, Y, finite_differences=False)
    >>> result.ok, [row.title for row in result.rows]
    (True, ['dA2 / m', 'dZ2 / m', 'dW2', 'db2', 'dA1 / m', 'dZ1 / m', 'dW1', 'db1'])
    >>> result["dW2"].formula
    '1/m dZ2 A1ᵀ'
    """
    case = network_case(parameters, X, Y, activations, masks, lambd)
    cost, by_autodiff = _by_autodiff(case)
    by_hand = {name: value / case.m if _over_m(name) else value for name, value in _by_hand(case).items()}
    tolerance = tolerance_of(case.X.dtype) if tolerance is None else tolerance
    rows = [_row(case, name, derivative, by_hand[name], tolerance) for name, derivative in by_autodiff.items()]
    if finite_differences:
        rows = [
            row.differenced(by_autodiff[row.quantity], by_hand[row.quantity], *case.cost_of(row.quantity[1:]), seed)
            for row in rows
        ]
    notes = [CONVENTION, *([SHORTCUT] if case.saturated else [])]
    return Comparison(_title(case), rows, cost, notes)


def _over_m(quantity: str) -> bool:
    """Return True if the hand-derived value carries no 1/m."""
    return quantity[:2] in ("dZ", "dA")


def _by_autodiff(case: NetworkCase) -> tuple[float, dict[str, Array]]:
    """Return the cost, and its derivative by every quantity, last layer first."""
    leaves = tensors(case.parameters)
    values = forward(case.X, leaves, case.activations, masks=case.masks)
    loss = "cross_entropy" if case.saturated else "cross_entropy_from_AL"
    J = cost_after(case.activations[-1], loss)(values[f"Z{case.L}"], values[f"A{case.L}"], case.Y)
    if case.lambd:
        J = J + l2_penalty(leaves, case.lambd, case.m)
    names = [f"{kind}{l}" for l in range(case.L, 0, -1) for kind in "AZWb"]
    if case.saturated:
        names.remove(f"A{case.L}")
    found = gradients(J, [leaves[name] if name in leaves else values[name] for name in names])
    return J.item(), {f"d{name}": gradient for name, gradient in zip(names, found, strict=True)}


def _by_hand(case: NetworkCase) -> dict[str, Array]:
    if not case.saturated:
        return manual.L_model_backward_in_full(
            case.AL, case.Y, case.caches, case.activations, masks=case.masks, lambd=case.lambd
        )
    grads: dict[str, Array] = {}
    dZ = case.AL - case.Y
    for l in range(case.L, 0, -1):
        dA, dW, db = manual.linear_backward(dZ, case.caches[l - 1][0], lambd=case.lambd)
        grads |= {f"dZ{l}": dZ, f"dW{l}": dW, f"db{l}": db}
        if l > 1:
            dA = masked(dA, case.masks, l - 1)
            dZ = activation_named("compare", case.activations[l - 2]).backward(dA, case.caches[l - 2][1])
            grads[f"dA{l - 1}"] = dA
    return grads


def _row(case: NetworkCase, quantity: str, autodiff: Array, hand: Array, tolerance: float) -> Row:
    formula = hand_formula(
        quantity,
        case.activations,
        masked=[l for l, mask in enumerate(case.masks or (), start=1) if mask is not None],
        penalised=bool(case.lambd),
        from_Z=case.saturated,
    )
    difference = Difference.between(autodiff, hand)
    return Row(quantity, autodiff.shape, difference, tolerance=tolerance, over_m=_over_m(quantity), formula=formula)


def _title(case: NetworkCase) -> str:
    sizes = [case.X.shape[0], *(case.parameters[f"W{l}"].shape[0] for l in range(1, case.L + 1))]
    return (
        f"Network {'-'.join(map(str, sizes))} ({', '.join(case.activations)}), m = {case.m}, {case.X.dtype}"
        + (f", L2 penalty with λ = {case.lambd:g}" if case.lambd else "")
        + (", dropout" if any(mask is not None for mask in case.masks or ()) else "")
    )
