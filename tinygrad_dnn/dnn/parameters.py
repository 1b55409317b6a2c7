"""Parameters of one's own: steps of an optimiser on them, one vector of them for SciPy, a file of them.

They are arrays, Tensors and numbers in dicts, lists and tuples.
"""

import io
from collections.abc import Callable
from os import PathLike
from typing import Any

import numpy as np

from ..core import Tensor, flatten, mapped, rebuilt
from ..support.files import write_atomically
from . import optimisers
from .optimisers import Averages, Optimiser

Array = np.ndarray


class Descent:
    """An optimiser that holds the parameters it changes: arrays and Tensors in place; numbers are replaced.

    The learning rate is by default the optimiser's; `constants` are beta for `Momentum`, beta1, beta2 and epsilon for
    `Adam`.

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

    rule: type[Optimiser]

    def __init__(self, parameters: object, learning_rate: float | None = None, **constants: float) -> None:
        self.parameters, self.steps = parameters, 0
        self.optimiser: Optimiser = self.rule(**constants)
        self.learning_rate = self.rule.learning_rate if learning_rate is None else learning_rate
        zeros = [np.zeros(np.shape(x)) for x in flatten(parameters)]
        self.averages: list[Averages] = [(zero,) * len(self.rule.averages) for zero in zeros]

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
            new, self.averages[i] = self.optimiser.step(
                value, np.asarray(dx), self.averages[i], self.steps, self.learning_rate
            )
            if isinstance(x, Tensor):
                x.data = new
                x.zero_grad()
            elif isinstance(x, np.ndarray):
                x[...] = new
            else:
                leaves[i] = new
        self.parameters = rebuilt(self.parameters, leaves)
        return self.parameters


class GradientDescent(Descent):
    """Steps of `optimisers.GradientDescent`."""

    rule = optimisers.GradientDescent


class Momentum(Descent):
    """Steps of `optimisers.Momentum`."""

    rule = optimisers.Momentum


class Adam(Descent):
    """Steps of `optimisers.Adam`."""

    rule = optimisers.Adam


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
