"""Listing: the graph of a tensor and of its gradient as one list of steps, oldest first, with their symbols."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core import Context, DetachedError, Tensor, ancestors, between, everything, ids, leaf, make, recording
from ..core.backprop import backprop, start
from .names import Namer, Symbol, has_name, titles

RELATED = {(1, -1): "1 - ", (0, -1): "-", (1, 1): "1 + "}  # of a constant to another: what is added, and the sign


class Copy:
    """A forward graph in which every array among the inputs is a Tensor, so that rules record what they do to it."""

    def __init__(self, root: Tensor) -> None:
        self.originals = {x.id: x for x in everything(root)}
        self._copies: dict[int, Tensor] = {}
        self._arrays: dict[Any, Tensor] = {}
        for x in self.originals.values():
            self._copies[x.id] = x
            if x.op is not None or not x.requires_grad:  # other leaves are the user's own
                kind, inputs = (Tensor, ()) if x.op is None else (type(x), x.recorded_inputs())
                inputs = tuple(map(self.operand, inputs, x.operands))
                copy = make(kind, x.op, inputs, x.operands, x.params, x.array, Context(True, x.scope), x.id)
                copy.name, copy.line = x.name, x.line
                self._copies[x.id] = copy
        self.root = self._copies[root.id]

    def operand(self, x: object, value: object = None) -> Any:
        """Return what stands for an operand: a Tensor, the only one for arrays of this content, or a number."""
        if isinstance(x, Tensor):
            return self._copies.get(x.id, x)
        value = x if value is None else value
        if not isinstance(value, np.ndarray):
            return value
        if not value.ndim:
            return value[()]
        key = (value.shape, value.strides, value.dtype.str, value.tobytes())
        if key not in self._arrays:
            self._arrays[key] = leaf(Tensor, value)
        return self._arrays[key]


@dataclass(frozen=True, eq=False)
class Computed:
    """One op: its result, and its operands: Tensors that have symbols or were computed earlier, and numbers."""

    tensor: Tensor
    operands: tuple[Any, ...]
    source: Tensor  # the user's tensor, or the one whose rule ran
    cotangent: Any = None  # from which it ran, on the way back

    @property
    def backward(self) -> bool:
        """True for a step of the backward pass."""
        return self.cotangent is not None


@dataclass(frozen=True, eq=False)
class Cotangent:
    """The gradient by one tensor: a result, or another's passed on as it is; None where nothing arrives."""

    of: Tensor
    value: Any
    paths: tuple[tuple[Tensor, int], ...]  # the uses that contribute: the result of an op, and the place of the input


@dataclass(eq=False)
class Listing:
    """The steps and symbols of a graph, by the serial numbers of its tensors."""

    root: Tensor
    seed: Tensor
    namer: Namer
    leaves: list[Tensor] = field(default_factory=list)
    constants: list[Tensor] = field(default_factory=list)
    steps: list[Computed] = field(default_factory=list)  # oldest first, without those that nothing needs
    cotangents: list[Cotangent] = field(default_factory=list)  # as the walk finished them
    uniform: dict[int, float] = field(default_factory=dict)  # constants without a name that are one number everywhere
    related: dict[int, tuple[tuple[int, int], Tensor]] = field(default_factory=dict)  # and those made from another
    symbols: dict[int, Symbol] = field(default_factory=dict)
    asides: dict[int, Symbol] = field(default_factory=dict)  # of results that have lines only where formulas get long
    differentials: dict[int, Symbol] = field(default_factory=dict)  # of cotangents


def listing(y: Tensor, wrt: Sequence[Tensor] | None = None, *, cotangent: object = None, shared: int | None = None) -> Listing:
    """List the ops that make `y` and of its backward pass; gradients by leaves are divided by `shared` at the end;
    DetachedError if `y`, or one of `wrt`, requires no gradient, or `y` does not depend on one of `wrt`.
    """
    bar = start(y, np.ones(y.shape, y.dtype)[()] if cotangent is None and y.shape else cotangent, "derive")
    seed, graph, given = Tensor(getattr(bar, "array", bar)), Copy(y), titles([y])
    with recording():
        walk = backprop(graph.root, seed, record=True, among=_among(y, wrt), shown=True)
        # what the rules of a tensor record has larger serial numbers than the one noted with it
        walked = [(x, next(ids), x_bar if x.op or not shared else x_bar / shared) for x, x_bar in walk]
    pairs = [(x, graph.operand(bar)) for x, _, bar in walked]
    live = everything(graph.root, *(bar for _, bar in pairs if isinstance(bar, Tensor)))
    leaves = [x for x in live if x.op is None and x is not seed]
    found = Listing(graph.root, seed, given.namer)
    found.leaves = [x for x in leaves if graph.originals.get(x.id) is x]
    found.constants = [x for x in leaves if graph.originals.get(x.id) is not x]
    known = {x.id for x in live}
    for x in live:
        if x.op is not None:
            operands, source, bar = tuple(map(graph.operand, x.inputs, x.operands)), graph.originals.get(x.id), None
            if source is None:
                of, _, bar = walked[bisect(walked, x.id, key=lambda visit: visit[1]) - 1]
                source = graph.originals[of.id]
            found.steps.append(Computed(x, operands, source, bar))
            new = {i.id: i for i in operands if isinstance(i, Tensor) and i.id not in known}
            found.constants += new.values()
            known.update(new)
    paths: dict[int, tuple[tuple[Tensor, int], ...]] = {x.id: () for x, _ in pairs}
    for node, _ in pairs:
        for i, x in enumerate(node.inputs):
            if type(x) is Tensor and x.id in paths and node.op.vjps[i] is not None:
                paths[x.id] += ((node, i),)
    found.cotangents = [Cotangent(x, bar, paths[x.id]) for x, bar in pairs]
    if wrt is None:
        found.cotangents += [Cotangent(x, None, ()) for x in found.leaves if x.id not in paths]
    unnamed = [x for x in found.constants if x.name is None]
    uniform = (x for x in unnamed if x.size and x.dtype.kind == "f" and np.all(x.array == x.array.flat[0]))
    found.uniform = {x.id: x.array.flat[0] for x in uniform}
    found.related = _related(found.constants)
    for x in (*found.leaves, *found.constants, *(s.tensor for s in found.steps if not s.backward)):
        shown = found.symbols if x.op is None or has_name(x) or x is found.root else found.asides
        shown[x.id] = given.symbols.get(x.id) or found.namer.numbered("c")
    ends = (cotangent.of.id for cotangent in found.cotangents if cotangent.of.id in found.symbols)
    found.differentials = {serial: given.differentials[serial] for serial in ends}
    return found


def _among(root: Tensor, wrt: Sequence[Tensor] | None) -> set[int]:
    if wrt is None:
        return {x.id for x in ancestors(root)}
    for x in wrt:
        if not isinstance(x, Tensor) or not x.requires_grad:
            raise DetachedError(f"derive: wrt has {x!r:.80}, which requires no gradient; name Tensors that require one")
    if root.id in (among := between(root, wrt)):
        return among
    names = ", ".join(x.title for x in wrt)
    raise DetachedError(f"derive: {root.title} does not depend on {names}, so there is nothing to derive")


def _related(constants: Sequence[Tensor]) -> dict[int, tuple[tuple[int, int], Tensor]]:
    found: dict[int, tuple[tuple[int, int], Tensor]] = {}
    for i, x in enumerate(constants):
        if x.name is None and x.op is None and x.dtype.kind in "fiu":
            others = (y for y in constants[:i] if y.shape == x.shape and y.id not in found)
            ways = (((a, b), y) for y in others for a, b in RELATED if np.array_equal(x.array, a + b * y.array))
            if way := next(ways, None):
                found[x.id] = way
    return found
