"""One layer, forward and back: Z = W A_prev + b, A = g(Z), and dZ, dA, which carry no 1/m, dW and db (week 4)."""

import numpy as np

from ._checks import Array, Cache, LinearCache, check_examples, check_linear, check_matrix, misfit
from .activations import activation_named


def linear_forward(A: Array, W: Array, b: Array) -> tuple[Array, LinearCache]:
    """Compute the linear part of a layer: Z = W A + b (week 4).

    Parameters
    ----------
    A, W, b : arrays, shapes (n[l-1], m), (n[l], n[l-1]) and (n[l], 1)
        The activations of the layer before (or the data), weights and biases. ValueError is raised for other shapes.

    Returns
    -------
    Z, cache : array, shape (n[l], m), and tuple
        The cache is ``(A, W, b)``, for `linear_backward`.

    Examples
    --------
    >>> linear_forward(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, -1.0]]), np.array([[0.5]]))[0]
    array([[-1.5, -1.5]])
    """
    check_linear("linear_forward", "A", A, W, b)
    return W @ A + b, (A, W, b)


def linear_activation_forward(A_prev: Array, W: Array, b: Array, activation: str) -> tuple[Array, Cache]:
    """Compute a layer, A = g(W A_prev + b), and ``((A_prev, W, b), Z)`` for `linear_activation_backward` (week 4).

    Parameters and errors are those of `linear_forward`, and the activation is one of `ACTIVATIONS`: "relu", "sigmoid",
    "tanh", "leaky_relu" or "softmax".

    Examples
    --------
    >>> A_prev, W, b = np.array([[1.0, -2.0]]), np.array([[3.0]]), np.array([[1.0]])
    >>> linear_activation_forward(A_prev, W, b, "relu")[0]
    array([[4., 0.]])
    """
    g = activation_named("linear_activation_forward", activation)
    check_linear("linear_activation_forward", "A_prev", A_prev, W, b)
    Z, linear_cache = linear_forward(A_prev, W, b)
    A, activation_cache = g.forward(Z)
    return A, (linear_cache, activation_cache)


def linear_backward(dZ: Array, cache: LinearCache, *, lambd: float = 0.0) -> tuple[Array, Array, Array]:
    """Step back through the linear part of a layer (week 4).

    Parameters
    ----------
    dZ, cache : array, shape (n[l], m), and tuple
        The cache is ``(A_prev, W, b)``, as `linear_forward` returned it. ValueError is raised if the shapes do not fit.
    lambd : float
        The weight of the L2 penalty, see `l2_penalty`.

    Returns
    -------
    dA_prev, dW, db : arrays, in the shapes of A_prev, W and b
        W^T dZ, (1/m) (dZ A_prev^T + lambd W), and (1/m) times the sum of dZ over the examples.

    Examples
    --------
    >>> A_prev, W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, -1.0]]), np.array([[0.5]])
    >>> linear_backward(np.array([[1.0, 3.0]]), (A_prev, W, b))
    (array([[ 1.,  3.], [-1., -3.]]), array([[3.5, 7.5]]), array([[2.]]))
    """
    dW, db = parameter_gradients("linear_backward", dZ, cache, lambd)
    _, W, _ = cache
    return W.T @ dZ, dW, db


def parameter_gradients(function: str, dZ: Array, cache: LinearCache, lambd: float) -> tuple[Array, Array]:
    """Return dW and db, the part of `linear_backward` that the first layer needs: dA[0] is not used."""
    A_prev, W, b = cache
    check_linear(function, "A_prev", A_prev, W, b)
    check_examples(function, "A_prev", A_prev)
    check_matrix(function, "dZ", dZ)
    n, m = W.shape[0], A_prev.shape[1]
    if dZ.shape[1] != m:
        raise misfit(function, "dZ", dZ, "A_prev", A_prev, (n, m))
    if dZ.shape[0] != n:
        raise misfit(function, "dZ", dZ, "W", W, (n, m))
    dW = dZ @ A_prev.T / m
    if lambd:
        dW += lambd / m * W
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return dW, db


def linear_activation_backward(dA: Array, cache: Cache, activation: str, *, lambd: float = 0.0) -> tuple[Array, Array, Array]:
    """Step back through a layer: dZ = dA * g'(Z), then `linear_backward` (week 4).

    dA, shape (n[l], m), is m times the derivative of the cost by A, and the cache what `linear_activation_forward`
    returned; the other parameters, results and errors are those of these two functions.

    Examples
    --------
    >>> A_prev, W, b = np.array([[1.0, -2.0]]), np.array([[3.0]]), np.array([[1.0]])
    >>> A, cache = linear_activation_forward(A_prev, W, b, "relu")
    >>> linear_activation_backward(np.ones_like(A), cache, "relu")
    (array([[3., 0.]]), array([[0.5]]), array([[0.5]]))
    """
    g = activation_named("linear_activation_backward", activation)
    linear_cache, activation_cache = cache
    dZ = g.backward(dA, activation_cache)
    return linear_backward(dZ, linear_cache, lambd=lambd)
