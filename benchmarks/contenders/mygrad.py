"""MyGrad."""

from __future__ import annotations

import mygrad
from mygrad.nnet.activations import relu, sigmoid

from .expression import cost


def prepare(parameters, X, Y):
    """Make the parameters tensors; data are arrays."""
    return {name: mygrad.tensor(value) for name, value in parameters.items()}, X, Y


def step(parameters, X, Y):
    """Cost and gradients."""
    for parameter in parameters.values():
        parameter.null_grad()
    J = cost(parameters, X, Y, relu=relu, sigmoid=sigmoid, log=mygrad.log, sum=mygrad.sum)
    J.backward()
    return J, {"d" + name: parameter.grad for name, parameter in parameters.items()}


def derivative(f, x):
    """f'(x)."""
    x = mygrad.tensor(x)
    f(x).backward()
    return x.grad
