"""Functions of arrays on a device, lazy or sparse, as functions of ndarrays that run where the arrays are."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ...core.arrays import adopted, beside, is_foreign, on_host, released
from ...core.notation import call
from ...core.primitive import Primitive
from ...core.pytree import flatten, mapped
from ...core.tensor import Tensor


def fetched(tree: Any) -> Any:
    """Return the arrays of a structure as ndarrays; Tensors as they are."""
    return mapped(lambda x: on_host(adopted(x)), tree)


def placed(parameters: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what makes a function of arrays like `parameters` one of ndarrays, or Tensors of them, with such results.

    Where the parameters are ndarrays, as beside lazy data, only the results are fetched.
    """
    there = next(filter(is_foreign, flatten(parameters)), None)
    move = Primitive(lambda x: beside(x, there), (lambda y_bar, y, x: on_host(y_bar),), "placed", call("placed"))

    def moved(x: Any) -> Any:
        return released(move(x)) if there is not None and isinstance(x, (np.ndarray, np.generic, Tensor)) else x

    return lambda f: wraps(f)(lambda *args: fetched(f(*mapped(moved, args))))
