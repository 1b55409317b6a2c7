"""A user's program, held by mypy --strict and by pyright: every operation on Tensors is a Tensor to them.

``assert_type`` says what they must find; what they must refuse stands in ``refused.txt``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from typing_extensions import assert_type

from tinygrad_dnn import (
    Tensor,
    checkpoint,
    elementwise_grad,
    grad,
    hessian,
    jacobian,
    jit,
    leaky_relu,
    logsumexp,
    no_grad,
    numerical,
    primitive,
    relu,
    sigmoid,
    softmax,
    tanh,
    value_and_grad,
)

X: np.ndarray = np.ones((2, 4))
Y = np.ones((1, 4))
W, b = Tensor([[0.2, -0.4]], name="W"), Tensor([[0.1]], name="b")

Z = W @ X + b
assert_type(Z, Tensor)
for operation in (
    W + 1,
    1 + W,
    W - np.ones(2),
    2 - W,
    W * W,
    3 * W,
    W / 2,
    2 / W,
    W**2,
    2**W,
    W // 2,
    W % 2,
    -W,
    +W,
    abs(W),
):
    assert_type(operation, Tensor)
assert_type(W > 0, Tensor)
assert_type((W > 0) & (W < 1), Tensor)
assert_type(W == 0, Tensor)
assert_type(W.T, Tensor)
assert_type(W[0], Tensor)
assert_type(W[:, None, ...], Tensor)
assert_type(W.sum(), Tensor)
assert_type(W.sum(axis=1, keepdims=True), Tensor)
assert_type(W.reshape(2, 1).mean(0).max().clip(0, 1), Tensor)
assert_type(W.reshape((2, 1)).transpose().ravel().astype(np.float32), Tensor)
assert_type(relu(Z), Tensor)
assert_type(tanh(sigmoid(Z)), Tensor)
assert_type(leaky_relu(Z, 0.1), Tensor)
assert_type(softmax(Z, axis=0), Tensor)
assert_type(logsumexp(Z), Tensor)
assert_type(relu([1.0, -1.0]), np.ndarray)
for row in Z:
    assert_type(row, Tensor)


def cost(W: np.ndarray, X: np.ndarray, *, scale: float = 1.0) -> Any:
    """Arguments have the types that the caller gives: the checkers cannot see that they are Tensors inside `grad`."""
    return scale * np.mean((W @ X - Y) ** 2)


def error(W: Tensor, X: np.ndarray) -> Tensor:
    """Operators and methods of a Tensor are Tensors, where a NumPy function may be anything to NumPy's own stubs."""
    return ((W @ X - Y) ** 2).mean()


J = -(Z * Y).sum() / 4
assert_type(J, Tensor)
J.backward()
assert_type(J.item(), float)
assert W.grad.shape == (1, 2)
W.data -= 0.1 * W.grad
W.zero_grad()
value: np.ndarray = Z.numpy()
named: Tensor = Z.named("Z").retain_grad()

w = np.ones((1, 2))
dw: np.ndarray = grad(cost)(w, X, scale=2.0)
found, dw = value_and_grad(cost)(w, X)
dX: np.ndarray = grad(cost, 1)(w, X)
step = jit(value_and_grad(cost))
assert_type(step(w, X), tuple[Any, Any])
assert_type(step.source(w, X), str)


@jit
def predict(W: np.ndarray, X: np.ndarray) -> np.ndarray:
    """A decorator keeps the signature."""
    A: np.ndarray = np.tanh(W @ X)
    return A


assert_type(predict(w, X=X), np.ndarray)
slope: float = grad(lambda x: x**3)(2.0)
compiled: float = jit(lambda x: 2 * np.sum(x))(w)
with no_grad():
    assert_type(W @ X, Tensor)

# What is overloaded, as NumPy's ufuncs and the activations, is called with arrays and numbers alike.
x = np.ones(3)
both: npt.NDArray[np.float64] = elementwise_grad(np.tanh)(x) + jit(relu)(x)
slope = grad(relu)(1.0) + grad(leaky_relu)(1.0) + grad(np.abs)(1.0) + grad(grad(np.sin))(1.0)
matrix: npt.NDArray[np.float64] = jacobian(softmax)(x) + jacobian(np.tanh)(x) + hessian(np.sum)(x)
found, both = value_and_grad(np.mean)(x)
(dw, dX), extra = grad(lambda w, X: (np.sum(w @ X), {"n": 1}), argnums=(0, 1), has_aux=True)(w, X)


@primitive(vjp=lambda y_bar, y, x: y_bar * y * (1 - y))
def logistic(x: np.ndarray) -> Any:
    return 1 / (1 + np.exp(-x))


@checkpoint
def block(x: npt.NDArray[np.float64], scale: float = 1.0) -> npt.NDArray[np.float64]:
    return scale * np.tanh(x)


assert_type(block(x, scale=2.0), npt.NDArray[np.float64])
assert_type(numerical(block)(x), npt.NDArray[np.float64])
slope = grad(logistic)(0.0)


class Net:
    """A network whose methods are differentiated."""

    W = np.ones(3)

    def cost(self, x: npt.NDArray[np.float64]) -> Any:
        """Return the cost."""
        return x @ self.W

    def __call__(self, x: npt.NDArray[np.float64]) -> Any:
        """Return the cost."""
        return self.cost(x)


both = grad(Net().cost)(x) + grad(Net())(x) + jit(Net().cost)(x)

import tinygrad_dnn.numpy as tnp  # noqa: E402

assert_type(tnp.sum(W, axis=0), Tensor)
assert_type(tnp.exp(-W), Tensor)
assert_type(tnp.dot(W, X), Tensor)
assert_type(tnp.maximum(0, W), Tensor)
assert_type(tnp.zeros((3, 2)), np.ndarray)
assert_type(tnp.float64(1.0), np.float64)
assert_type(tnp.where(W > 0, 0.0, W), Tensor)
assert_type(tnp.where(X > 0, Z, 0.0), Tensor)
assert_type(tnp.concatenate([W, W]), Tensor)
assert_type(tnp.stack((W[0, 0], W[0, 1])), Tensor)
assert_type(tnp.array([W[0, 0], W[0, 1]]), Tensor)
assert_type(tnp.einsum("ij,jk->ik", W, X), Tensor)
assert_type(tnp.einsum("ij,jk->ik", np.ones((4, 1)), W), Tensor)
assert_type(tnp.linalg.norm(W), Tensor)
assert_type(tnp.linalg.solve(np.eye(2), W.T), Tensor)
