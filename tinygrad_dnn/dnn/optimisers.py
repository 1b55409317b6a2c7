"""Optimisers: the change of the parameters, one vector theta, given their gradient.

Each is a function from what is known to what is known next. It changes nothing in place, so that a step that is broken
off half-way has not happened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

Array = np.ndarray
Averages = tuple[Array, ...]


class Optimiser:
    """The interface that a step of training needs."""

    averages: ClassVar[tuple[str, ...]] = ()
    learning_rate: ClassVar[float] = 0.0075

    def step(self, theta: Array, dtheta: Array, averages: Averages, t: int, alpha: float) -> tuple[Array, Averages]:
        """Return theta and the running averages after step t = 1, 2, ...; they begin at 0."""
        raise NotImplementedError


@dataclass(frozen=True)
class GradientDescent(Optimiser):
    """theta -= alpha dtheta (week 2).

    Examples
    --------
    >>> GradientDescent().step(np.array([1.0, 2.0]), np.array([10.0, -10.0]), (), t=1, alpha=0.1)
    (array([0., 3.]), ())
    """

    def step(self, theta: Array, dtheta: Array, averages: Averages, t: int, alpha: float) -> tuple[Array, Averages]:
        return theta - alpha * dtheta, ()


@dataclass(frozen=True)
class Momentum(Optimiser):
    """v = beta v + (1 - beta) dtheta; theta -= alpha v.

    Examples
    --------
    >>> Momentum(beta=0.5).step(np.array([1.0]), np.array([4.0]), (np.array([2.0]),), t=1, alpha=0.1)
    (array([0.7]), (array([3.]),))
    """

    beta: float = 0.9
    averages: ClassVar[tuple[str, ...]] = ("v",)

    def step(self, theta: Array, dtheta: Array, averages: Averages, t: int, alpha: float) -> tuple[Array, Averages]:
        (v,) = averages
        v = self.beta * v + (1 - self.beta) * dtheta
        return theta - alpha * v, (v,)


@dataclass(frozen=True)
class Adam(Optimiser):
    """Momentum, each step scaled by the root of the gradient's mean square.

    v = beta1 v + (1 - beta1) dtheta; s = beta2 s + (1 - beta2) dtheta^2; without their bias towards the 0 at which they
    begin, v / (1 - beta1^t) and s / (1 - beta2^t), theta -= alpha v / (sqrt(s) + epsilon).

    References
    ----------
    D. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.

    Examples
    --------
    >>> theta, _ = Adam().step(np.array([1.0, 1.0]), np.array([5.0, -0.1]), (np.zeros(2), np.zeros(2)), t=1, alpha=0.1)
    >>> theta.round(6)
    array([0.9, 1.1])
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    averages: ClassVar[tuple[str, ...]] = ("v", "s")
    learning_rate: ClassVar[float] = 0.001

    def step(self, theta: Array, dtheta: Array, averages: Averages, t: int, alpha: float) -> tuple[Array, Averages]:
        v, s = averages
        v = self.beta1 * v + (1 - self.beta1) * dtheta
        s = self.beta2 * s + (1 - self.beta2) * np.square(dtheta)
        unbiased_v, unbiased_s = 1 - self.beta1**t, 1 - self.beta2**t
        return theta - alpha / unbiased_v * v / (np.sqrt(s / unbiased_s) + self.epsilon), (v, s)


OPTIMISERS: Mapping[str, type[Optimiser]] = MappingProxyType(
    {"gradient-descent": GradientDescent, "momentum": Momentum, "adam": Adam}
)
