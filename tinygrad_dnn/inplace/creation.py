"""Creation functions whose results can be assigned to, and those that take lists of Tensors."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..core.protocol import gathered
from ..core.tensor import Tensor
from .handles import assignable


def creating(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a creation function whose floating point arrays can be assigned to."""

    @wraps(function)
    def create(*args: Any, **kwargs: Any) -> Any:
        return assignable(function(*args, **kwargs))

    return create


@wraps(np.array)
def array(object: Any, dtype: Any = None, **kwargs: Any) -> Any:  # noqa: A002
    """Make an array that can be assigned to: of a list with Tensors in it, a Tensor."""
    made = gathered(object)
    if isinstance(made, Tensor):
        made = made.copy() if kwargs.get("copy", True) and made is object else made
        return made if dtype is None or made.dtype == dtype else made.astype(dtype)
    return assignable(np.array(object, dtype, **kwargs))


@wraps(np.asarray)
def asarray(a: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """Return an array itself; of anything else, make one that can be assigned to."""
    if isinstance(a, np.ndarray) and (dtype is None or a.dtype == dtype):
        return np.asarray(a, **kwargs)
    if isinstance(a, Tensor) and (dtype is None or a.dtype == dtype):
        return a
    return array(a, dtype, **kwargs)


class Joining:
    """``np.r_`` and ``np.c_``, which take Tensors too: NumPy's own, and the axis that matrices are joined along."""

    def __init__(self, joined: Any, axis: int) -> None:
        self._joined, self._axis = joined, axis

    def __getitem__(self, key: Any) -> Any:
        parts = [gathered(part) for part in (key if type(key) is tuple else (key,))]
        if not any(isinstance(part, Tensor) for part in parts):
            return assignable(self._joined[key])
        made = [np.r_[part] if isinstance(part, slice) else np.atleast_1d(part) for part in parts]
        columns = [np.reshape(x, (-1, 1)) if self._axis and np.ndim(x) == 1 else x for x in made]
        return np.concatenate(columns, axis=self._axis)


_MAKE = "zeros ones empty full eye identity tri linspace logspace geomspace arange copy fromiter fromfunction"
_LIKE = "zeros_like ones_like empty_like full_like loadtxt genfromtxt"

CREATORS: dict[str, Any] = {name: creating(getattr(np, name)) for name in f"{_MAKE} {_LIKE}".split()}
CREATORS |= {"array": array, "asarray": asarray, "asanyarray": asarray, "ascontiguousarray": asarray}
CREATORS |= {"r_": Joining(np.r_, 0), "c_": Joining(np.c_, -1)}
CREATORS |= {"empty": CREATORS["zeros"], "empty_like": CREATORS["zeros_like"]}  # the same at every call, for `jit`
"""The names in which the module differs from NumPy."""
