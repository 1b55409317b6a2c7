"""The cost J of a network as tensor expressions, each a mean over the m examples, which are columns.

From AL a cost reads as in the course, and is an error where AL has reached exactly 0 or 1; from ZL it is the same
function without that end, and the way back is dZL = (AL - Y)/m.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core import Constant, Foreign, Tensor, adopted, constant, leaf
from ..ops.activations import log_softmax, softplus
from ..support.allowed import one_of
from .manual._checks import check_finite, check_labels, check_probabilities, layers_of


def cross_entropy(AL: Any, Y: ArrayLike) -> Any:
    """Compute J = -(1/m) sum(Y log AL + (1 - Y) log(1 - AL)) (weeks 2 and 4).

    ValueError is raised if the shapes do not fit, or an entry of AL is not a probability, or exactly 0 or 1, where J is
    not a number (`cross_entropy_from_Z`, the same cost, is finite for any Z).

    Parameters
    ----------
    AL, Y : Tensor or ndarray, shape (n[L], m)
        The predicted probabilities, and the labels, 0 or 1. Several rows are yes-or-no questions whose costs add up.

    Examples
    --------
    >>> AL = Tensor([[0.8, 0.9, 0.4]])
    >>> J = cross_entropy(AL, np.array([[1, 1, 1]]))
    >>> J.backward()
    >>> print(round(J.item(), 6), AL.grad.round(6))
    0.414932 [[-0.416667 -0.37037  -0.833333]]
    """
    return _checked("cross_entropy", "AL", AL, Y, lambda Y, m: -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m)


def cross_entropy_from_Z(ZL: Any, Y: ArrayLike) -> Any:
    r"""Compute the cross-entropy of AL = sigmoid(ZL), without passing through AL: it is finite for any finite ZL.

    ZL has the shape of Y; ValueError is raised if it does not, or one of them holds a NaN or an infinity. With
    softplus(z) = log(1 + exp(z)), :math:`-\log \sigma(z) = \mathrm{softplus}(-z)` and
    :math:`-\log(1 - \sigma(z)) = \mathrm{softplus}(z)`. The derivative by Z is (A - Y)/m.

    Examples
    --------
    >>> ZL = Tensor([[1000.0, -1000.0, 0.0]])
    >>> J = cross_entropy_from_Z(ZL, np.array([[0, 0, 1]]))
    >>> J.backward()
    >>> print(round(J.item(), 4), 3 * ZL.grad)
    333.5644 [[ 1.   0.  -0.5]]
    """
    return _checked("cross_entropy_from_Z", "ZL", ZL, Y, lambda Y, m: np.sum(Y * softplus(-ZL) + (1 - Y) * softplus(ZL)) / m)


def softmax_cross_entropy(AL: ArrayLike, Y: ArrayLike) -> Any:
    """Compute the cross-entropy for several classes, J = -(1/m) sum(Y log AL).

    Parameters, result and errors are those of `cross_entropy`, for columns of classes: a column of AL sums to 1, one of
    Y has a 1 in the row of its class, and an AL of exactly 1 is allowed. `softmax_cross_entropy_from_Z` is finite.

    Examples
    --------
    >>> AL, Y = np.array([[0.5, 0.25], [0.5, 0.75]]), np.array([[1, 0], [0, 1]])
    >>> print(round(softmax_cross_entropy(AL, Y), 8))
    0.49041463
    """
    return _checked("softmax_cross_entropy", "AL", AL, Y, lambda Y, m: -np.sum(Y * np.log(AL)) / m)


def softmax_cross_entropy_from_Z(ZL: Any, Y: ArrayLike) -> Any:
    """Compute the cross-entropy of AL = softmax(ZL), without passing through AL.

    Parameters, result and errors are those of `cross_entropy_from_Z`, for columns of classes; the derivative by Z is
    (A - Y)/m where every column of Y sums to 1.

    Examples
    --------
    >>> ZL = Tensor([[1000.0], [0.0]])
    >>> J = softmax_cross_entropy_from_Z(ZL, np.array([[0], [1]]))
    >>> J.backward()
    >>> print(J.item(), ZL.grad.T)
    1000.0 [[ 1. -1.]]
    """
    return _checked("softmax_cross_entropy_from_Z", "ZL", ZL, Y, lambda Y, m: -np.sum(Y * log_softmax(ZL, axis=0)) / m)


def squared_error(AL: ArrayLike, Y: ArrayLike) -> Any:
    """Compute J = 1/(2m) sum((AL - Y)^2), whose derivative by AL is (AL - Y)/m.

    Parameters, result and errors are those of `cross_entropy`, for any numbers that are finite.

    Examples
    --------
    >>> print(squared_error(np.array([[0.5, 1.0]]), np.array([[1, 0]])))
    0.3125
    """
    return _checked("squared_error", "AL", AL, Y, lambda Y, m: np.sum(np.square(AL - Y)) / (2 * m))


def l2_penalty(parameters: Mapping[str, Any], lambd: float, m: int) -> Any:
    """Compute what L2 regularisation adds to the cost, lambd / (2m) times the sum of all squared weights.

    Parameters are those of `manual.l2_penalty`, where the arrays may be Tensors. Its derivative by W is (lambd / m) W.

    Examples
    --------
    >>> print(l2_penalty({"W1": np.array([[1.0, -2.0]]), "b1": np.array([[9.0]])}, lambd=0.4, m=2))
    0.5
    """
    L = layers_of("l2_penalty", parameters)
    return sum(np.sum(np.square(parameters[f"W{l}"])) for l in range(1, L + 1)) * (float(lambd) / (2 * m))


def cost_after(activation: str, loss: str = "cross_entropy") -> Callable[[Any, Any, Any], Any]:
    """Return the cost that goes with the last layer's activation, as a function of (ZL, AL, Y).

    `loss` is "cross_entropy", taken from ZL after sigmoid and softmax and so finite, "cross_entropy_from_AL", as in the
    course, or "squared_error"; another raises ValueError. After "softmax" the cross-entropy is that over classes.

    Examples
    --------
    >>> J = cost_after("sigmoid")
    >>> print(J(np.array([[800.0]]), np.array([[1.0]]), np.array([[0]])))
    800.0
    """
    one_of("cross_entropy", "cross_entropy_from_AL", "squared_error").read("cost_after", "loss", loss)
    if is_from_Z(activation, loss):
        return lambda ZL, AL, Y: _FROM_Z[activation](ZL, Y)
    from_AL = softmax_cross_entropy if activation == "softmax" else cross_entropy
    return lambda ZL, AL, Y: (squared_error if loss == "squared_error" else from_AL)(AL, Y)


_FROM_Z = {"sigmoid": cross_entropy_from_Z, "softmax": softmax_cross_entropy_from_Z}


def is_from_Z(activation: str, loss: str) -> bool:
    """Return True if the cost after that activation is computed from ZL, without AL."""
    return loss == "cross_entropy" and activation in _FROM_Z


def held(array: Any, name: str) -> Tensor:
    """Return a named constant that shares the memory of a large `array`, which is locked while a graph needs it.

    ``Tensor(array, copy=False)`` takes a snapshot at every use, because its owner may change it; here it cannot.
    """
    array = adopted(array)
    return leaf(Constant, constant(array if array.dtype.kind == "f" else array.astype(np.float64))).named(name)


def _checked(function: str, name: str, P: Any, Y: Any, formula: Callable[[Any, int], Any]) -> Any:
    """Return J, the formula of the labels and m, or raise why it is not a number; P is AL or ZL, as `name` says."""
    check_labels(function, name, P, Y)
    if isinstance(Y, Tensor):
        Y = Y if Y.dtype == P.dtype else Y.astype(P.dtype)
    else:  # integers would turn float32 into float64, and booleans know no minus
        Y = adopted(Y).astype(P.dtype, copy=False)
        Y = held(Y, "Y") if isinstance(P, Tensor) else Y
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # the errors below say more
        J = formula(Y, P.shape[1])
    value, predicted, labels = (getattr(x, "array", x) for x in (J, P, Y))
    if type(value) is Foreign or np.isfinite(value):  # the first is not read
        return J
    check_finite(function, {"Y": labels, name: predicted}, "; tinygrad_dnn.trace_nonfinite names the op")
    if name == "AL" and function != "squared_error":
        legal = (predicted > 0) & ((predicted < 1) | (predicted == 1) & (function == "softmax_cross_entropy"))
        remedy = f"Take the cost from Z, {function}_from_Z(ZL, Y), which is the same function and finite for any Z."
        check_probabilities(function, predicted, legal, remedy)
    remedy = "Scale the data, or make the learning rate smaller."
    raise ValueError(f"{function}: J is {value}: the sum overflows {value.dtype}. {remedy}")
