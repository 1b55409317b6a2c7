"""Text: a graph as source code; constants, dtypes and source lines as text."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.node import Node
from ..core.tensor import Tensor

_MANY: dict[Any, str] = {0: "zeros", 1: "ones"}
_WORDS: dict[Any, str] = {0: "zero", 1: "one", 2: "two", -1: "minus_one", 0.5: "half"}


def word(value: np.ndarray | np.generic) -> str:
    """Suggest a name for a constant."""
    first = value.flat[0] if np.size(value) and np.all(value == value.flat[0]) else None
    return (_MANY if np.ndim(value) else _WORDS).get(first, "c")


def place_of(x: Node) -> str:
    """Write the shape of a result, and the line that computes it."""
    return f"{x.shape if x.shape else 'number'}{lines_of([x])}"


def lines_of(members: Iterable[Node]) -> str:
    """Write the lines that call ops; what was typed in has no file."""
    lines = dict.fromkeys(x.line for x in members if x.line)
    named = [(" ".join(os.path.basename(path).split()), path[:1] == "<", line) for path, line in lines]
    places = dict.fromkeys(f"line {line}" if typed else f"{file}:{line}" for file, typed, line in named)
    return f"  {', '.join(places)}" if places else ""


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    """Write the allocation of an array."""
    return f"np.empty({shape}{_dtype(dtype, np.dtype(float))})"


def _dtype(dtype: np.dtype[Any], *usual: np.dtype[Any]) -> str:
    """Write a dtype as a further argument, unless it is a usual one."""
    return "" if dtype in usual else f", np.{dtype.name}"


def literal(value: object) -> str:
    """Write an array as an expression.

    Examples
    --------
    >>> literal(np.ones((2, 1), np.float32)), literal(np.array(0.5)), literal(np.arange(3))
    ('np.ones((2, 1), np.float32)', 'np.array(0.5)', 'np.array([0, 1, 2])')
    """
    array = np.asarray(value)
    dtype = _dtype(array.dtype, *map(np.dtype, (float, int, bool)))
    shape = array.shape if array.ndim > 1 else array.size
    if not array.size:
        return f"np.zeros({array.shape}, np.{array.dtype.name})"
    first = array.flat[0].item()
    if array.ndim and array.dtype.kind == "f" and np.all(array == first) and np.ptp(np.signbit(array) * 1) == 0:
        return {"0.0": f"np.zeros({shape}{dtype})", "1.0": f"np.ones({shape}{dtype})"}.get(
            repr(first), f"np.full({shape}, {_finite(first)}{dtype})"
        )
    return f"np.array({_finite(array.tolist())}{dtype})"


def _finite(value: object) -> str:
    return re.sub(r"\b(inf|nan)\b", r"np.\1", repr(value))


def pool(free: str, make: str, held: str, names: str, buffers: str) -> tuple[list[str], list[str]]:
    """Write a pool of buffers that are kept from call to call, and how a call takes those that no other call uses."""
    definition = [f"{free} = []  # memory that no call uses now", "", "", f"def {make}():", f"    return {buffers}"]
    take, new = f"    {held} = {free}.pop()", f"    {held} = {make}()"
    return definition, ["try:", take, "except IndexError:", new, f"{names} = {held}"]


@dataclass(frozen=True)
class Text:
    """A graph as source code, from a backend."""

    arguments: list[str]  # the names of the graph's arguments
    used: set[str]  # those that the body reads
    scalars: set[str]  # those that meet no array, where Python's arithmetic differs from NumPy's
    captured: dict[str, np.ndarray | Tensor]  # names, and the arrays from outside that they stand for
    imports: Sequence[str]
    preamble: list[str]  # what defines `space`
    head: list[str]  # constants, and further functions
    body: list[str]
    space: dict[str, Any]  # further global variables
    reason: str | None = None  # why something is left to NumPy
