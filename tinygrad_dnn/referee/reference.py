"""The right values: forward passes as plain expressions of Tensors, gradients by autodiff.

In the course's conventions dA and dZ carry no 1/m: they are m times the derivatives of the mean cost J.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..ops.activations import relu, sigmoid

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": sigmoid,
    "relu": relu,
    "tanh": np.tanh,
    "linear": lambda Z: Z,
}

Values = dict[str, Any]


def pulled_back(f: Callable[..., Any], out_bar: Any, **arrays: Any) -> Values:
    """The cotangents of the named arrays, given that of ``f(**arrays)``."""
    tensors = {name: Tensor(array, name=name) for name, array in arrays.items()}
    f(**tensors).backward(np.asarray(out_bar))
    return {name: np.asarray(tensor.grad) for name, tensor in tensors.items()}


def layer_forward(A_prev: Any, W: Any, b: Any, activation: str) -> Any:
    """``g(W A_prev + b)``."""
    return ACTIVATIONS[activation](W @ A_prev + b)


def layer_gradients(A_prev: Any, W: Any, b: Any, activation: str, dA: Any) -> Values:
    """dW, db (with 1/m) and dA_prev (without) of one layer, given dA (without)."""
    bars = pulled_back(lambda A_prev, W, b: layer_forward(A_prev, W, b, activation), dA, A_prev=A_prev, W=W, b=b)
    m = np.shape(A_prev)[1]
    return {"dW": bars["W"] / m, "db": bars["b"] / m, "dA_prev": bars["A_prev"]}


def cross_entropy(AL: Any, Y: Any) -> Any:
    """The mean over the examples of -(Y log AL + (1 - Y) log(1 - AL))."""
    return -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / np.shape(Y)[1]


def network_gradients(
    X: Any,
    Y: Any,
    parameters: Mapping[str, Any],
    hidden: str = "relu",
    *,
    output: str = "sigmoid",
    cost: Callable[[Any, Any], Any] = cross_entropy,
    penalty: Callable[[Mapping[str, Any]], Any] | None = None,
) -> Values:
    """Everything that `L_model_backward` and its relatives may return: dW, db, and m times the derivatives dA, dZ."""
    L, m = len(parameters) // 2, np.shape(Y)[1]
    leaves = {name: Tensor(value, name=name) for name, value in parameters.items()}
    A = Tensor(X, name="A0")
    nodes = {"A0": A}
    for layer in range(1, L + 1):
        Z = leaves[f"W{layer}"] @ A + leaves[f"b{layer}"]
        A = ACTIVATIONS[hidden if layer < L else output](Z)
        nodes |= {f"Z{layer}": Z, f"A{layer}": A}
    J = cost(A, Y) if penalty is None else cost(A, Y) + penalty(leaves)
    J.backward(retain_grads=True)
    gradients = {f"d{name}": np.asarray(tensor.grad) for name, tensor in leaves.items()}
    return gradients | {f"d{name}": m * np.asarray(tensor.grad) for name, tensor in nodes.items()}
