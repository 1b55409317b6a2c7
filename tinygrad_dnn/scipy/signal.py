"""Functions of scipy.signal on Tensors."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from scipy import signal  # type: ignore[import-untyped]

from ..core.notation import MULTIPLY, Form, Notation, call, forms
from ..ops.arguments import Array, Sample, Shape, one_of
from ._functions import declared_op


def _full(c_bar: Array, other: Array, shape: Shape, axes: Shape | None = None) -> Array:
    """Correlate a cotangent with the other operand, over the places of an operand of a shape."""
    over = tuple(range(c_bar.ndim)) if axes is None else axes
    sizes = [(k, n) if i in over else (1, None) for i, (k, n) in enumerate(zip(other.shape, shape))]
    places = tuple(slice(k - 1, n and k - 1 + n) for k, n in sizes)
    return _convolve(c_bar, np.flip(other, over), **({} if axes is None else {"axes": axes}))[places]


_convolve: Any = declared_op(
    lambda a, v, *, axes=None: signal.convolve(a, v) if axes is None else signal.fftconvolve(a, v, axes=axes),
    (lambda c_bar, c, a, v, axes=None: _full(c_bar, v, a.shape, axes),
     lambda c_bar, c, a, v, axes=None: _full(c_bar, a, v.shape, axes)), "convolve_all",
    notation=Notation(lambda arity, params: Form(
        f"signal.fftconvolve({{}}, {{}}, axes={params['axes']})" if params else "signal.convolve({}, {})"
    ), forms("", Form("{} * {}", MULTIPLY, (MULTIPLY, MULTIPLY + 1))).latex, call("convolve").text),
    samples=lambda draw: [
        *(Sample(draw(*a), draw(*b)) for a, b in [((5,), (3,)), ((4, 3), (2, 2))]),
        *(Sample(draw(*a), draw(*b), axes=(1,)) for a, b in [((2, 4), (2, 3)), ((2, 4), (1, 3))]),
    ],
    imports=("from scipy import signal",),
)  # fmt: skip


def convolve(in1: Array, in2: Array, mode: str = "full", method: str = "auto") -> Array:
    """Convolve two arrays with as many axes; SciPy chooses between sums and FFT.

    Examples
    --------
    >>> convolve(np.ones(3), np.array([1.0, 2.0]), mode="same")
    array([1., 3., 3.])
    """
    return fftconvolve(in1, in2, mode)


def fftconvolve(in1: Array, in2: Array, mode: str = "full", axes: Any = None) -> Array:
    """Convolve two arrays along some axes, by FFT, or along all.

    Examples
    --------
    >>> fftconvolve(np.ones((2, 3)), np.array([[1.0, 2.0]]), axes=1).round(12)
    array([[1., 3., 3., 2.],
           [1., 3., 3., 2.]])
    """
    one_of(mode, ("full", "same", "valid"), "convolve: mode")
    m, n = np.shape(in1), np.shape(in2)
    over = tuple(range(len(m))) if axes is None else normalize_axis_tuple(axes, len(m))
    c = _convolve(in1, in2) if axes is None else _convolve(in1, in2, axes=over)
    if mode == "full":
        return c
    if mode == "valid" and not (all(m[i] >= n[i] for i in over) or all(n[i] >= m[i] for i in over)):
        raise ValueError(f"convolve: shapes {m} and {n}; for mode='valid' one must be the larger along every axis")
    places = [slice(None)] * len(m)
    for i in over:
        same = slice((n[i] - 1) // 2, (n[i] - 1) // 2 + m[i])
        places[i] = same if mode == "same" else slice(min(m[i], n[i]) - 1, max(m[i], n[i]))
    return c[tuple(places)]


def correlate(in1: Array, in2: Array, mode: str = "full", method: str = "auto") -> Array:
    """Correlate two arrays with as many axes."""
    return convolve(in1, np.flip(in2), mode)


convolve2d, oaconvolve, correlate2d = convolve, fftconvolve, correlate
__getattr__: Callable[[str], Any] = partial(getattr, signal)  # the rest is SciPy's own
