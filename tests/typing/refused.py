"""Mistakes of a user that mypy and pyright find; the code of each as mypy calls it."""

import numpy as np

from tinygrad_dnn import Tensor, grad, jit, relu

W = Tensor([[1.0]])


def cost(W: np.ndarray, X: np.ndarray) -> float:
    return float(np.sum(W @ X))


W.relu()  # attr-defined
Tensor.zeros(3)  # attr-defined
relu()  # call-overload
grad(cost)(np.ones(2))  # call-arg
jit(cost)(np.ones(2), np.ones(2), np.ones(2))  # call-arg
jit(cost).source(1, np.ones(2))  # arg-type
W.sum(axes=0)  # call-arg
W @ object()  # operator
W.backwards()  # attr-defined
length: int = W.T  # assignment
