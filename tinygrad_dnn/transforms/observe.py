"""Observers: the watch for NaN and infinity, and the source line of each op."""

import os
import sys
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any

import numpy as np

from ..core import NonFiniteError, observe
from ..core.context import Observer

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep


def calling_frame() -> FrameType:
    """Return the frame of the innermost call from outside this package."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame


def calling_line() -> tuple[str, int]:
    """Return file and line of the innermost call from outside this package."""
    return (frame := calling_frame()).f_code.co_filename, frame.f_lineno


class _Lines(Observer):
    def forward(self, out: Any, values: Any) -> None:
        out.line = calling_line()


class _NonFinite(_Lines):
    def forward(self, out: Any, values: Any) -> None:
        super().forward(out, values)
        name = out.op.name if out.op else "an op under no_grad"
        _stop(name, out.array, f"from inputs of shapes {[np.shape(v) for v in values]}", out)

    def backward(self, out: Any, x: Any, x_bar: Any) -> None:
        to = f"for its input {x.name or ''} of shape {x.shape}"
        _stop(f"the vjp of {out.op.name}", getattr(x_bar, "array", x_bar), to, out)


def _stop(what: str, value: Any, how: str, out: Any) -> None:
    bad = ~np.isfinite(value)
    if bad.any():
        index = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(bad)))
        at = f" at {list(index)}" if np.ndim(value) else ""
        path, line = out.line
        raise NonFiniteError(f'{what} made {np.atleast_1d(value)[index]}{at} {how}, called in "{path}", line {line}')


def trace_lines() -> AbstractContextManager[None]:
    """Note for each op inside the source line that applied it, for pictures and programs: the ``line`` of a Tensor."""
    return observe(_Lines())


def trace_nonfinite() -> AbstractContextManager[None]:
    """Stop at the first NaN or infinity, forward or backward, and name the op that made it.

    Raises
    ------
    NonFiniteError
        With the shapes of the op's inputs and the line that called it, in the backward pass that of the forward op.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_dnn import Tensor, trace_nonfinite
    >>> with trace_nonfinite(), np.errstate(all="ignore"):
    ...     np.log(Tensor([1.0, 0.0]))
    Traceback (most recent call last):
        ...
    tinygrad_dnn.errors.NonFiniteError: log made -inf at [1] from inputs of shapes [(2,)], called in ...
    """
    return observe(_NonFinite())
