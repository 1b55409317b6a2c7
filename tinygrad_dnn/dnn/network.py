"""The course's networks as tensor expressions: the forward pass is all there is to write.

The names are the course's: ``A0 = X, Z1 = W1 X + b1, A1 = g1(Z1), ..., AL``; columns are examples. The tensors carry
these names, and the scope of their layer, into formulas and pictures. Arguments are those of the hand-derived side,
`tinygrad_dnn.dnn.manual`, so that either can take the other's place.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core import Tensor, kept, scope
from ..core.backprop import backprop, start
from ..jit import jit
from ..ops.activations import leaky_relu, relu, sigmoid, softmax
from ..transforms import value_and_grad
from .costs import cost_after, held, is_from_Z, l2_penalty
from .manual._checks import Array, check_masks, check_network
from .manual.activations import activation_named, activations_of
from .manual.network import Masks

ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu, "leaky_relu": leaky_relu, "softmax": partial(softmax, axis=0)}
)


def tensors(parameters: Mapping[str, Any]) -> dict[str, Tensor]:
    """Make W1, b1, ..., WL, bL Tensors under the same keys, with their names and the scope of their layer.

    Examples
    --------
    >>> W1 = tensors({"W1": np.eye(2), "b1": np.zeros((2, 1))})["W1"]
    >>> W1.name, W1.scope
    ('W1', ('layer 1',))
    """
    made = {}
    for name, value in parameters.items():
        with scope(f"layer {name[1:]}"):
            made[name] = Tensor(value, name=name)
    return made


def forward(
    X: Any, parameters: Mapping[str, Any], activations: Sequence[str] | None = None, *, masks: Masks | None = None,
    up_to_ZL: bool = False,
) -> dict[str, Tensor]:  # fmt: skip
    """Compute A[l] = g[l](W[l] A[l-1] + b[l]) from A[0] = X to AL.

    Parameters
    ----------
    X, parameters, activations, masks
        As for `manual.L_model_forward`, but an ndarray X becomes a constant called X, and gradients flow to the Tensors
        among the parameters; `dropout_masks` draws masks.
    up_to_ZL : bool
        Leave AL out, for a cost that is computed from ZL.

    Returns
    -------
    values : dict of Tensors
        A0, Z1, A1, ..., ZL, AL; A[l] before its mask, if it has one. Errors are those of `manual.L_model_forward`.

    Examples
    --------
    >>> parameters = {"W1": np.array([[1.0, -1.0]]), "b1": np.array([[0.5]])}
    >>> values = forward(np.array([[1.0, 2.0], [1.0, 4.0]]), tensors(parameters), ["relu"])
    >>> values["Z1"], values["A1"].scope
    (Tensor([[ 0.5, -1.5]], name='Z1'), ('layer 1',))
    """
    L = check_network("forward", X, parameters)
    names = activations_of("forward", L, activations)
    check_masks("forward", masks, [(parameters[f"W{l}"].shape[0], X.shape[1]) for l in range(1, L)])
    A = X if isinstance(X, Tensor) else held(X, "X")
    for name, p in parameters.items():
        if isinstance(p, Tensor) and p.name is None:
            p.named(name)
    values = {"A0": A}
    for l, name in enumerate(names, start=1):
        activation_named("forward", name)
        g, W, b = ACTIVATIONS[name], parameters[f"W{l}"], parameters[f"b{l}"]
        with scope(f"layer {l}"):
            Z = W @ A + b
            if up_to_ZL and l == L:
                values[f"Z{l}"] = Z.named(f"Z{l}")
                break
            A = g(Z)
            values[f"Z{l}"], values[f"A{l}"] = Z.named(f"Z{l}"), A.named(f"A{l}")
            if masks is not None and l < L and (D := masks[l - 1]) is not None:
                A = A * (D if isinstance(D, Tensor) else held(D.astype(A.dtype, copy=False), f"D{l}"))
    return values


def cost(
    parameters: Mapping[str, Any], X: Any, Y: Any, activations: Sequence[str] | None = None, *,
    masks: Masks | None = None, lambd: float = 0.0, loss: str = "cross_entropy",
) -> Tensor:  # fmt: skip
    """Compute the cost J of the network, with the L2 penalty.

    ValueError is raised as by `forward`, and if Y does not fit, or J is not a number (the message says what to do).

    Parameters
    ----------
    parameters, X, activations, masks
        As for `forward`.
    Y : ndarray or Tensor, shape (n[L], m)
        The labels: 0 or 1; after softmax a column for each example with a 1 in the row of its class.
    lambd : float
        The weight of the L2 penalty, see `l2_penalty`.
    loss : {"cross_entropy", "cross_entropy_from_AL", "squared_error"}
        See `cost_after`: the first two are the same function, but only the first is finite for any Z.

    Examples
    --------
    >>> from tinygrad_dnn.dnn.manual import initialize_parameters_deep
    >>> parameters = tensors(initialize_parameters_deep([2, 3, 1], scaling="fan_in"))
    >>> J = cost(parameters, np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1, 0]]))
    >>> J.backward()
    >>> print(round(J.item(), 6), parameters["W2"].grad.round(6))
    0.511568 [[-0.13102  0.       0.     ]]
    """
    L = len(parameters) // 2
    last = activations_of("cost", L, activations)[-1]
    values = forward(X, parameters, activations, masks=masks, up_to_ZL=is_from_Z(last, loss))
    with scope("cost"):
        J: Tensor = cost_after(last, loss)(values[f"Z{L}"], values.get(f"A{L}"), Y)
        if lambd:
            J = J + l2_penalty(parameters, lambd, X.shape[1])
    return J.named("J")


def cost_and_gradients(
    parameters: Mapping[str, Any], X: ArrayLike, Y: ArrayLike, activations: Sequence[str] | None = None, *,
    masks: Masks | None = None, lambd: float = 0.0, loss: str = "cross_entropy",
) -> tuple[Any, dict[str, Array]]:  # fmt: skip
    """Compute what a step of training needs, by autodiff: the cost, and dW and db of every layer.

    It takes the place of `manual.cost_and_gradients`. Parameters and errors are those of `cost`; Tensors among the
    parameters that require no gradient get none.

    Examples
    --------
    >>> parameters = {"W1": np.array([[1.0, -1.0]]), "b1": np.array([[0.0]])}
    >>> J, grads = cost_and_gradients(parameters, np.eye(2), np.array([[1, 0]]))
    >>> print(round(J, 6), grads["dW1"].round(6), grads["db1"])
    0.313262 [[-0.134471  0.134471]] [[0.]]
    """
    leaves = {name: p if isinstance(p, Tensor) else Tensor(p, name=name) for name, p in parameters.items()}
    J = cost(leaves, X, Y, activations, masks=masks, lambd=lambd, loss=loss)
    # Every parameter is a leaf on the way back, so that the walk alone will do: no path has to be searched.
    bars = {x.id: x_bar for x, x_bar in backprop(J, start(J, None, "cost_and_gradients"), every=False)}
    grads = {f"d{name}": kept(bars[p.id], p.dtype) for name, p in leaves.items() if p.requires_grad}
    return J.numpy()[()] if isinstance(J.data, np.ndarray) else J.data, grads


def compiled(backend: str = "numpy") -> Callable[..., tuple[Any, dict[str, Array]]]:
    """Return a function that takes the place of `cost_and_gradients` and runs as a program, on a backend of `jit`."""

    def step(parameters: Mapping[str, Any], X: Any, Y: Any, activations: Any, **options: Any) -> tuple[Any, Any]:
        J, gradients = value_and_grad(cost)(parameters, X, Y, activations, **options)
        return J, {f"d{name}": gradient for name, gradient in gradients.items()}

    program = cache(lambda: jit(step, backend=backend))  # which asks for the backend's libraries

    def run(parameters: Mapping[str, Any], X: Any, Y: Any, activations: Any = None, **options: Any) -> tuple[Any, Any]:
        J, gradients = program()(parameters, X, Y, activations, **options)
        if not np.isfinite(J):  # the tensor expressions say why
            return cost_and_gradients(parameters, X, Y, activations, **options)
        return J, gradients

    return run
