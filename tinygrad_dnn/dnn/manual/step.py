"""A step of training by hand: the cost and its gradients, and the update (week 4)."""

from collections.abc import Mapping, Sequence

import numpy as np

from ._checks import Array, check_same_shape
from .activations import activation_named
from .costs import Number, cost_after, l2_penalty
from .layer import parameter_gradients
from .network import L_model_forward, Masks, check_backward, masked


def cost_and_gradients(
    parameters: Mapping[str, Array], X: Array, Y: Array, activations: Sequence[str] | None = None, *,
    masks: Masks | None = None, lambd: float = 0.0,
) -> tuple[Number, dict[str, Array]]:  # fmt: skip
    """Compute what a step of training needs, by hand: the cost, and dW and db of every layer.

    The cost is taken from ZL and the way back starts at dZL = AL - Y, which is what dAL * g'(ZL) comes to for a sigmoid
    or softmax with its cross-entropy. So nothing divides by 0, however sure the network is. dA0 is left out: it is not
    needed: the data are not learnt.

    Parameters are those of `L_model_forward` and `L_model_backward`; the last activation is sigmoid or softmax, and
    after softmax each column of Y sums to 1.

    Returns
    -------
    cost : NumPy number, shape ()
        With the penalty.
    grads : dict
        dW1, db1, ..., dWL, dbL.

    Raises
    ------
    ValueError
        If the shapes do not fit, the last activation is another one, or there is a NaN or an infinity.

    Examples
    --------
    >>> from tinygrad_dnn.dnn.manual import initialize_parameters_deep
    >>> X, Y = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1, 0]])
    >>> parameters = initialize_parameters_deep([2, 3, 1], scaling="fan_in")
    >>> for step in range(3):
    ...     cost, grads = cost_and_gradients(parameters, X, Y)
    ...     parameters = update_parameters(parameters, grads, learning_rate=1.0)
    ...     print(round(cost, 6))
    0.511568
    0.43892
    0.374519
    """
    AL, caches = L_model_forward(X, parameters, activations, masks=masks)
    activations = check_backward("cost_and_gradients", AL, Y, caches, activations, masks)
    if activations[-1] not in ("sigmoid", "softmax"):
        raise ValueError(
            f"cost_and_gradients: the last activation is {activations[-1]!r}, and dZL = AL - Y holds for sigmoid and "
            f"softmax only. L_model_backward takes the long way through dAL, with any activation."
        )
    if activations[-1] == "softmax" and np.max(np.abs(np.sum(Y, axis=0) - 1)) > 1e-6:
        raise ValueError(
            "cost_and_gradients: a column of Y does not sum to 1, as after softmax it must: the classes exclude one "
            "another. For labels that do not, make the last activation sigmoid."
        )
    cost = cost_after(activations[-1]).from_Z(caches[-1][1], Y)
    if lambd:
        cost = cost + l2_penalty(parameters, lambd, X.shape[1])
    grads = {}
    dZ = AL - Y.astype(AL.dtype, copy=False)
    for layer in range(len(caches), 0, -1):
        linear_cache, _ = caches[layer - 1]
        dW, db = parameter_gradients("cost_and_gradients", dZ, linear_cache, lambd)
        grads[f"dW{layer}"], grads[f"db{layer}"] = dW, db
        if layer > 1:
            dA = masked(parameters[f"W{layer}"].T @ dZ, masks, layer - 1)
            g = activation_named("cost_and_gradients", activations[layer - 2])
            dZ = g.backward(dA, caches[layer - 2][1])
    return cost, grads


def update_parameters(
    parameters: Mapping[str, Array], grads: Mapping[str, Array], learning_rate: float
) -> dict[str, Array]:
    """Take a step of gradient descent: W -= learning_rate dW, b -= learning_rate db (weeks 2 to 4).

    Parameters
    ----------
    parameters : dict
        W1, b1, ..., WL, bL. The arrays are not changed; others come back.
    grads : dict
        dW1, db1, ..., dWL, dbL; what else is in it is ignored.
    learning_rate : float

    Returns
    -------
    parameters : dict
        The new W1, b1, ..., WL, bL.

    Raises
    ------
    ValueError
        If a gradient is missing or has not the shape of its parameter.

    Examples
    --------
    >>> parameters = {"W1": np.array([[1.0, 2.0]]), "b1": np.array([[3.0]])}
    >>> grads = {"dW1": np.array([[10.0, -10.0]]), "db1": np.array([[1.0]])}
    >>> update_parameters(parameters, grads, learning_rate=0.1)
    {'W1': array([[0., 3.]]), 'b1': array([[2.9]])}
    """
    alpha = float(learning_rate)
    new = {}
    for name, parameter in parameters.items():
        if f"d{name}" not in grads:
            raise ValueError(
                f"update_parameters: grads has no d{name} for {name}; its keys are {sorted(grads)}. "
                f"L_model_backward makes one for each parameter."
            )
        gradient = grads[f"d{name}"]
        check_same_shape("update_parameters", f"d{name}", gradient, name, parameter)
        new[name] = parameter - alpha * gradient
    return new
