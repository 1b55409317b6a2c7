"""Functions of scipy.signal on Tensors."""

from typing import Any

import numpy as np
from scipy import signal  # type: ignore[import-untyped]

from ..core.notation import MULTIPLY, Form, forms
from ..ops.arguments import Array, one_of
from ..ops.samples import Sample
from ._declare import declared_op


def _full(c_bar: Array, other: Array, shape: tuple[int, ...]) -> Array:
    """Correlate a cotangent with the other operand, over the places of an operand of a shape."""
    places = tuple(slice(k - 1, k - 1 + n) for k, n in zip(np.shape(other), shape))
    return _convolve(c_bar, np.flip(other))[places]


_convolve: Any = declared_op(
    lambda a, v: signal.convolve(a, v),
    (lambda c_bar, c, a, v: _full(c_bar, v, a.shape), lambda c_bar, c, a, v: _full(c_bar, a, v.shape)),
    "convolve_all",
    notation=forms("signal.convolve({}, {})", Form("{} * {}", MULTIPLY, (MULTIPLY, MULTIPLY + 1)), "convolve({}, {})"),
    samples=lambda draw: [Sample(draw(*a), draw(*b)) for a, b in [((5,), (3,)), ((4, 3), (2, 2))]],
    imports=("from scipy import signal",),
)


def convolve(in1: Array, in2: Array, mode: str = "full", method: str = "auto") -> Array:
    """Convolve two arrays with as many axes; SciPy chooses between sums and FFT.

    Examples
    --------
    >>> convolve(np.ones(3), np.array([1.0, 2.0]), mode="same")
    array([1., 3., 3.])
    """
    one_of(mode, ("full", "same", "valid"), "convolve: mode")
    m, n = np.shape(in1), np.shape(in2)
    if mode == "full":
        return _convolve(in1, in2)
    if mode == "same":
        return _convolve(in1, in2)[tuple(slice((k - 1) // 2, (k - 1) // 2 + size) for size, k in zip(m, n))]
    if not (all(map(int.__ge__, m, n)) or all(map(int.__ge__, n, m))):
        raise ValueError(f"convolve: shapes {m} and {n}; for mode='valid' one must be the larger along every axis")
    return _convolve(in1, in2)[tuple(slice(min(a, b) - 1, max(a, b)) for a, b in zip(m, n))]


def correlate(in1: Array, in2: Array, mode: str = "full", method: str = "auto") -> Array:
    """Correlate two arrays with as many axes."""
    return convolve(in1, np.flip(in2), mode)


fftconvolve = convolve2d = convolve
correlate2d = correlate


def __getattr__(name: str) -> Any:
    return getattr(signal, name)
