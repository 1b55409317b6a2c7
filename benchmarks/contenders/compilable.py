"""What `tinygrad_dnn.jit` is given: cost and gradients of the network on arrays, in one function."""

from __future__ import annotations

import numpy as np

from tinygrad_dnn import relu, sigmoid, value_and_grad

from .expression import cost


def prepare(parameters, X, Y):
    """Take the arrays as they are."""
    return parameters, X, Y


@value_and_grad
def cost_and_gradients(parameters, X, Y):
    """The cost, and its gradients in the structure of the parameters."""
    return cost(parameters, X, Y, relu=relu, sigmoid=sigmoid, log=np.log, sum=np.sum)
