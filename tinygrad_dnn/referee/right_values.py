"""The right values: the network as tensors, gradients by autodiff, in the course's conventions.

dA and dZ carry no 1/m: they are m times the derivatives of the mean cost J.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.node import Array
from ..core.tensor import Tensor
from ..dnn import network
from ..dnn.costs import cross_entropy, l2_penalty

ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = {**network.ACTIVATIONS, "linear": lambda Z: Z}

Values = dict[str, Any]


def pulled_back(f: Callable[..., Any], out_bar: object, **arrays: Array | float) -> dict[str, Array]:
    """Return the cotangents of the named arrays, given that of f, called with them in order."""
    tensors = {name: Tensor(array, name=name) for name, array in arrays.items()}
    f(*tensors.values()).backward(np.asarray(out_bar))
    return {name: np.asarray(tensor.grad) for name, tensor in tensors.items()}


def layer_forward(A_prev: Any, W: Any, b: Any, activation: str) -> Any:
    """Return ``g(W A_prev + b)``."""
    return ACTIVATIONS[activation](W @ A_prev + b)


def layer_gradients(A_prev: Array, W: Array, b: Array, activation: str, dA: Array) -> Values:
    """Return dW, db (with 1/m) and dA_prev (without) of one layer, given dA (without)."""
    bars = pulled_back(lambda A_prev, W, b: layer_forward(A_prev, W, b, activation), dA, A_prev=A_prev, W=W, b=b)
    m = np.shape(A_prev)[1]
    return {"dA_prev": bars["A_prev"], "dW": bars["W"] / m, "db": bars["b"] / m}


def network_gradients(
    X: Array, Y: Array, parameters: Mapping[str, Array], hidden: str = "relu", *, lambd: float = 0.0
) -> Values:
    """Return what `L_model_backward` and its relatives may return: dW, db, and m times the derivatives dA, dZ."""
    L, m = len(parameters) // 2, np.shape(Y)[1]
    leaves = network.tensors(parameters)
    values = network.forward(Tensor(X), leaves, [hidden] * (L - 1) + ["sigmoid"])
    J = cross_entropy(values[f"A{L}"], Y) + l2_penalty(leaves, lambd, m)
    J.backward(retain_grads=True)
    gradients = {f"d{name}": np.asarray(tensor.grad) for name, tensor in leaves.items()}
    return gradients | {f"d{name}": m * np.asarray(tensor.grad) for name, tensor in values.items()}
