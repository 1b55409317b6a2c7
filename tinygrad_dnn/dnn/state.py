"""The state of a training, from which an epoch makes the next, and the history."""

from typing import NamedTuple

import numpy as np

from .optimisers import Averages

Array = np.ndarray


class Epoch(NamedTuple):
    """A line of the history; what was not evaluated is NaN.

    Attributes
    ----------
    cost : float
        J on the training set with the penalty, as met on the way: each mini-batch before its step.
    accuracy : float
        On the training set, after the last step; 0 to 1.
    validation_cost, validation_accuracy : float
        On the validation part, after the last step, without penalty and dropout.
    learning_rate : float
        alpha of the epoch.
    """

    cost: float
    accuracy: float
    validation_cost: float
    validation_accuracy: float
    learning_rate: float


class Best(NamedTuple):
    """The parameters with the lowest cost on the validation part, that cost, and after how many epochs it was."""

    theta: Array
    cost: float
    epoch: int


class State(NamedTuple):
    """The state after an epoch: all that the next one depends on.

    Attributes
    ----------
    theta : ndarray
        The parameters as one vector, see `Layout`.
    averages : tuple of ndarrays
        The optimiser's running averages.
    steps, epoch : int
        How many there have been.
    best : Best or None
        Kept for early stopping.
    """

    theta: Array
    averages: Averages
    steps: int = 0
    epoch: int = 0
    best: Best | None = None
