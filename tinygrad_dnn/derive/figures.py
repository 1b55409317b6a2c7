"""Numbers, names and values in each notation."""

import math
from typing import Any

import numpy as np

from ..core.notation import ATOM, MULTIPLY, NEGATE
from ..core.tensor import Tensor
from ..support.numbers import exact, short
from . import mathml
from .names import Symbol

MANY = 36
"""Entries of an array up to which its numbers are written out."""


def show(kind: str, symbol: Symbol) -> str:
    """Write a name."""
    if kind == "mathml":
        return mathml.symbol(symbol)
    return {"source": symbol.python, "text": symbol.text, "latex": symbol.latex}[kind]


def number(kind: str, value: Any) -> tuple[str, int]:
    """Write a number; in the source exactly, with its type, elsewhere as people do."""
    binds = NEGATE if value < 0 else ATOM
    if kind == "source":
        value = value[()] if isinstance(value, np.ndarray) else value  # what was computed beforehand may be 0-d
        text = f"np.bool_({bool(value)})" if isinstance(value, np.bool_) else repr(value)
        finite = not isinstance(value, (float, np.floating)) or math.isfinite(value)
        return text if finite else text.replace("nan", "np.nan").replace("inf", "np.inf"), binds
    if isinstance(value, (bool, np.bool_)):
        return show(kind, Symbol("", str(bool(value)), rf"\mathrm{{{bool(value)}}}")), ATOM
    if kind in ("text", "numbers"):
        return exact(value), binds
    if kind == "mathml":
        return mathml.literal(exact(value)), binds
    text = exact(value).replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
    mantissa, e, exponent = text.partition("e")
    if not e or not exponent.lstrip("+-").isdigit():
        return text, binds
    power = rf"10^{{{int(exponent)}}}"
    return (power, binds) if mantissa == "1" else (rf"{mantissa} \cdot {power}", MULTIPLY)


def figures(value: object, symbol: Symbol) -> tuple[str, int]:
    """Write a value with four digits, and its precedence; what has many entries is called by its name."""
    array = np.asarray(value)
    if array.size > MANY:
        return symbol.text, ATOM
    if not array.ndim:
        return number("text", float(short(array)))
    text = np.array2string(array, precision=4, separator=", ", max_line_width=10_000).replace("\n", "")
    return text.replace("  ", " "), NEGATE if text.startswith("-") else ATOM


def ones(kind: str, seed: Tensor) -> str:
    """Write the cotangent that the walk starts from."""
    value = seed.array
    if not seed.shape:
        return number(kind, value if kind == "source" else float(value))[0]
    if kind != "source":
        return number(kind, 1)[0] if np.all(value == 1) else show(kind, Symbol("", "given", r"\text{given}"))
    dtype = "" if seed.dtype == np.float64 else f", np.{seed.dtype.name}"
    return f"np.ones({seed.shape}{dtype})" if np.all(value == 1) else f"np.array({value.tolist()}{dtype})"
