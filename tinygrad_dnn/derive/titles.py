"""Titles: the names of the tensors of a graph, the same in formulas, in pictures and on the page."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..core.graph import everything
from ..core.tensor import Tensor
from .names import Namer, Symbol


@dataclass(eq=False)
class Titles:
    """The symbols of a graph, by serial numbers: of every tensor, and of the cotangents of those that
    require a gradient. The namer knows the names that are taken, and gives out more.
    """

    symbols: dict[int, Symbol] = field(default_factory=dict)
    differentials: dict[int, Symbol] = field(default_factory=dict)
    namer: Namer = field(default_factory=Namer)


def has_name(x: Tensor) -> bool:
    """Return True for a tensor with a visible name."""
    return bool(x.name and not x.name.isspace())


def titles(outputs: Sequence[Tensor]) -> Titles:
    """Give a symbol to each tensor that `outputs` are made of, whatever of the graph is shown.

    Names that were given come first; a second tensor of the same name is ``W_2``. Without a name the result is y, a
    leaf x, a constant c0, and what lies between is v1, v2, ... in the order in which it was computed.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = Tensor(1.0, name="a"), Tensor(2.0)
    >>> [symbol.title for symbol in titles([np.sin(a * b) + b]).symbols.values()]
    ['a', 'y', 'x', 'v1', 'v2']
    """
    found = Titles()
    symbols, namer = found.symbols, found.namer
    tensors = everything(*outputs)
    namer.reserve(x.op.notation.function for x in tensors if x.op)
    for x in tensors:
        if has_name(x):
            symbols[x.id] = namer.symbol(str(x.name))
    unnamed = [x for x in tensors if x.id not in symbols]
    ends = {x.id for x in outputs}
    kinds: dict[str, list[Tensor]] = {"y": [], "x": [], "c": [], "v": []}
    for x in unnamed:
        kinds[_kind(x, ends)].append(x)
    for kind, members in kinds.items():
        for x in members:
            alone = kind in "yx" and len(members) == 1
            symbols[x.id] = namer.symbol(kind) if alone else namer.numbered(kind, 0 if kind == "c" else 1)
    for x in tensors:
        if x.requires_grad:
            found.differentials[x.id] = namer.differential(symbols[x.id])
    return found


def _kind(x: Tensor, ends: set[int]) -> str:
    if x.id in ends:
        return "y"
    return "v" if x.op is not None else "x" if x.requires_grad else "c"
