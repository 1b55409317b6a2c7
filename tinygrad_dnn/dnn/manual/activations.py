"""The activations g and, for each, the step back through it: dZ = dA * g'(Z) (weeks 2 to 4).

As in the course, each forward function takes Z, an array of any shape, and returns ``(A, cache)``: A of the shape of
Z, and Z itself as the cache. Each backward function takes ``(dA, cache)``, both of the shape of Z, returns dZ of that
shape, and raises ValueError if dA has another shape than Z; where there is a `slope`, it is the derivative for Z <= 0.
`ACTIVATIONS` lists the pairs by name.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from ._checks import Array, check_same_shape


def sigmoid(Z: Array) -> tuple[Array, Array]:
    """Squash Z into (0, 1): A = 1 / (1 + exp(-Z)), for Z < 0 as exp(Z) / (1 + exp(Z)), which cannot overflow (week 2).

    Examples
    --------
    >>> A, cache = sigmoid(np.array([[-1000.0, 0.0, 2.0]]))
    >>> A
    array([[0.        , 0.5       , 0.88079708]])
    """
    e = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1, e) / (1 + e), Z


def sigmoid_backward(dA: Array, cache: Array) -> Array:
    """Step back through the sigmoid: dZ = dA * A * (1 - A) (week 3).

    Examples
    --------
    >>> sigmoid_backward(np.array([[1.0, 4.0]]), np.array([[0.0, 0.0]]))
    array([[0.25, 1.  ]])
    """
    check_same_shape("sigmoid_backward", "dA", dA, "Z", cache)
    A, _ = sigmoid(cache)
    dZ: Array = dA * A * (1 - A)
    return dZ


def tanh(Z: Array) -> tuple[Array, Array]:
    """Squash Z into (-1, 1): A = tanh(Z) (week 3).

    Examples
    --------
    >>> tanh(np.array([[0.0, 1.0]]))[0]
    array([[0.        , 0.76159416]])
    """
    return np.tanh(Z), Z


def tanh_backward(dA: Array, cache: Array) -> Array:
    """Step back through tanh: dZ = dA * (1 - A^2) (week 3).

    Examples
    --------
    >>> tanh_backward(np.array([[2.0]]), np.array([[0.0]]))
    array([[2.]])
    """
    check_same_shape("tanh_backward", "dA", dA, "Z", cache)
    A, _ = tanh(cache)
    dZ: Array = dA * (1 - A**2)
    return dZ


def relu(Z: Array) -> tuple[Array, Array]:
    """Let the positive entries through: A = max(0, Z) (week 3).

    Examples
    --------
    >>> relu(np.array([[-2.0, 0.0, 3.0]]))[0]
    array([[0., 0., 3.]])
    """
    return np.maximum(0, Z), Z


def relu_backward(dA: Array, cache: Array) -> Array:
    """Step back through relu: dZ = dA where Z > 0, else 0 (week 3; at the kink g'(0) = 0, as in the course).

    Examples
    --------
    >>> relu_backward(np.array([[5.0, 5.0, 5.0]]), np.array([[-2.0, 0.0, 3.0]]))
    array([[0., 0., 5.]])
    """
    check_same_shape("relu_backward", "dA", dA, "Z", cache)
    return np.where(cache > 0, dA, 0)


def leaky_relu(Z: Array, slope: float = 0.01) -> tuple[Array, Array]:
    """Let the positive entries through, and a little of the negative ones: A = max(0.01 Z, Z) (week 3).

    Examples
    --------
    >>> leaky_relu(np.array([[-2.0, 0.0, 3.0]]))[0]
    array([[-0.02,  0.  ,  3.  ]])
    """
    return np.where(Z > 0, Z, slope * Z), Z


def leaky_relu_backward(dA: Array, cache: Array, slope: float = 0.01) -> Array:
    """Step back through leaky relu: dZ = dA where Z > 0, else 0.01 dA (week 3; at the kink g'(0) = 0.01).

    Examples
    --------
    >>> leaky_relu_backward(np.array([[5.0, 5.0, 5.0]]), np.array([[-2.0, 0.0, 3.0]]))
    array([[0.05, 0.05, 5.  ]])
    """
    check_same_shape("leaky_relu_backward", "dA", dA, "Z", cache)
    return np.where(cache > 0, dA, slope * dA)


def softmax(Z: Array) -> tuple[Array, Array]:
    r"""Turn each column of Z, shape (classes, m), into probabilities of the classes: every column of A sums to 1.

    :math:`a_i = e^{z_i} / \sum_k e^{z_k}`, the sigmoid's counterpart for several classes. Subtracting each column's
    largest entry changes nothing but that no exponential overflows.

    Examples
    --------
    >>> softmax(np.array([[0.0, 1000.0], [0.0, 0.0]]))[0]
    array([[0.5, 1. ], [0.5, 0. ]])
    """
    e = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    return e / np.sum(e, axis=0, keepdims=True), Z


def softmax_backward(dA: Array, cache: Array) -> Array:
    r"""Step back through softmax: dZ = A * (dA - the sum of dA * A over the classes).

    Each entry of a column of Z moves all entries of A's: :math:`\partial a_k / \partial z_i = a_k (\delta_{ik} - a_i)`.
    Times :math:`da_k` and summed over k, that is the line above. After cross-entropy, dA = -Y / A, it comes to A - Y.

    Examples
    --------
    >>> softmax_backward(np.array([[1.0], [0.0]]), np.array([[0.0], [0.0]]))
    array([[ 0.25], [-0.25]])
    """
    check_same_shape("softmax_backward", "dA", dA, "Z", cache)
    A, _ = softmax(cache)
    dZ: Array = A * (dA - np.sum(dA * A, axis=0, keepdims=True))
    return dZ


class Activation(NamedTuple):
    """An activation: ``forward(Z)`` returns ``(A, cache)``, ``backward(dA, cache)`` returns dZ."""

    forward: Callable[[Array], tuple[Array, Array]]
    backward: Callable[[Array, Array], Array]


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "sigmoid": Activation(sigmoid, sigmoid_backward),
        "tanh": Activation(tanh, tanh_backward),
        "relu": Activation(relu, relu_backward),
        "leaky_relu": Activation(leaky_relu, leaky_relu_backward),
        "softmax": Activation(softmax, softmax_backward),
    }
)


def activation_named(function: str, name: str) -> Activation:
    """Return the activation of that name, or raise naming the legal ones."""
    if name not in list(ACTIVATIONS):
        known = ", ".join(sorted(ACTIVATIONS))
        raise ValueError(f"{function}: there is no activation {name!r}. Choose one of {known}.")
    return ACTIVATIONS[name]


def activations_of(function: str, L: int, activations: Sequence[str] | None) -> Sequence[str]:
    """Return a name for each of L layers; None is the course's choice, relu throughout and sigmoid at the end."""
    if activations is None:
        return ["relu"] * (L - 1) + ["sigmoid"]
    if isinstance(activations, str) or len(activations) != L:
        wrong = f"{function}: activations is {activations!r}, and must be a list with a name for each of the {L} layers"
        remedy = f"the course's is {['relu'] * (L - 1) + ['sigmoid']}, which is also what None means."
        raise ValueError(f"{wrong}: {remedy}")
    return activations
