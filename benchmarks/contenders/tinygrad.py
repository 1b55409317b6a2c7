"""tinygrad_dnn, eager."""

from __future__ import annotations

import numpy as np

from tinygrad_dnn import Tensor, relu, sigmoid

from .expression import cost


def prepare(parameters, X, Y):
    """Make the parameters Tensors; data are arrays."""
    return {name: Tensor(value) for name, value in parameters.items()}, X, Y


def step(parameters, X, Y):
    """Cost and gradients."""
    for parameter in parameters.values():
        parameter.zero_grad()
    J = cost(parameters, X, Y, relu=relu, sigmoid=sigmoid, log=np.log, sum=np.sum)
    J.backward()
    return J, {"d" + name: parameter.grad for name, parameter in parameters.items()}


def derivative(f, x):
    """f'(x)."""
    x = Tensor(x)
    f(x).backward()
    return x.grad
