"""A network with data, checked once, and its cost as a function of any one array in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..dnn import manual
from ..dnn.manual._checks import check_labels, check_network, first_wrong
from ..dnn.manual.activations import activation_named, activations_of
from ..dnn.manual.costs import cost_after
from ..dnn.manual.network import Masks, masked
from .arguments import floats

Array = np.ndarray


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
        last = self.activations[-1]
        at_0 = bool(self.AL.min() < np.finfo(self.AL.dtype).tiny)
        at_1 = bool(self.AL.max() == 1)
        return (at_0 and last in ("sigmoid", "softmax")) or (at_1 and last == "sigmoid")

    def cost_of(self, name: str) -> tuple[Callable[[Array], float], Array]:
        """Return J as a function of W, b, Z or A of some layer alone, computed by hand, and that array.

        Of a float64 array J is computed in float64, whatever the parameters are.

        Examples
        --------
        >>> case = network_case({"W1": np.array([[2.0]]), "b1": np.array([[0.0]])}, [[1.0]], [[1]], None, None, 0.0)
        >>> J, Z1 = case.cost_of("Z1")
        >>> print(Z1, round(J(Z1), 6) == round(float(np.log(1 + np.exp(-2))), 6))
        [[2.]] True
        """
        kind, l = name[0], int(name[1:])
        (before, W, b), Z = self.caches[l - 1]
        g = activation_named("compare", self.activations[l - 1]).forward
        if kind == "A":
            return lambda A: self._cost_from(l, Z, A), g(Z)[0]
        if kind == "Z":
            return lambda Z: self._cost_from(l, Z, g(Z)[0]), Z

        if kind == "b":
            linear = W @ before
            return lambda b: self._cost_from(l, linear + b, g(linear + b)[0]), b
        W0, Z0 = W, Z

        def cost(W: Array) -> float:
            # Z is linear in W, so that what has moved in W moves Z; the rest of a large product stays as it is.
            moved = W - W0
            columns = moved.any(axis=0)
            Z = Z0 + moved[:, columns] @ before[columns]
            return self._cost_from(l, Z, g(Z)[0]) + self._penalty({f"W{l}": W})

        return cost, W0

    def _cost_from(self, l: int, Z: Array, A: Array) -> float:
        """Return the cost, without the penalty, from one layer on."""
        for k in range(l + 1, self.L + 1):
            W, b = self.parameters[f"W{k}"], self.parameters[f"b{k}"]
            Z = W @ masked(A, self.masks, k - 1) + b
            A, _ = activation_named("compare", self.activations[k - 1]).forward(Z)
        J = cost_after(self.activations[-1])
        try:
            return float(J.from_Z(Z, self.Y) if self.saturated else J.forward(A, self.Y))
        except ValueError:  # a difference that leaves the domain of the logarithm
            return float("nan")

    def _penalty(self, changed: Mapping[str, Array]) -> float:
        return float(manual.l2_penalty({**self.parameters, **changed}, self.lambd, self.m)) if self.lambd else 0.0


def network_case(
    parameters: Any, X: Any, Y: Any, activations: Sequence[str] | None, masks: Masks | None, lambd: float,
) -> NetworkCase:  # fmt: skip
    """Check parameters, data and labels against each other, and run the hand-derived forward pass.

    Parameters and errors are those of `compare`.
    """
    if not isinstance(parameters, Mapping):
        raise ValueError(
            f"compare: parameters is a {type(parameters).__name__}, and must be a dict with W1, b1, ..., WL, bL."
        )
    arrays = {str(name): _finite(name, floats(value)) for name, value in parameters.items()}
    dtype = np.result_type(np.float32, *arrays.values())
    arrays = {name: value.astype(dtype, copy=False) for name, value in arrays.items()}
    X = _finite("X", floats(X)).astype(dtype, copy=False)
    names = activations_of("compare", check_network("compare", X, arrays), activations)
    AL, caches = manual.L_model_forward(X, arrays, names, masks=masks)
    Y = _labels(floats(Y), AL).astype(dtype, copy=False)
    return NetworkCase(arrays, X, Y, names, masks, float(lambd), AL, caches)


def _finite(name: str, array: Array) -> Array:
    if np.isfinite(array).all():
        return array
    entry, value = first_wrong(name, array, ~np.isfinite(array))
    raise ValueError(
        f"compare: {entry} is {value}, and there is no gradient to compare. np.isfinite finds such entries."
    )


def _labels(Y: Array, AL: Array) -> Array:
    check_labels("compare", "AL", AL, Y)
    wrong = ~((Y >= 0) & (Y <= 1))
    if wrong.any():
        entry, value = first_wrong("Y", Y, wrong)
        raise ValueError(
            f"compare: {entry} is {value}, and labels are 0 or 1. For classes numbered 0 to C-1 end the "
            "network with softmax over C rows, and take np.eye(C)[:, numbers] for Y."
        )
    return Y
