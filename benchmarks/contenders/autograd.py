"""HIPS autograd."""

from __future__ import annotations

import autograd.numpy as anp
from autograd import grad, value_and_grad

from .expression import cost


def prepare(parameters, X, Y):
    """Take the arrays as they are: autograd boxes them anew in every step."""
    return parameters, X, Y


def _relu(Z):
    return anp.maximum(0, Z)


def _sigmoid(Z):
    return 1 / (1 + anp.exp(-Z))


@value_and_grad
def _cost_and_gradients(parameters, X, Y):
    return cost(parameters, X, Y, relu=_relu, sigmoid=_sigmoid, log=anp.log, sum=anp.sum)


def step(parameters, X, Y):
    """Cost and gradients."""
    J, gradients = _cost_and_gradients(parameters, X, Y)
    return J, {"d" + name: gradient for name, gradient in gradients.items()}


def derivative(f, x):
    """f'(x)."""
    return grad(f)(x)
