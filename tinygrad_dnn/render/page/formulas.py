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
from ...derive.standins import run_rule
from ...derive.wording import Words
from ...support.numbers import finite
from ..arrays import only
from ..rules import LONGEST, applied, local_factor, unspread, written

OPERANDS = 0xE000
"""The first of the private characters that stand for the operands."""

OUT, BAR = "\ue0fe", "\ue0ff"
"""The characters that stand for the result, and for its cotangent."""

MOST = 200
"""Most operands of an op that is written out."""

KINDS = ("text", "latex", "mathml")

Params = Mapping[str, Any]


class Formulas:
    """The formulas of one graph, each once.

    Parameters
    ----------
    scalar : bool
        True where everything in the graph is a number; then each formula is also a program, which the page can run
        on other numbers.
    """

    def __init__(self, scalar: bool) -> None:
        self.scalar = scalar
        self.made: list[dict[str, Any]] = []
        self._known: dict[str, int] = {}
        self._cache: dict[Any, dict[str, Any]] = {}

    def forward(self, x: Tensor) -> dict[str, int]:
        """Return the places of the formulas of a result: with the numbers among its operands, and in general."""
        return self._cached(x, -1, lambda: {"own": self._forward(x, False), "general": self._forward(x, True)})

    def backward(self, x: Tensor, position: int) -> dict[str, int]:
        """Return the places of the formulas of a use: what flows back, and the local derivative in a product."""
        return self._cached(x, position, lambda: self._backward(x, position))

    def _cached(self, x: Tensor, position: int, made: Callable[[], dict[str, int]]) -> dict[str, int]:
        if len(x.operands) > MOST:
            return {}
        operands = tuple(
            (np.shape(value), getattr(getattr(value, "dtype", None), "str", ""), _is_number(x, i) and float(value))
            for i, value in enumerate(x.operands)
        )
        params = repr(sorted(x.params.items()))
        if len(params) > 400:
            return dict(made())
        key = (x.op, position, params, operands, x.shape)
        if key not in self._cache:
            self._cache[key] = made()
        return self._cache[key]

    def _intern(self, formula: dict[str, Any]) -> int:
        key = repr(formula)
        if key not in self._known:
            self._known[key] = len(self.made)
            self.made.append(formula)
        return self._known[key]

    # --- forward

    def _forward(self, x: Tensor, open_numbers: bool) -> int:
        formula = {kind: applied(x, _operands(x, kind, open_numbers), kind).text for kind in KINDS}
        program = {"program": _applied(x.op, _references(x), x.params)} if self.scalar else {}
        return self._intern({**formula, **program})

    # --- backward

    def _backward(self, x: Tensor, position: int) -> dict[str, int]:
        titles = [chr(OPERANDS + i) for i in range(len(x.operands))]
        run = partial(run_rule, x, position, titles, OUT, BAR, longest=LONGEST)
        own, opened = run(), run(open_numbers=True)
        if own is None:
            return {}
        plainer = opened is not None and len(written(opened.flowing).text) <= len(written(own.flowing).text)
        general = opened if opened is not None and plainer else own
        shape = np.shape(x.operands[position])
        found = {"own": self._flow(own.flowing, shape), "general": self._rule(x, position, general.flowing)}
        local = {kind: local_factor(own.flowing, own.bar, kind) for kind in KINDS}
        if local["text"] is not None:
            found["local"] = self._intern({kind: factor.text for kind, factor in local.items() if factor})
        return found

    def _rule(self, x: Tensor, position: int, flowing: Tensor) -> int:
        formula = {kind: written(unspread(flowing), kind).text for kind in KINDS}
        source = body_of(x.op.vjps[position])
        return self._intern({**formula, **({"source": source} if source else {}), **_spread(flowing)})

    def _flow(self, flowing: Tensor, shape: tuple[int, ...]) -> int:
        axes = broadcast_axes(flowing.shape, shape) if flowing.shape != shape else None
        summed: Any = flowing
        if axes:
            with afresh():
                summed = np.sum(flowing, axis=axes)
        formula = {kind: written(unspread(summed), kind).text for kind in KINDS}
        program = {"program": _program_of(flowing)} if self.scalar else {}
        return self._intern({**formula, **program})


def _spread(flowing: Tensor) -> dict[str, bool]:
    """Mark a formula of which every entry is the same: it does not show that itself."""
    return {} if unspread(flowing) is flowing else {"spread": True}


def _is_number(x: Tensor, i: int) -> bool:
    return np.ndim(x.operands[i]) == 0 and not isinstance(x.inputs[i], Tensor)


def _operands(x: Tensor, kind: str, open_numbers: bool) -> list[Words]:
    return [
        written(float(value), kind) if _is_number(x, i) and not open_numbers else Words(chr(OPERANDS + i))
        for i, value in enumerate(x.operands)
    ]


def _references(x: Tensor) -> list[Any]:
    """Return the operands of a program: their places, and numbers as they are."""
    return [_plain(value) if _is_number(x, i) else str(i) for i, value in enumerate(x.operands)]


def _applied(primitive: Primitive, references: Sequence[Any], params: Params) -> list[Any]:
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
    if np.size(value) != 1:
        return ["array"]  # an op that the page does not know
    return finite(only(value))
