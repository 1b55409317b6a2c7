"""The cost J of a network as tensor expressions, each a mean over the m examples, which are columns.

From AL, the activations of the last layer, a cost reads as in the course, and ends where that does: once AL has reached
exactly 0 or 1 it takes log 0, which is an error here. From ZL, the last layer before its activation, it is the same
function without that end, and the way back from it is dZL = (AL - Y)/m.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..core.node import leaf
from ..core.operands import constant
from ..core.tensor import Constant, Tensor
from ..ops.activations import log_softmax, softplus
from .manual._checks import check_labels, layers_of


def cross_entropy(AL: Any, Y: Any) -> Any:
    """Compute J = -(1/m) sum(Y log AL + (1 - Y) log(1 - AL)) (weeks 2 and 4).

    Parameters
    ----------
    AL : Tensor or ndarray, shape (n[L], m)
        The predicted probabilities. Several rows are yes-or-no questions whose costs add up.
    Y : Tensor or ndarray, shape of AL
        The labels, 0 or 1.

    Returns
    -------
    J : Tensor or NumPy number, shape ()

    Raises
    ------
    ValueError
        If the shapes do not fit, or J is not a number because an entry of AL is exactly 0 or 1, or not a probability.

    See Also
    --------
    cross_entropy_from_Z : the same cost, finite for any Z.

    Examples
    --------
    >>> AL = Tensor([[0.8, 0.9, 0.4]])
    >>> J = cross_entropy(AL, np.array([[1, 1, 1]]))
    >>> J.backward()
    >>> print(round(J.item(), 6), AL.grad.round(6))
    0.414932 [[-0.416667 -0.37037  -0.833333]]
    """
    check_labels("cross_entropy", "AL", AL, Y)
    Y, m = labels_like(Y, AL), AL.shape[1]
    with _quietly():
        J = -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m
    return _finite("cross_entropy", J, Y, AL=AL)


def cross_entropy_from_Z(ZL: Any, Y: Any) -> Any:
    r"""Compute the cross-entropy of AL = sigmoid(ZL), without passing through AL.

    Parameters
    ----------
    ZL : Tensor or ndarray, shape (n[L], m)
    Y : Tensor or ndarray, shape of ZL
        The labels, 0 or 1.

    Returns
    -------
    J : Tensor or NumPy number, shape ()
        Finite for any finite ZL.

    Raises
    ------
    ValueError
        If the shapes do not fit, or ZL or Y holds a NaN or an infinity.

    Notes
    -----
    With softplus(z) = log(1 + exp(z)), :math:`-\log \sigma(z) = \mathrm{softplus}(-z)` and
    :math:`-\log(1 - \sigma(z)) = \mathrm{softplus}(z)`. The derivative by Z is (A - Y)/m.

    Examples
    --------
    >>> ZL = Tensor([[1000.0, -1000.0, 0.0]])
    >>> J = cross_entropy_from_Z(ZL, np.array([[0, 0, 1]]))
    >>> J.backward()
    >>> print(round(J.item(), 4), 3 * ZL.grad)
    333.5644 [[ 1.   0.  -0.5]]
    """
    check_labels("cross_entropy_from_Z", "ZL", ZL, Y)
    Y, m = labels_like(Y, ZL), ZL.shape[1]
    with _quietly():
        J = np.sum(Y * softplus(-ZL) + (1 - Y) * softplus(ZL)) / m
    return _finite("cross_entropy_from_Z", J, Y, ZL=ZL)


def softmax_cross_entropy(AL: Any, Y: Any) -> Any:
    """Compute the cross-entropy for several classes, J = -(1/m) sum(Y log AL).

    Parameters
    ----------
    AL : Tensor or ndarray, shape (classes, m)
        The predicted probabilities; every column sums to 1.
    Y : Tensor or ndarray, shape of AL
        A column for each example, with a 1 in the row of its class.

    Returns
    -------
    J : Tensor or NumPy number, shape ()

    Raises
    ------
    ValueError
        If the shapes do not fit, or J is not a number because an entry of AL is exactly 0, or not a probability.

    See Also
    --------
    softmax_cross_entropy_from_Z : the same cost, finite for any Z.

    Examples
    --------
    >>> AL, Y = np.array([[0.5, 0.25], [0.5, 0.75]]), np.array([[1, 0], [0, 1]])
    >>> print(round(softmax_cross_entropy(AL, Y), 8))
    0.49041463
    """
    check_labels("softmax_cross_entropy", "AL", AL, Y)
    Y, m = labels_like(Y, AL), AL.shape[1]
    with _quietly():
        J = -np.sum(Y * np.log(AL)) / m
    return _finite("softmax_cross_entropy", J, Y, AL=AL)


def softmax_cross_entropy_from_Z(ZL: Any, Y: Any) -> Any:
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
    check_labels("softmax_cross_entropy_from_Z", "ZL", ZL, Y)
    Y, m = labels_like(Y, ZL), ZL.shape[1]
    with _quietly():
        J = -np.sum(Y * log_softmax(ZL, axis=0)) / m
    return _finite("softmax_cross_entropy_from_Z", J, Y, ZL=ZL)


def squared_error(AL: Any, Y: Any) -> Any:
    """Compute J = 1/(2m) sum((AL - Y)^2), whose derivative by AL is (AL - Y)/m.

    Parameters
    ----------
    AL, Y : Tensor or ndarray, shape (n[L], m)

    Returns
    -------
    J : Tensor or NumPy number, shape ()

    Raises
    ------
    ValueError
        If the shapes do not fit, or AL or Y holds a NaN or an infinity.

    Examples
    --------
    >>> print(squared_error(np.array([[0.5, 1.0]]), np.array([[1, 0]])))
    0.3125
    """
    check_labels("squared_error", "AL", AL, Y)
    Y, m = labels_like(Y, AL), AL.shape[1]
    with _quietly():
        J = np.sum(np.square(AL - Y)) / (2 * m)
    return _finite("squared_error", J, Y, AL=AL)


def l2_penalty(parameters: Mapping[str, Any], lambd: float, m: int) -> Any:
    """Compute what L2 regularisation adds to the cost, lambd / (2m) times the sum of all squared weights.

    Parameters
    ----------
    parameters : dict of Tensors or ndarrays
        W1, b1, ..., WL, bL; the biases are not penalised.
    lambd : float
        The weight of the penalty (``lambda`` is a word of Python's).
    m : int
        The number of examples.

    Returns
    -------
    penalty : Tensor or NumPy number, shape ()
        Its derivative by W is (lambd / m) W.

    Examples
    --------
    >>> print(l2_penalty({"W1": np.array([[1.0, -2.0]]), "b1": np.array([[9.0]])}, lambd=0.4, m=2))
    0.5
    """
    L = layers_of("l2_penalty", parameters)
    return sum(np.sum(np.square(parameters[f"W{l}"])) for l in range(1, L + 1)) * (float(lambd) / (2 * m))


LOSSES = ("cross_entropy", "cross_entropy_from_AL", "squared_error")


def cost_after(activation: str, loss: str = "cross_entropy") -> Callable[[Any, Any, Any], Any]:
    """Return the cost that goes with the last layer's activation, as a function of (ZL, AL, Y).

    Parameters
    ----------
    activation : str
        ``"softmax"`` makes the cross-entropy that over classes.
    loss : {"cross_entropy", "cross_entropy_from_AL", "squared_error"}
        The first is taken from ZL after sigmoid and softmax, and so finite; the second, as in the course, from AL.

    Raises
    ------
    ValueError
        If there is no such loss.

    Examples
    --------
    >>> J = cost_after("sigmoid")
    >>> print(J(np.array([[800.0]]), np.array([[1.0]]), np.array([[0]])))
    800.0
    """
    if loss not in LOSSES:
        raise ValueError(f"cost_after: there is no loss {loss!r}. Choose one of {', '.join(LOSSES)}.")
    if loss == "squared_error":
        return lambda ZL, AL, Y: squared_error(AL, Y)
    if is_from_Z(activation, loss):
        from_Z = _FROM_Z[activation]
        return lambda ZL, AL, Y: from_Z(ZL, Y)
    from_AL = softmax_cross_entropy if activation == "softmax" else cross_entropy
    return lambda ZL, AL, Y: from_AL(AL, Y)


_FROM_Z = {"sigmoid": cross_entropy_from_Z, "softmax": softmax_cross_entropy_from_Z}


def is_from_Z(activation: str, loss: str) -> bool:
    """Return True if the cost after that activation is computed from ZL, without AL."""
    return loss == "cross_entropy" and activation in _FROM_Z


def labels_like(Y: Any, AL: Any) -> Any:
    """Return the labels as a constant called Y, of the dtype of what they are compared with.

    Integers would turn float32 into float64, and booleans know no minus.
    """
    if isinstance(Y, Tensor):
        return Y if Y.dtype == AL.dtype else Y.astype(AL.dtype)
    if not isinstance(AL, Tensor):
        return Y.astype(AL.dtype, copy=False)
    return held(Y.astype(AL.dtype, copy=False), "Y")


def held(array: Any, name: str) -> Tensor:
    """Return a named constant that shares the memory of `array`, which is locked while a graph needs it.

    ``Tensor(array, copy=False)`` takes a snapshot at every use, because its owner may change it; here it cannot.
    """
    return leaf(Constant, constant(array if array.dtype.kind == "f" else array.astype(np.float64))).named(name)


def _quietly() -> AbstractContextManager[None]:
    """Compute without NumPy's warnings: `_finite` says more."""
    return np.errstate(divide="ignore", invalid="ignore", over="ignore")


def _finite(function: str, J: Any, Y: Any, **predicted: Any) -> Any:
    """Return J, or raise the error that says why it is not a number; `predicted` is AL or ZL."""
    value = _array(J)
    if np.isfinite(value):
        return J
    [(name, P)] = predicted.items()
    for array_name, array in (("Y", _array(Y)), (name, _array(P))):
        if not np.isfinite(array).all():
            raise ValueError(
                f"{function}: {_first(array_name, array, ~np.isfinite(array))}. It came in with the data or the "
                "parameters (np.isfinite finds it), or a learning rate too large let them overflow; "
                "tinygrad_dnn.trace_nonfinite names the op."
            )
    if name == "AL" and function != "squared_error":
        raise _no_logarithm(function, value, _array(P))
    raise ValueError(
        f"{function}: J is {value}: the sum overflows {value.dtype}. Scale the data, or make the learning rate smaller."
    )


def _no_logarithm(function: str, J: Any, AL: np.ndarray) -> ValueError:
    """Return the error for an AL that is exactly 0 or 1, or that is not a probability."""
    outside = (AL < 0) | (AL > 1)
    if outside.any():
        return ValueError(
            f"{function}: J is {J}: {_first('AL', AL, outside)}, which is no probability, and the logarithms need "
            "0 < AL < 1. End the network with sigmoid or softmax."
        )
    saturated = AL == 0 if function == "softmax_cross_entropy" else (AL == 0) | (AL == 1)
    return ValueError(
        f"{function}: J is {J}: {_first('AL', AL, saturated)} exactly, where the formula takes log 0. The last "
        f"activation has saturated ({AL.dtype} holds no number between this one and the true probability). Take the "
        f"cost from Z, {function}_from_Z(ZL, Y), which is the same function and finite for any Z. Scaled data, smaller "
        "first weights or a smaller learning rate keep AL away from 0 and 1."
    )


def _array(x: Any) -> Any:
    return getattr(x, "array", x)


def _first(name: str, array: np.ndarray, wrong: Any) -> str:
    """Name the first wrong entry and its value."""
    index = tuple(map(int, np.argwhere(wrong)[0]))
    return f"{name}{list(index)} is {array[index]}"
