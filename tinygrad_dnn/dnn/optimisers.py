"""Optimisers: of networks, and of arrays, Tensors and numbers in dicts, lists, tuples; these as a vector and a file."""

import io
from collections.abc import Callable, Mapping
from os import PathLike
from types import MappingProxyType
from typing import Any

import numpy as np

from ..core import Tensor, flatten, mapped, rebuilt
from ..support.files import write_atomically

Array = np.ndarray
Averages = tuple[Array, ...]


class GradientDescent:
    """theta -= alpha dtheta (week 2), on parameters: arrays and Tensors change in place; numbers are replaced.

    The base of the other optimisers. The learning rate is by default the optimiser's; `constants` are beta for
    `Momentum`, beta1, beta2 and epsilon for `Adam`.

    Examples
    --------
    >>> from tinygrad_dnn import grad
    >>> parameters = {"w": np.array([3.0, -2.0]), "b": np.array(1.0)}
    >>> optimiser = Adam(parameters, learning_rate=0.1)
    >>> for _ in range(300):
    ...     _ = optimiser.step(grad(lambda p: np.sum(p["w"] ** 2) + p["b"] ** 2)(parameters))
    >>> bool(np.abs(parameters["w"]).max() < 1e-3)
    True
    >>> w = Tensor([3.0])
    >>> optimiser = GradientDescent(w, learning_rate=0.25)
    >>> for _ in range(2):
    ...     np.sum(w**2).backward()
    ...     _ = optimiser.step()
    >>> w
    Tensor([0.75])
    """

    averages: tuple[str, ...] = ()
    learning_rate = 0.0075
    constants: Mapping[str, float] = MappingProxyType({})

    def __init__(self, parameters: object = (), learning_rate: float | None = None, **constants: float) -> None:
        if unknown := constants.keys() - self.constants.keys():
            known = ", ".join(self.constants) or "none"
            raise TypeError(f"{type(self).__name__}: there is no constant {min(unknown)}; its constants: {known}")
        self.parameters, self.steps = parameters, 0
        self.constants = {**self.constants, **constants}
        self.learning_rate = self.learning_rate if learning_rate is None else learning_rate
        self._averages: list[Averages] = [(np.zeros(np.shape(x)),) * len(self.averages) for x in flatten(parameters)]

    def after(self, theta: Array, dtheta: Array, averages: Averages, t: int, alpha: float) -> tuple[Array, Averages]:
        """Return theta and the running averages, at first 0, after step t = 1, 2, ...; nothing changes in place."""
        return theta - alpha * dtheta, ()

    def step(self, gradients: object = None) -> Any:
        """Take one step and return the parameters.

        `gradients` have the structure of the parameters; by default `.grad` of the Tensors, which is then forgotten.
        """
        self.steps += 1
        leaves = flatten(self.parameters)
        found = flatten(mapped(lambda _, dx: dx, self.parameters, gradients)) if gradients is not None else leaves
        for i, (x, dx) in enumerate(zip(leaves, found, strict=True)):
            value = x.data if isinstance(x, Tensor) else x
            dx = dx.grad if dx is x else dx
            if dx is None or np.shape(dx) != np.shape(value):
                raise ValueError(f"step: a gradient of shape {np.shape(dx)} for a parameter of shape {np.shape(value)}")
            given = value, np.asarray(dx), self._averages[i], self.steps, self.learning_rate
            new, self._averages[i] = self.after(*given)
            if isinstance(x, Tensor):
                x.data = new
                x.zero_grad()
            elif isinstance(x, np.ndarray):
                x[...] = new
            else:
                leaves[i] = new
        self.parameters = rebuilt(self.parameters, leaves)
        return self.parameters


class Momentum(GradientDescent):
    """v = beta v + (1 - beta) dtheta; theta -= alpha v.

    Examples
    --------
    >>> Momentum(beta=0.5).after(np.array([1.0]), np.array([4.0]), (np.array([2.0]),), t=1, alpha=0.1)
    (array([0.7]), (array([3.]),))
    """

    averages = ("v",)
    constants = MappingProxyType({"beta": 0.9})

    def after(self, theta: Array, dtheta: Array, averages: Averages, t: int, alpha: float) -> tuple[Array, Averages]:
        (v,), beta = averages, self.constants["beta"]
        v = beta * v + (1 - beta) * dtheta
        return theta - alpha * v, (v,)


class Adam(GradientDescent):
    """Momentum, each step scaled by the root of the gradient's mean square.

    v = beta1 v + (1 - beta1) dtheta; s = beta2 s + (1 - beta2) dtheta^2; without their bias towards the 0 at which they
    begin, v / (1 - beta1^t) and s / (1 - beta2^t), theta -= alpha v / (sqrt(s) + epsilon).

    References
    ----------
    D. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.

    Examples
    --------
    >>> theta, _ = Adam().after(np.array([1.0, 1.0]), np.array([5.0, -0.1]), (np.zeros(2), np.zeros(2)), 1, alpha=0.1)
    >>> theta.round(6)
    array([0.9, 1.1])
    """

    averages = ("v", "s")
    learning_rate = 0.001
    constants = MappingProxyType({"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8})

    def after(self, theta: Array, dtheta: Array, averages: Averages, t: int, alpha: float) -> tuple[Array, Averages]:
        (v, s), (beta1, beta2, epsilon) = averages, self.constants.values()
        v = beta1 * v + (1 - beta1) * dtheta
        s = beta2 * s + (1 - beta2) * np.square(dtheta)
        unbiased_v, unbiased_s = 1 - beta1**t, 1 - beta2**t
        return theta - alpha / unbiased_v * v / (np.sqrt(s / unbiased_s) + epsilon), (v, s)


OPTIMISERS: Mapping[str, type[GradientDescent]] = MappingProxyType(
    {"gradient-descent": GradientDescent, "momentum": Momentum, "adam": Adam}
)


def flattened(parameters: Any) -> tuple[Array, Callable[[Any], Any]]:
    """Return the parameters as one vector, and the function that makes such parameters of a vector again.

    Examples
    --------
    >>> from scipy.optimize import minimize
    >>> from tinygrad_dnn import value_and_grad
    >>> theta, restored = flattened({"w": np.array([3.0, -2.0]), "b": 1.0})
    >>> cost = value_and_grad(lambda theta: np.sum(restored(theta)["w"] ** 2) + restored(theta)["b"] ** 2)
    >>> found = minimize(cost, theta, jac=True)
    >>> {name: np.round(x, 6) + 0.0 for name, x in restored(found.x).items()}
    {'w': array([0., 0.]), 'b': np.float64(0.0)}
    """
    leaves = [x.data if isinstance(x, Tensor) else np.asarray(x) for x in flatten(parameters)]
    ends = np.cumsum([0, *(x.size for x in leaves)])

    def restored(theta: Any) -> Any:
        parts = [theta[a:b].reshape(x.shape) for a, b, x in zip(ends[:-1], ends[1:], leaves, strict=True)]
        return rebuilt(parameters, parts)

    return np.concatenate([x.ravel() for x in leaves] or [np.zeros(0)]), restored


def save(path: str | PathLike[str], parameters: object) -> None:
    """Write parameters into a .npy file: one vector; `load` gives it the structure again.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "fitted.npy")
    >>> save(path, {"w": np.array([3.0, -2.0]), "b": 1.0})
    >>> load(path, {"w": np.zeros(2), "b": 0.0})
    {'w': array([ 3., -2.]), 'b': array(1.)}
    >>> folder.cleanup()
    """
    file = io.BytesIO()
    np.save(file, flattened(parameters)[0])
    write_atomically(path, file.getvalue())


def load(path: str | PathLike[str], like: object) -> Any:
    """Return what `save` wrote, in the structure and shapes of `like`; ValueError if it has another size."""
    theta, (zeros, restored) = np.load(path), flattened(like)
    if theta.shape != zeros.shape:
        raise ValueError(f"load: {path} holds {theta.size} numbers, and the parameters are {zeros.size}")
    return restored(theta)
