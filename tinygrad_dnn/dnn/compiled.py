"""The cost of the network and its gradients as programs: what `jit` makes of `network.cost`."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from ..jit import jit
from ..transforms import value_and_grad
from . import network

Array = np.ndarray


def _step(
    parameters: Mapping[str, Any], X: Any, Y: Any, activations: Sequence[str] | None, masks: network.Masks | None,
    lambd: float, loss: str,
) -> tuple[Any, dict[str, Any]]:  # fmt: skip
    cost = partial(network.cost, X=X, Y=Y, activations=activations, masks=masks, lambd=lambd, loss=loss)
    J, gradients = value_and_grad(cost)(parameters)
    return J, {f"d{name}": gradient for name, gradient in gradients.items()}


def cost_and_gradients(backend: str = "numpy") -> Callable[..., tuple[Any, dict[str, Array]]]:
    """Return a function that takes the place of `network.cost_and_gradients` and runs as a program.

    Parameters
    ----------
    backend : {"numpy", "numba"}
        As for `jit`.

    Examples
    --------
    >>> parameters = {"W1": np.array([[1.0, -1.0]]), "b1": np.array([[0.0]])}
    >>> J, grads = cost_and_gradients()(parameters, np.eye(2), np.array([[1.0, 0.0]]))
    >>> print(round(J, 6), grads["dW1"].round(6), grads["db1"])
    0.313262 [[-0.134471  0.134471]] [[0.]]
    """
    step = cache(lambda: jit(_step, backend=backend))  # which asks for the backend's libraries

    def compiled(
        parameters: Mapping[str, Any], X: Any, Y: Any, activations: Sequence[str] | None = None, *,
        masks: network.Masks | None = None, lambd: float = 0.0, loss: str = "cross_entropy",
    ) -> tuple[Any, dict[str, Array]]:  # fmt: skip
        names = None if activations is None else tuple(activations)
        J, gradients = step()(parameters, X, Y, names, masks, lambd, loss)
        if not np.isfinite(J):  # the tensor expressions say why
            return network.cost_and_gradients(parameters, X, Y, activations, masks=masks, lambd=lambd, loss=loss)
        return J, gradients

    return compiled
