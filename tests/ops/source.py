"""The source of random arrays that the samplers of all ops draw from."""

import numpy as np

from tinygrad_dnn.ops.arguments import Draw


def source(seed: int = 0) -> Draw:
    """Return a `draw(*shape, low=-2, high=2)` with entries that keep a distance from each other and from integers.

    The distances keep finite differences away from the kinks of abs, max, sort, floor and their like.
    """
    rng = np.random.default_rng(seed)

    def draw(*shape: int, low: float = -2.0, high: float = 2.0) -> np.ndarray:
        n = int(np.prod(shape))
        steps = (rng.permutation(n) + rng.uniform(0.3, 0.7, n)) / max(n, 1)
        array = low + (high - low) * steps
        near = np.abs(array - np.round(array)) < 1e-3
        return (array + 3e-3 * near).reshape(shape)

    return draw
