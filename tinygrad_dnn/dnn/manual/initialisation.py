"""The first parameters: small random weights, zero biases, from the course's seeds (weeks 3 and 4).

The random numbers are those of the course to the last bit, but from a generator of their own: NumPy's global
random state is neither read nor changed.
"""

from collections.abc import Sequence
from itertools import pairwise
from operator import index

import numpy as np

from ._checks import Array


def initialize_parameters(n_x: int, n_h: int, n_y: int, *, seed: int = 1) -> dict[str, Array]:
    """Make the parameters of a network with one hidden layer: randn * 0.01 and zeros (week 4).

    The sizes are the numbers of inputs, of hidden units and of outputs; the course's seed is 1 (week 3 uses 2). Result
    and errors are those of `initialize_parameters_deep`.

    Examples
    --------
    >>> initialize_parameters(2, 2, 1)["W1"]
    array([[ 0.01624345, -0.00611756],
           [-0.00528172, -0.01072969]])
    """
    return _draw("initialize_parameters", (n_x, n_h, n_y), "small", seed)


def initialize_parameters_deep(
    layer_dims: Sequence[int], *, scaling: str = "small", seed: int | None = None
) -> dict[str, Array]:
    r"""Make the parameters of a network with any number of layers: scaled randn and zeros (week 4).

    Parameters
    ----------
    layer_dims : sequence of int
        n[0], n[1], ..., n[L]: the number of inputs, then of the units of each layer.
    scaling : {"small", "fan_in"}
        ``"small"``: randn * 0.01, part 1 of week 4. ``"fan_in"``: randn / sqrt(n[l-1]), the image network of part 2,
        which would hardly learn from weights that small.
    seed : int, optional
        By default the course's for that scaling: 3 for ``"small"``, 1 for ``"fan_in"``.

    Returns
    -------
    parameters : dict
        W1: (n[1], n[0]), b1: (n[1], 1), ..., WL: (n[L], n[L-1]), bL: (n[L], 1).

    Raises
    ------
    ValueError
        If there are fewer than two sizes, one is not a positive integer, or the scaling is unknown.

    Examples
    --------
    >>> parameters = initialize_parameters_deep([12288, 20, 7, 5, 1], scaling="fan_in")
    >>> {name: array.shape for name, array in parameters.items() if name.startswith("W")}
    {'W1': (20, 12288), 'W2': (7, 20), 'W3': (5, 7), 'W4': (1, 5)}
    """
    if scaling not in _COURSE_SEED:
        raise ValueError(
            f"initialize_parameters_deep: there is no scaling {scaling!r}. Choose one of {', '.join(_COURSE_SEED)}."
        )
    return _draw("initialize_parameters_deep", layer_dims, scaling, _COURSE_SEED[scaling] if seed is None else seed)


_COURSE_SEED = {"small": 3, "fan_in": 1}


def _draw(function: str, layer_dims: Sequence[int], scaling: str, seed: int) -> dict[str, Array]:
    try:
        sizes = [index(n) for n in layer_dims]
    except TypeError:
        sizes = []
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(
            f"{function}: the layer sizes are {layer_dims!r}, and must be at least two positive integers, "
            f"n[0] inputs first. The image network's are [12288, 20, 7, 5, 1]."
        )
    random = np.random.RandomState(seed)
    parameters = {}
    for layer, (n_prev, n) in enumerate(pairwise(sizes), start=1):
        W = random.randn(n, n_prev)
        parameters[f"W{layer}"] = W * 0.01 if scaling == "small" else W / np.sqrt(n_prev)
        parameters[f"b{layer}"] = np.zeros((n, 1))
    return parameters
