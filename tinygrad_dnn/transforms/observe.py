"""Observers: the watch for NaN and infinity, and the source line of each op."""

import ast
import linecache
import os
import sys
from contextlib import AbstractContextManager, suppress
from functools import lru_cache
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


@lru_cache(maxsize=64)
def statements(path: str) -> list[ast.stmt]:
    """Return the statements of a file, outer ones first; none of one that cannot be parsed."""
    with suppress(SyntaxError):
        return [x for x in ast.walk(ast.parse("".join(linecache.getlines(path)))) if isinstance(x, ast.stmt)]
    return []


@lru_cache(maxsize=1024)
def statement(path: str, line: int) -> ast.stmt | None:
    """Return the innermost statement on a line of a file."""
    around = [s for s in statements(path) if s.lineno <= line <= (s.end_lineno or s.lineno)]
    return min(reversed(around), key=lambda s: (s.end_lineno or s.lineno) - s.lineno, default=None)


class Lines(Observer):
    """Notes of each op its line, and the statement that takes its value: of what is returned, that of the caller."""

    def __init__(self) -> None:
        self._count = 0
        self._runs: dict[tuple[str, int], tuple[list[int], int, int]] = {}  # offsets in the code, count, number

    def forward(self, out: Any, values: Any) -> None:
        """Note where an op is applied."""
        frame = calling_frame()
        out.line = path, line = frame.f_code.co_filename, frame.f_lineno
        offsets = [frame.f_lasti]
        while frame.f_back and (isinstance(statement(path, line), ast.Return) or frame.f_code.co_name == "<lambda>"):
            frame = frame.f_back
            path, line = frame.f_code.co_filename, frame.f_lineno
            offsets.insert(0, frame.f_lasti)
            if path.startswith(_PACKAGE):  # a transform, which calls the function of the user
                return
        self._count += 1
        found = statement(path, line)
        place = path, found.lineno if found else line
        before, count, run = self._runs.get(place, (offsets, self._count, 0))
        run += offsets < before or (offsets == before and count + 1 < self._count)  # once more, in a loop
        self._runs[place] = offsets, self._count, run
        out.statement = (*place, run)


class _NonFinite(Lines):
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
    return observe(Lines())


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
