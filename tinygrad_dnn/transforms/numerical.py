"""Functions that no rule reaches: their derivative by finite differences."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..core.errors import NoRuleError
from ..core.notation import Notation, Writer, call
from ..core.primitive import each, primitive
from ..core.pytree import flatten, mapped
from ..core.tensor import Tensor
from ._run import name_of
from .differences import directional, slopes_of


def numerical(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that computes outside NumPy differentiable to first order, by finite differences.

    Parameters
    ----------
    f : callable
        From numbers and arrays, or structures of them, to one number or array: a simulation, a table, a library's
        solver. It must give the same for the same arguments, and not change them.

    Returns
    -------
    callable
        The same for Tensors. The backward pass calls `f` about ten times for each entry of an argument; the derivative
        is right to about nine digits where `f` computes in double precision. A second derivative is a NoRuleError.

    Examples
    --------
    >>> import math
    >>> from tinygrad_dnn import grad
    >>> round(float(grad(numerical(math.gamma))(2.0)), 6)
    0.422784
    """

    name = name_of(f, "numerical")

    @wraps(f)
    def differentiable(*args: Any, **kwargs: Any) -> Any:
        tree = args, kwargs

        def of_arrays(*arrays: Any) -> np.ndarray:
            following = iter(arrays)
            xs, keywords = mapped(lambda x: next(following) if isinstance(x, Tensor) else x, tree)
            y = f(*xs, **keywords)
            if isinstance(y, (tuple, dict)) or np.asarray(y).dtype.kind not in "fiub":
                raise TypeError(f"numerical: {name} returned {y!r:.60}; give one number or array")
            return np.asarray(y, None if np.asarray(y).dtype.kind == "f" else np.float64)[()]

        tensors = [x for x in flatten(tree) if isinstance(x, Tensor)]
        of_arrays.__name__ = name
        return _black_box(*tensors, f=of_arrays) if tensors else f(*args, **kwargs)

    return differentiable


def _pull(y_bar: Any, *xs: Any, f: Any, place: int) -> Any:
    """Differentiate <y_bar, f(xs)> by the entries of one x."""
    x, others = np.array(xs[place], np.float64), xs[place + 1 :]
    slopes = slopes_of(lambda x: float(np.sum(y_bar * f(*xs[:place], x[()], *others))), x, np.ndindex(x.shape))
    return np.array([slope.value for slope in slopes.values()], xs[place].dtype).reshape(x.shape)[()]


def _push(i: int, z_bar: Any, z: Any, y_bar: Any, *xs: Any, f: Any, place: int) -> Any:
    """Differentiate <z_bar, pull> by y_bar: the derivative of f along z_bar."""
    if i or any(isinstance(x, Tensor) for x in (z_bar, y_bar, *xs)):
        raise NoRuleError(
            "numerical: finite differences make a function differentiable to first order only; for second derivatives "
            "declare its rule with tinygrad_dnn.primitive"
        )
    size = float(np.max(np.abs(z_bar), initial=0.0)) or 1.0
    moved: Any = directional(lambda h: f(*xs[:place], xs[place] + h / size * z_bar, *xs[place + 1 :]))
    return np.asarray(size * moved, y_bar.dtype)[()]


def _rule(i: int, y_bar: Any, y: Any, *xs: Any, f: Any) -> Any:
    recorded = any(isinstance(x, Tensor) for x in (y_bar, *xs))
    return (_pulled if recorded else _pull)(y_bar, *xs, f=f, place=i)


def _written(kind: str, prefix: str) -> Writer:
    return lambda arity, params: getattr(call(prefix + params["f"].__name__), kind)(arity, {})


_notation, _of_vjp = (
    Notation(_written("source", prefix), _written("latex", prefix), _written("text", prefix))
    for prefix in ("", "vjp_of_")
)

_black_box = primitive(lambda *xs, f: f(*xs), name="numerical", vjp=each(_rule), notation=_notation)
_pulled = primitive(_pull, name="numerical_vjp", vjp=each(_push), notation=_of_vjp)
