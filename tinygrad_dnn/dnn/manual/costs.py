"""The cost J, a mean over m examples, and dAL, the first step back from it (weeks 2 and 4).

The cost from AL is the course's formula, and ends where that does: once AL has reached exactly 0 or 1 it takes log 0.
Here that is an error that says so. The cost from ZL, the last layer before its activation, is the same function without
that end.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ._checks import Array, check_finite, check_labels, check_probabilities, layers_of

Number: TypeAlias = np.floating[Any]


def compute_cost(AL: Array, Y: Array) -> Number:
    """Compute the cross-entropy: J = -(1/m) sum(Y log AL + (1 - Y) log(1 - AL)) (weeks 2 and 4).

    ValueError is raised if the shapes do not fit, or an entry of AL is not a probability, or is exactly 0 or 1, where
    the cost is not a number (`compute_cost_from_Z` never saturates).

    Parameters
    ----------
    AL, Y : arrays, shape (1, m)
        The predicted probabilities, and the labels, 0 or 1. Several rows are yes-or-no questions whose costs add up.

    Examples
    --------
    >>> print(compute_cost(np.array([[0.8, 0.9, 0.4]]), np.array([[1, 1, 1]])))
    0.41493159961539694
    """
    losses = _entries("compute_cost", AL, Y, lambda Y: Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    cost: Number = -1 / AL.shape[1] * np.sum(losses)
    return cost


def compute_cost_backward(AL: Array, Y: Array) -> Array:
    """Step back through the cross-entropy: dAL = -(Y / AL - (1 - Y) / (1 - AL)), in the shape of AL (week 4; no 1/m).

    AL and Y are those of `compute_cost`, but AL need not be a probability. ValueError is raised if their shapes differ,
    or an entry of AL is exactly 0 or 1.

    Examples
    --------
    >>> compute_cost_backward(np.array([[0.5, 0.8]]), np.array([[1, 0]]))
    array([[-2.,  5.]])
    """
    return _entries("compute_cost_backward", AL, Y, lambda Y: -(Y / AL - (1 - Y) / (1 - AL)))


def compute_cost_from_Z(ZL: Array, Y: Array) -> Number:
    r"""Compute the cross-entropy of AL = sigmoid(ZL) without passing through AL, so that it never saturates.

    ValueError is raised if ZL and Y differ in shape, or hold a NaN or an infinity. As
    :math:`-\log \sigma(z) = \log(1 + e^{-z})` and :math:`-\log(1 - \sigma(z)) = z + \log(1 + e^{-z})`, an example costs
    :math:`(1 - y) z + \log(1 + e^{-z}) = \max(0, z) - y z + \log(1 + e^{-|z|})`, where no exponential can overflow. The
    step back from it is dZL = AL - Y.

    Examples
    --------
    >>> print(compute_cost_from_Z(np.array([[1000.0, -1000.0]]), np.array([[0, 0]])))
    500.0
    """
    Y, m = _labels("compute_cost_from_Z", ZL, Y, "ZL"), ZL.shape[1]
    cost: Number = 1 / m * np.sum(np.maximum(0, ZL) - Y * ZL + np.log1p(np.exp(-np.abs(ZL))))
    return cost


def compute_softmax_cost(AL: Array, Y: Array) -> Number:
    """Compute the cross-entropy for several classes: J = -(1/m) sum(Y log AL).

    Parameters, result and errors are those of `compute_cost`, for columns of classes: a column of AL sums to 1, one of
    Y has a 1 in the row of its class, and an AL of exactly 1 is allowed. `compute_softmax_cost_from_Z` never saturates.

    Examples
    --------
    >>> AL, Y = np.array([[0.5, 0.25], [0.5, 0.75]]), np.array([[1, 0], [0, 1]])
    >>> print(round(compute_softmax_cost(AL, Y), 8))
    0.49041463
    """
    losses = _entries("compute_softmax_cost", AL, Y, lambda Y: Y * np.log(AL))
    cost: Number = -1 / AL.shape[1] * np.sum(losses)
    return cost


def compute_softmax_cost_backward(AL: Array, Y: Array) -> Array:
    """Step back through the cross-entropy for several classes: dAL = -Y / AL (no 1/m).

    Errors are those of `compute_cost_backward`; an AL of exactly 1 is allowed.

    Examples
    --------
    >>> compute_softmax_cost_backward(np.array([[0.25], [0.75]]), np.array([[1], [0]])) + 0.0
    array([[-4.], [ 0.]])
    """
    return _entries("compute_softmax_cost_backward", AL, Y, lambda Y: -Y / AL)


def compute_softmax_cost_from_Z(ZL: Array, Y: Array) -> Number:
    r"""Compute the cross-entropy of AL = softmax(ZL) without passing through AL, so that it never saturates.

    Errors are those of `compute_cost_from_Z`. An example costs :math:`\log \sum_k e^{z_k} - z_i`, taken after
    subtracting each column's largest entry. Where every column of Y sums to 1 the step back from it is dZL = AL - Y.

    Examples
    --------
    >>> print(compute_softmax_cost_from_Z(np.array([[1000.0], [0.0]]), np.array([[0], [1]])))
    1000.0
    """
    Y, m = _labels("compute_softmax_cost_from_Z", ZL, Y, "ZL"), ZL.shape[1]
    Z = ZL - np.max(ZL, axis=0, keepdims=True)
    cost: Number = 1 / m * np.sum(Y * (np.log(np.sum(np.exp(Z), axis=0, keepdims=True)) - Z))
    return cost


def l2_penalty(parameters: Mapping[str, Array], lambd: float, m: int) -> Number:
    """Compute what L2 regularisation adds to the cost: lambd / (2 m) times the sum of all squared weights.

    `parameters` are W1, b1, ..., WL, bL, of which the biases are not penalised; ValueError is raised if the keys are
    others. `lambd` is spelled so because ``lambda`` is a word of Python's.

    Examples
    --------
    >>> print(l2_penalty({"W1": np.array([[1.0, -2.0]]), "b1": np.array([[9.0]])}, lambd=0.4, m=2))
    0.5
    """
    L = layers_of("l2_penalty", parameters)
    penalty: Number = float(lambd) / (2 * m) * sum(np.sum(parameters[f"W{layer}"] ** 2) for layer in range(1, L + 1))
    return penalty


def compute_cost_with_regularization(AL: Array, Y: Array, parameters: Mapping[str, Array], lambd: float) -> Number:
    """Add `compute_cost` and `l2_penalty`; the gradients are those of ``L_model_backward(AL, Y, caches, lambd=lambd)``.

    Examples
    --------
    >>> AL, Y, parameters = np.array([[0.5]]), np.array([[1]]), {"W1": np.array([[2.0]]), "b1": np.array([[0.0]])}
    >>> print(round(compute_cost_with_regularization(AL, Y, parameters, lambd=0.1), 8))
    0.89314718
    """
    cost: Number = compute_cost(AL, Y) + l2_penalty(parameters, lambd, AL.shape[1])
    return cost


class Cost(NamedTuple):
    """A cost: from AL, its dAL, and the same cost from ZL (whose step back is AL - Y)."""

    forward: Callable[[Array, Array], Number]
    backward: Callable[[Array, Array], Array]
    from_Z: Callable[[Array, Array], Number]


_BINARY = Cost(compute_cost, compute_cost_backward, compute_cost_from_Z)
_CATEGORICAL = Cost(compute_softmax_cost, compute_softmax_cost_backward, compute_softmax_cost_from_Z)


def cost_after(activation: str) -> Cost:
    """Return the cost that goes with the last layer's activation: cross-entropy over classes after softmax."""
    return _CATEGORICAL if activation == "softmax" else _BINARY


def _labels(function: str, P: Array, Y: Array, name: str = "AL") -> Array:
    """Check AL or ZL and the labels, and return these in its dtype: booleans know no minus, integers make float64."""
    check_labels(function, name, P, Y)
    Y = Y.astype(P.dtype, copy=False)
    if name == "ZL":
        check_finite(function, {"ZL": P, "Y": Y})
    return Y


def _entries(function: str, AL: Array, Y: Array, formula: Callable[[Array], Array]) -> Array:
    """Return a formula of the labels, entry by entry, or raise naming the first entry of AL where it is not finite."""
    Y = _labels(function, AL, Y)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = formula(Y)
    finite = np.isfinite(found)
    if not finite.all():
        check_finite(function, {"Y": Y, "AL": AL})
        from_Z = f"{function.removesuffix('_backward')}_from_Z"
        check_probabilities(
            function, AL, finite, f"Take the cost from Z, {from_Z}(ZL, Y) with ZL = caches[-1][1], and go back from "
            "dZL = AL - Y: cost_and_gradients does both.",
        )  # fmt: skip
    return found
