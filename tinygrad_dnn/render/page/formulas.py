"""Formulas with holes: one for a rule, which the page fills with general letters, with names and with numbers.

A rule depends on the op, its parameters and the shapes, but not on names. So each is written once, and its many uses
refer to it by number.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...core.broadcast import broadcast_axes
from ...core.context import afresh
from ...core.primitive import Primitive
from ...core.tensor import Tensor
from ...derive.rule_source import body_of
from ...derive.rules import run_rule
from ...derive.wording import Words
from ...support.numbers import finite
from ..annotate import LONGEST, applied, local_factor, shared, unspread, written
from ..arrays import only

OPERANDS = 0xE000  # the first of the private characters that stand for the operands
OUT, BAR = "\ue0fe", "\ue0ff"  # the characters that stand for the result, and for its cotangent
MOST = 200  # most operands of an op that is written out
KINDS = ("text", "latex", "mathml")  # the notations of a formula


class Formulas:
    """The formulas of one graph, each once.

    Where everything in the graph is a number, `scalar`, each is also a program, which the page runs on other numbers.
    """

    def __init__(self, scalar: bool) -> None:
        self.scalar = scalar
        self.made: list[dict[str, Any]] = []
        self._known: dict[str, int] = {}
        self._cache: dict[Any, dict[str, Any]] = {}

    def forward(self, x: Tensor) -> dict[str, int]:
        """Return the places of the formulas of a result: with the numbers among its operands, and in general."""
        return self._cached(x, (-1, 1), lambda: {"own": self._forward(x, False), "general": self._forward(x, True)})

    def backward(self, x: Tensor, position: int, share: int = 1) -> dict[str, int]:
        """Return the places of the formulas of a use: what flows back, and the local derivative in a product."""
        return self._cached(x, (position, share), lambda: self._backward(x, position, share))

    def _cached(self, x: Tensor, use: tuple[int, int], made: Callable[[], dict[str, int]]) -> dict[str, int]:
        if len(x.operands) > MOST:
            return {}
        operands = tuple(
            (np.shape(value), getattr(getattr(value, "dtype", None), "str", ""), _is_number(x, i) and float(value))
            for i, value in enumerate(x.operands)
        )
        params = repr(sorted(x.params.items()))
        if len(params) > 400:
            return dict(made())
        key = (x.op, use, params, operands, x.shape)
        if key not in self._cache:
            self._cache[key] = made()
        return self._cache[key]

    def _intern(self, formula: dict[str, Any]) -> int:
        place = self._known.setdefault(repr(formula), len(self.made))
        if place == len(self.made):
            self.made.append(formula)
        return place

    def _forward(self, x: Tensor, open_numbers: bool) -> int:
        formula: dict[str, Any] = {}
        for kind in KINDS:
            words = [
                written(float(value), kind) if _is_number(x, i) and not open_numbers else Words(chr(OPERANDS + i))
                for i, value in enumerate(x.operands)
            ]
            formula[kind] = applied(x, words, kind).text
        if self.scalar:
            operands = [_plain(value) if _is_number(x, i) else str(i) for i, value in enumerate(x.operands)]
            formula["program"] = _applied(x.op, operands, x.params)
        return self._intern(formula)

    def _backward(self, x: Tensor, position: int, share: int) -> dict[str, int]:
        titles = [chr(OPERANDS + i) for i in range(len(x.operands))]
        run = partial(run_rule, x, position, titles, OUT, BAR, longest=LONGEST)
        own, opened = run(), run(open_numbers=True)
        if own is None:
            return {}
        plainer = opened is not None and len(written(opened.flowing).text) <= len(written(own.flowing).text)
        general = opened if opened is not None and plainer else own
        shape, summed = np.shape(x.operands[position]), own.flowing
        axes = broadcast_axes(summed.shape, shape) if summed.shape != shape else None
        if axes:
            with afresh():
                summed = np.sum(summed, axis=axes)
        program = {"program": _program_of(own.flowing)} if self.scalar else {}
        found = {"own": self._intern({**_in_all_kinds(summed, share), **program})}
        source, plain = body_of(x.op.vjps[position]), unspread(general.flowing) is general.flowing
        extra = {**({"source": source} if source else {}), **({} if plain else {"spread": True})}  # all entries equal
        found["general"] = self._intern({**_in_all_kinds(general.flowing), **extra})
        local = {kind: local_factor(own.flowing, own.bar, kind) for kind in KINDS}
        if local["text"] is not None:
            found["local"] = self._intern({kind: factor.text for kind, factor in local.items() if factor})
        return found


def _in_all_kinds(flowing: Tensor, share: int = 1) -> dict[str, str]:
    return {kind: written(shared(flowing, share), kind).text for kind in KINDS}


def _is_number(x: Tensor, i: int) -> bool:
    return np.ndim(x.operands[i]) == 0 and not isinstance(x.inputs[i], Tensor)


def _applied(primitive: Primitive, references: Sequence[Any], params: Mapping[str, Any]) -> list[Any]:
    known = {key: value for key, value in params.items() if isinstance(value, (bool, int, float))}
    name = primitive.name if primitive.shipped else f"{primitive.name} of the user"
    return [name, *references, *([known] if known else [])]


def _program_of(x: Any) -> Any:
    """Return the record of a rule as nested lists: the op, its operands, and numbers among its parameters."""
    if not isinstance(x, Tensor):
        return _plain(x)
    if x.op is None:
        if x.name is None:
            return _plain(x.array)
        return "bar" if x.name == BAR else "out" if x.name == OUT else str(ord(x.name) - OPERANDS)
    return _applied(x.op, [_program_of(operand) for operand in x.inputs], x.params)


def _plain(value: Any) -> Any:
    return finite(only(value)) if np.size(value) == 1 else ["array"]  # an op that the page does not know
