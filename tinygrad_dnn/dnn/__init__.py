"""The course's networks: derived by hand, as tensor expressions, trained, and the data they learn from."""

# ruff: noqa: F403, F405 (__all__ says which)
from typing import TYPE_CHECKING, Any

from . import manual
from .batches import dropout_masks
from .costs import *
from .network import ACTIVATIONS, cost, cost_and_gradients, forward, tensors
from .optimisers import OPTIMISERS
from .settings import Settings
from .training import Training, train

if TYPE_CHECKING:
    from .classifier import DNNClassifier
__all__ = [
    "ACTIVATIONS", "OPTIMISERS", "DNNClassifier", "Settings", "Training", "cost", "cost_after", "cost_and_gradients",
    "cross_entropy", "cross_entropy_from_Z", "dropout_masks", "forward", "l2_penalty", "manual",
    "softmax_cross_entropy", "softmax_cross_entropy_from_Z", "squared_error", "tensors", "train",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what needs scikit-learn when it is asked for."""
    if name != "DNNClassifier":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .classifier import DNNClassifier

    return DNNClassifier
