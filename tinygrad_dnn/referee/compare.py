"""Compare autodiff with the hand-derived formulas, for a whole network, layer by layer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import Array
from ..dnn import manual
from ..dnn.costs import cost_after, l2_penalty
from ..dnn.manual import costs
from ..dnn.manual._checks import check_labels, check_network, first_wrong
from ..dnn.manual.activations import activation_named, activations_of
from ..dnn.manual.network import Masks, masked
from ..dnn.network import forward, tensors
from ..support.difference import Difference, tolerance_of
from ..support.words import checked_language
from ..transforms import gradients
from .comparison import Comparison
from .formulas import hand_formula
from .gradients.arguments import floats
from .row import Row
from .words import worded

CONVENTION, SHORTCUT = worded("convention"), worded("shortcut")


def compare(
    parameters: Mapping[str, Any], X: object, Y: object, activations: Sequence[str] | None = None, *,
    masks: Masks | None = None, lambd: float = 0.0, finite_differences: bool = True, tolerance: float | None = None,
    seed: int = 1, language: str = "en",
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
    language : {"en", "zh"}
        Of the text and the table.

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
    checked_language("compare", language)
    case = network_case(parameters, X, Y, activations, masks, lambd)
    cost, by_autodiff = _by_autodiff(case)
    by_hand, rows = _by_hand(case), []
    masked_layers = [l for l, mask in enumerate(case.masks or (), start=1) if mask is not None]
    for name, derivative in by_autodiff.items():
        over_m = name[:2] in ("dZ", "dA")  # by hand it carries no 1/m
        hand = by_hand[name] / case.m if over_m else by_hand[name]
        formula = hand_formula(name, case.activations, masked_layers, bool(lambd), case.saturated)
        row = Row(
            name, derivative.shape, Difference.between(derivative, hand), over_m=over_m, formula=formula,
            tolerance=tolerance_of(case.X.dtype) if tolerance is None else tolerance,
        )  # fmt: skip
        if finite_differences:
            row = row.differenced(derivative, hand, *case.cost_of(name[1:]), seed)
        rows.append(row)
    sizes = "-".join(str(len(A)) for A in (case.X, *(Z for _, Z in case.caches)))
    title = f"Network {sizes} ({', '.join(case.activations)}), m = {case.m}, {case.X.dtype}"
    title += (f", L2 penalty with λ = {case.lambd:g}" if case.lambd else "") + ", dropout" * bool(masked_layers)
    return Comparison(title, rows, cost, [CONVENTION, *([SHORTCUT] if case.saturated else [])], language)


@dataclass(frozen=True)
class NetworkCase:
    """Parameters and data in one dtype, and what the hand-derived forward pass makes of them."""

    parameters: dict[str, Array]
    X: Array
    Y: Array
    activations: Sequence[str]
    masks: Masks | None
    lambd: float
    AL: Array
    caches: list[Any]

    @property
    def L(self) -> int:
        return len(self.activations)

    @property
    def m(self) -> int:
        return int(self.X.shape[1])

    @property
    def saturated(self) -> bool:
        """True where dAL would divide by 0 although dZL is known."""
        at_0, at_1 = bool(self.AL.min() < np.finfo(self.AL.dtype).tiny), bool(self.AL.max() == 1)
        return {"sigmoid": at_0 or at_1, "softmax": at_0}.get(self.activations[-1], False)

    def cost_of(self, name: str) -> tuple[Callable[[Array], float], Array]:
        """Return J, by hand and in the dtype of its argument, as a function of one array of a layer, and that array."""
        kind, l = name[0], int(name[1:])
        (before, W, b), Z = self.caches[l - 1]
        g = activation_named("compare", self.activations[l - 1]).forward
        at = {"W": W, "b": b, "Z": Z, "A": g(Z)[0]}[kind]

        def cost(x: Array) -> float:
            moved, penalty = x - at, 0.0
            if kind == "W":  # Z is linear in W: what has moved moves Z, the rest of a large product stays as it is
                columns = moved.any(axis=0)
                moved = moved[:, columns] @ before[columns]
                weights = {**self.parameters, name: x}
                penalty = float(manual.l2_penalty(weights, self.lambd, self.m)) if self.lambd else 0.0
            linear = Z if kind == "A" else Z + moved
            A = x if kind == "A" else g(linear)[0]
            for k in range(l + 1, self.L + 1):
                linear = self.parameters[f"W{k}"] @ masked(A, self.masks, k - 1) + self.parameters[f"b{k}"]
                A, _ = activation_named("compare", self.activations[k - 1]).forward(linear)
            J = costs.cost_after(self.activations[-1])
            try:
                return penalty + float(J.from_Z(linear, self.Y) if self.saturated else J.forward(A, self.Y))
            except ValueError:  # a difference that leaves the domain of the logarithm
                return float("nan")

        return cost, at


def network_case(
    parameters: Any, X: Any, Y: Any, activations: Sequence[str] | None, masks: Masks | None, lambd: float,
) -> NetworkCase:  # fmt: skip
    """Check parameters, data and labels against each other, and run the hand-derived forward pass."""
    if not isinstance(parameters, Mapping):
        raise ValueError(worded("no dict", kind=type(parameters).__name__))
    arrays = {str(name): _finite(name, value) for name, value in parameters.items()}
    dtype = np.result_type(np.float32, *arrays.values())
    arrays = {name: value.astype(dtype, copy=False) for name, value in arrays.items()}
    X = _finite("X", X).astype(dtype, copy=False)
    names = activations_of("compare", check_network("compare", X, arrays), activations)
    AL, caches = manual.L_model_forward(X, arrays, names, masks=masks)
    Y = floats(Y)
    check_labels("compare", "AL", AL, Y)
    if (wrong := ~((Y >= 0) & (Y <= 1))).any():
        entry, value = first_wrong("Y", Y, wrong)
        raise ValueError(worded("labels", entry=entry, value=value))
    return NetworkCase(arrays, X, Y.astype(dtype, copy=False), names, masks, float(lambd), AL, caches)


def _finite(name: str, given: object) -> Array:
    array: Array = floats(given)
    if not np.isfinite(array).all():
        entry, value = first_wrong(name, array, ~np.isfinite(array))
        raise ValueError(worded("not finite", entry=entry, value=value))
    return array


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
        in_full = manual.L_model_backward_in_full
        return in_full(case.AL, case.Y, case.caches, case.activations, masks=case.masks, lambd=case.lambd)
    grads: dict[str, Array] = {}
    dZ = case.AL - case.Y
    for l in range(case.L, 0, -1):
        dA, dW, db = manual.linear_backward(dZ, case.caches[l - 1][0], lambd=case.lambd)
        grads |= {f"dZ{l}": dZ, f"dW{l}": dW, f"db{l}": db}
        if l > 1:
            dA = grads[f"dA{l - 1}"] = masked(dA, case.masks, l - 1)
            dZ = activation_named("compare", case.activations[l - 2]).backward(dA, case.caches[l - 2][1])
    return grads
