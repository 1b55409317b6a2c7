"""The course's networks: derived by hand, as tensor expressions, trained, and the data they learn from."""

from . import manual
from .costs import (
    cost_after,
    cross_entropy,
    cross_entropy_from_Z,
    l2_penalty,
    softmax_cross_entropy,
    softmax_cross_entropy_from_Z,
    squared_error,
)
from .dropout import dropout_masks
from .network import ACTIVATIONS, cost, cost_and_gradients, forward, tensors

__all__ = [
    "ACTIVATIONS",
    "cost",
    "cost_after",
    "cost_and_gradients",
    "cross_entropy",
    "cross_entropy_from_Z",
    "dropout_masks",
    "forward",
    "l2_penalty",
    "manual",
    "softmax_cross_entropy",
    "softmax_cross_entropy_from_Z",
    "squared_error",
    "tensors",
]
