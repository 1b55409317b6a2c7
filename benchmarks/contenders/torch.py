"""PyTorch, eager, on the CPU."""

from __future__ import annotations

import torch

from .expression import cost


def prepare(parameters, X, Y):
    """Make the parameters leaf tensors, the data tensors."""
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
    return leaves, torch.tensor(X), torch.tensor(Y)


def step(parameters, X, Y):
    """Cost and gradients."""
    for parameter in parameters.values():
        parameter.grad = None
    J = cost(parameters, X, Y, relu=torch.relu, sigmoid=torch.sigmoid, log=torch.log, sum=torch.sum)
    J.backward()
    return J, {"d" + name: parameter.grad for name, parameter in parameters.items()}


def derivative(f, x):
    """f'(x)."""
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    return x.grad
