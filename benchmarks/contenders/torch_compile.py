"""PyTorch, compiled for the CPU: cost and gradients in one program, which is faster than a compiled cost alone."""

from __future__ import annotations

import torch

from . import UnavailableError
from .expression import cost


def prepare(parameters, X, Y):
    """Make tensors, and compile for them.

    Raises
    ------
    UnavailableError
        If PyTorch cannot compile here: it wants a C++ compiler.
    """
    torch.compiler.reset()
    tensors = {name: torch.tensor(value) for name, value in parameters.items()}, torch.tensor(X), torch.tensor(Y)
    compiled = torch.compile(torch.func.grad_and_value(_cost), dynamic=False)
    try:
        compiled(*tensors)
    except RuntimeError as error:
        raise UnavailableError(str(error).splitlines()[0]) from error
    return (*tensors, compiled)


def _cost(parameters, X, Y):
    return cost(parameters, X, Y, relu=torch.relu, sigmoid=torch.sigmoid, log=torch.log, sum=torch.sum)


def step(parameters, X, Y, compiled):
    """Cost and gradients."""
    gradients, J = compiled(parameters, X, Y)
    return J, gradients
