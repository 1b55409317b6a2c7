"""The first parameters, those of the course to the last bit; a step of training: gradients, update (weeks 3, 4)."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import index

import numpy as np

from ._checks import Array, Parameters, check_same_shape
from .activations import activation_named
from .costs import Number, cost_after, l2_penalty
from .layer import parameter_gradients
from .network import L_model_forward, Masks, check_backward, masked


def initialize_parameters(n_x: int, n_h: int, n_y: int, *, seed: int = 1) -> dict[str, Array]:
    """Make small parameters of one hidden layer, as `initialize_parameters_deep` does (week 4; week 3 has seed 2).

    Examples
    --------
    >>> initialize_parameters(2, 2, 1)["W1"]
    array([[ 0.01624345, -0.00611756],
           [-0.00528172, -0.01072969]])
    """
    return _draw("initialize_parameters", (n_x, n_h, n_y), "small", seed)


def initialize_parameters_deep(layer_dims: Sequence[int], *, scaling: str = "small", seed: int | None = None) -> dict[str, Array]:
    """Make the parameters of a network with any number of layers: scaled randn and zeros (week 4).

    ValueError is raised for fewer than two sizes, one that is not a positive integer, or an unknown scaling.

    Parameters
    ----------
    layer_dims : sequence of int
        n[0], n[1], ..., n[L]: the number of inputs, then of the units of each layer.
    scaling : {"small", "fan_in"}
        ``"small"``: randn * 0.01, part 1 of week 4, whose seed is 3. ``"fan_in"``: randn / sqrt(n[l-1]), seed 1, the
        image network of part 2, which would hardly learn from weights that small.
    seed : int, optional
        By default the course's for that scaling.

    Returns
    -------
    parameters : dict
        W1: (n[1], n[0]), b1: (n[1], 1), ..., WL: (n[L], n[L-1]), bL: (n[L], 1).

    Examples
    --------
    >>> parameters = initialize_parameters_deep([12288, 20, 7, 5, 1], scaling="fan_in")
    >>> parameters["W2"].shape, parameters["b2"].shape
    ((7, 20), (7, 1))
    """
    if scaling not in _COURSE_SEED:
        remedy = f"Choose one of {', '.join(_COURSE_SEED)}."
        raise ValueError(f"initialize_parameters_deep: there is no scaling {scaling!r}. {remedy}")
    return _draw("initialize_parameters_deep", layer_dims, scaling, _COURSE_SEED[scaling] if seed is None else seed)


_COURSE_SEED = {"small": 3, "fan_in": 1}


def _draw(function: str, layer_dims: Sequence[int], scaling: str, seed: int) -> dict[str, Array]:
    try:
        sizes = [index(n) for n in layer_dims]
    except TypeError:
        sizes = []
    if len(sizes) < 2 or min(sizes) < 1:
        legal = "at least two positive integers, n[0] inputs first. The image network's are [12288, 20, 7, 5, 1]."
        raise ValueError(f"{function}: the layer sizes are {layer_dims!r}, and must be {legal}")
    random = np.random.RandomState(seed)  # the course sets NumPy's global state, which is left alone here
    parameters = {}
    for layer, (n_prev, n) in enumerate(pairwise(sizes), start=1):
        W = random.randn(n, n_prev)
        parameters[f"W{layer}"] = W * 0.01 if scaling == "small" else W / np.sqrt(n_prev)
        parameters[f"b{layer}"] = np.zeros((n, 1))
    return parameters


def cost_and_gradients(
    parameters: Parameters, X: Array, Y: Array, activations: Sequence[str] | None = None, *,
    masks: Masks | None = None, lambd: float = 0.0,
) -> tuple[Number, dict[str, Array]]:  # fmt: skip
    """Compute what a step of training needs, by hand: the cost with its penalty, and dW1, db1, ..., dWL, dbL.

    The cost is taken from ZL and the way back starts at dZL = AL - Y, which is what dAL * g'(ZL) comes to for a sigmoid
    or softmax with its cross-entropy: nothing divides by 0, however sure the network is. The data get no gradient.

    Parameters are those of `L_model_forward` and `L_model_backward`; the last activation is sigmoid or softmax, and
    after softmax each column of Y sums to 1. ValueError is raised otherwise, if the shapes do not fit, or there is a
    NaN or an infinity.

    Examples
    --------
    >>> from tinygrad_dnn.dnn.manual import initialize_parameters_deep
    >>> X, Y = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1, 0]])
    >>> parameters = initialize_parameters_deep([2, 3, 1], scaling="fan_in")
    >>> for step in range(2):
    ...     cost, grads = cost_and_gradients(parameters, X, Y)
    ...     parameters = update_parameters(parameters, grads, learning_rate=1.0)
    ...     print(round(cost, 6))
    0.511568
    0.43892
    """
    AL, caches = L_model_forward(X, parameters, activations, masks=masks)
    activations = check_backward("cost_and_gradients", AL, Y, caches, activations, masks)
    if activations[-1] not in ("sigmoid", "softmax"):
        wrong = f"cost_and_gradients: the last activation is {activations[-1]!r}"
        remedy = "L_model_backward takes the long way through dAL, with any activation."
        raise ValueError(f"{wrong}, and dZL = AL - Y holds for sigmoid and softmax only. {remedy}")
    if activations[-1] == "softmax" and np.max(np.abs(np.sum(Y, axis=0) - 1)) > 1e-6:
        remedy = "the classes exclude one another. For labels that do not, make the last activation sigmoid."
        raise ValueError(f"cost_and_gradients: a column of Y does not sum to 1, as after softmax it must: {remedy}")
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
            dZ = activation_named("cost_and_gradients", activations[layer - 2]).backward(dA, caches[layer - 2][1])
    return cost, grads


def update_parameters(parameters: Parameters, grads: Mapping[str, Array], learning_rate: float) -> dict[str, Array]:
    """Take a step of gradient descent: W -= learning_rate dW, b -= learning_rate db (weeks 2 to 4).

    New W1, b1, ..., WL, bL come back, and the arrays of `parameters` are not changed. `grads` holds dW1, db1, ..., dWL,
    dbL; what else is in it is ignored. ValueError is raised if a gradient is missing or does not fit its parameter.

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
            remedy = f"its keys are {sorted(grads)}. L_model_backward makes one for each parameter."
            raise ValueError(f"update_parameters: grads has no d{name} for {name}; {remedy}")
        gradient = grads[f"d{name}"]
        check_same_shape("update_parameters", f"d{name}", gradient, name, parameter)
        new[name] = parameter - alpha * gradient
    return new
