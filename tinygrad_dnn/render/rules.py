"""The chain rule of each use in symbols: on the edges of a picture, and as formulas with holes, which a page fills.

A rule depends on the op, its parameters and the shapes, but not on names, so each is written once.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..core import Tensor, afresh, ancestors
from ..core.broadcast import broadcast_axes
from ..core.notation import ATOM, NEGATE
from ..core.primitive import Primitive
from ..derive.convention import Examples
from ..derive.mathml import read
from ..derive.reasons import reasons
from ..derive.rules import body_of, run_rule
from ..derive.wording import Words, fill, number
from ..ops import divide, multiply, negative, power
from ..rewrite.matching import SPREADING
from ..support.text import finite, short, shortened
from ..support.words import said
from .annotate import flowing
from .markup import visible
from .model import Broadcast, Edge, Graph, only, unnamed

LONGEST = 60  # most operations of a rule that is written out
OPERANDS = 0xE000  # the first of the private characters that stand for the operands
EXAMPLES, OUT, BAR = "\ue0fd", "\ue0fe", "\ue0ff"  # stand for the words on the examples, the result, its cotangent
MOST = 200  # most operands of an op that is written out


def add_rules(graph: Graph, edges: Sequence[Edge], formulas: "Formulas | None" = None) -> None:
    """Write the rule on each use and, between scalars, the local derivative as a number."""
    formulas = formulas or Formulas(False, graph.examples, graph.course)
    titles: dict[int, dict[int, str]] = {}
    for edge in graph.edges:
        titles.setdefault(edge.target, {})[edge.position] = graph.nodes[edge.source].title
    for edge in edges:
        target = graph.nodes[edge.target]
        x = target.tensor
        if x is None or not edge.differentiable:
            continue
        share = graph.share(edge.source)
        rule = formulas.backward(x, edge.position, share)
        names = {OPERANDS + i: titles[target.id].get(i) or unnamed(value) for i, value in enumerate(x.operands)}
        names |= {ord(OUT): target.title, ord(BAR): target.bar}
        names[ord(EXAMPLES)] = said("over the examples", graph.language)
        texts = {key: formulas.made[place]["text"].translate(names) for key, place in rule.places.items()}
        edge.rule, edge.local, edge.broadcast = texts.get("own", ""), texts.get("local", ""), rule.broadcast
        if share == 1 and x.size == 1 == np.size(x.operands[edge.position]):
            one = flowing(target, edge.position, np.ones_like(x.array))
            edge.local_value = None if one is None else only(one)


def reasons_of(graph: Graph, edge: Edge, language: str) -> tuple[list[str], str]:
    """Return why the rule of a use holds, and a note on shapes; nothing where nothing is known."""
    target = graph.nodes[edge.target]
    if target.tensor is None or not edge.differentiable:
        return [], ""
    others = [x if isinstance(x, str) else short(x) for i, x in enumerate(target.operands) if i != edge.position]
    y, x, w = (shortened(visible(x)) for x in (target.title, graph.nodes[edge.source].title, *(*others, "w")[:1]))
    return reasons(target.tensor, edge.position, language, graph.examples if graph.course else None, y=y, x=x, w=w)


def unspread(x: object) -> Any:
    """Return what was repeated to fill a shape: formulas do not write it, as shapes stand beside them."""
    while isinstance(x, Tensor) and x.op in SPREADING:
        x = x.inputs[0]
    return x


def written(x: Any, kind: str = "text", total: Tensor | None = None) -> Words:
    """Write the record of `x` as "text" or "latex"; `total` is a sum over the examples."""
    if isinstance(x, Tensor) and x.op is power and np.ndim(x.operands[1]) == 0 and x.operands[1] == 1:
        return written(x.inputs[0], kind, total)  # what the rule of a square leaves
    if isinstance(x, Tensor) and x.op is not None:
        words = [written(operand, kind, total) for operand in x.inputs]
        return applied(x, words, kind, {"axis": EXAMPLES} if x is total else x.params)
    if isinstance(x, Tensor):
        return Words(x.name) if x.name is not None else written(x.array, kind)
    if np.ndim(x):
        return Words(unnamed(x) if kind == "text" else rf"\text{{{unnamed(x)}}}")
    return Words(short(x), ATOM if x >= 0 else NEGATE) if kind == "text" else Words(*number(kind, float(short(x))))


def applied(x: Tensor, words: Sequence[Words], kind: str, params: Mapping[str, Any]) -> Words:
    """Write the op that made a tensor with the words of its operands; as text with all that it does to shapes."""
    if kind == "text":
        form = x.op.notation.text(len(words), params)
    else:
        form = x.op.notation.form("latex", [np.shape(value) for value in x.operands], params)
    return Words(fill(kind, form, words), form.binds)


def local_factor(x: object, bar: Tensor, kind: str = "text") -> Words | None:
    """Write the factor that `bar` is multiplied by, where `x` is a product with it."""
    if x is bar:
        return written(1.0, kind)
    if not isinstance(x, Tensor) or x.op not in (multiply, divide, negative):
        return None
    with_bar = [i for i, y in enumerate(x.inputs) if isinstance(y, Tensor) and any(a is bar for a in ancestors(y))]
    factor = local_factor(x.inputs[with_bar[0]], bar, kind) if len(with_bar) == 1 else None
    if factor is None or x.op is negative:
        return factor and applied(x, [factor], kind, x.params)
    other = written(x.inputs[1 - with_bar[0]], kind)
    return other if x.op is multiply and factor == written(1.0, kind) else applied(x, [factor, other], kind, x.params)


class Rule(NamedTuple):
    """The places of the formulas of a use, by kind, and the axes that its operand was spread over."""

    places: dict[str, int]
    broadcast: Broadcast | None = None


class Formulas:
    """The formulas of one graph, each once."""

    def __init__(self, scalar: bool = False, examples: Examples | None = None, course: bool = False) -> None:
        self.scalar = scalar  # everything is a number, and formulas are also programs, which the page runs on others
        self.examples, self.course = examples, course  # those that a cost is a mean over, and whether formulas say so
        self.made: list[dict[str, Any]] = []
        self._known: dict[str, int] = {}
        self._cache: dict[Any, Rule] = {}

    def forward(self, x: Tensor) -> dict[str, int]:
        """Return the places of the formulas of a result: with the numbers among its operands, and in general."""
        made = lambda: Rule({"own": self._forward(x, False), "general": self._forward(x, True)})  # noqa: E731
        return self._cached(x, (-1, 1), made).places

    def backward(self, x: Tensor, position: int, share: int = 1) -> Rule:
        """Return the formulas of a use: what flows back, and the local derivative in a product."""
        return self._cached(x, (position, share), lambda: self._backward(x, position, share))

    def _cached(self, x: Tensor, use: tuple[int, int], made: Callable[[], Rule]) -> Rule:
        if len(x.operands) > MOST:
            return Rule({})
        operands = tuple(
            (np.shape(value), getattr(getattr(value, "dtype", None), "str", ""), _is_number(x, i) and float(value))
            for i, value in enumerate(x.operands)
        )
        key = (x.op, use, repr(sorted(x.params.items())), operands, x.shape)
        if key not in self._cache:
            self._cache[key] = made()
        return self._cache[key]

    def _intern(self, formula: dict[str, Any]) -> int:
        place = self._known.setdefault(repr(formula), len(self.made))
        if place == len(self.made):
            self.made.append(formula)
        return place

    def _forward(self, x: Tensor, open_numbers: bool) -> int:
        shown = [i for i in range(len(x.operands)) if _is_number(x, i) and not open_numbers]

        def word(kind: str, i: int) -> Words:
            return written(float(x.operands[i]), kind) if i in shown else Words(chr(OPERANDS + i))

        formula = in_notations(lambda kind: applied(x, [word(kind, i) for i in range(len(x.operands))], kind, x.params))
        if self.scalar:
            operands = [_plain(value) if _is_number(x, i) else str(i) for i, value in enumerate(x.operands)]
            formula["program"] = _applied(x.op, operands, x.params)
        return self._intern(formula)

    def _backward(self, x: Tensor, position: int, share: int) -> Rule:
        titles = [chr(OPERANDS + i) for i in range(len(x.operands))]
        run = partial(run_rule, x, position, titles, OUT, BAR, longest=LONGEST)
        own, opened = run(), run(open_numbers=True)
        if own is None:
            return Rule({})
        plainer = opened is not None and len(written(opened.flowing).text) <= len(written(own.flowing).text)
        general = opened if opened is not None and plainer else own
        shape, summed = np.shape(x.operands[position]), own.flowing
        axes = broadcast_axes(summed.shape, shape) if summed.shape != shape else None
        with afresh():
            total = unspread(np.sum(summed, axis=axes) if axes else summed)
            shown = total if share == 1 else total / share  # the 1/m that the course's form puts there
        program = {"program": _program_of(own.flowing)} if self.scalar else {}
        along = axes is not None and self.examples is not None and self.examples.lie_along(axes, summed.shape)

        def formula(over: Tensor | None) -> int:
            return self._intern({**in_notations(partial(written, shown, total=over)), **program})

        found = {"own": formula(total if along and self.course else None)}
        found |= {"course": formula(total)} if along and not self.course else {}
        source, plain = body_of(x.op.vjps[position]), unspread(general.flowing)
        extra: dict[str, Any] = {"source": source} if source else {}
        extra |= {} if plain is general.flowing else {"spread": True}  # all entries are equal
        found["general"] = self._intern({**in_notations(partial(written, plain)), **extra})
        if local_factor(own.flowing, own.bar) is not None:
            found["local"] = self._intern(in_notations(partial(local_factor, own.flowing, own.bar)))
        return Rule(found, Broadcast(axes, shape, own.flowing.shape) if axes else None)


def in_notations(write: Callable[[str], Any]) -> dict[str, Any]:
    """Return a formula, written by a function of "text" or "latex", in every notation."""
    text, latex = (write(kind).text for kind in ("text", "latex"))
    return {"text": text, "latex": latex, "mathml": read(latex)}


def _is_number(x: Tensor, i: int) -> bool:
    return np.ndim(x.operands[i]) == 0 and not isinstance(x.inputs[i], Tensor)


def _applied(primitive: Primitive, references: Sequence[Any], params: Mapping[str, Any]) -> list[Any]:
    known = {key: value for key, value in params.items() if isinstance(value, (bool, int, float))}
    name = primitive.name if primitive.shipped else f"{primitive.name} of the user"
    return [name, *references, *([known] if known else [])]


def _program_of(x: object) -> Any:
    """Return the record of a rule as nested lists: the op, its operands, and numbers among its parameters."""
    if not isinstance(x, Tensor) or (x.op is None and x.name is None):
        return _plain(getattr(x, "array", x))
    if x.op is None:
        return "bar" if x.name == BAR else "out" if x.name == OUT else str(ord(str(x.name)) - OPERANDS)
    return _applied(x.op, [_program_of(operand) for operand in x.inputs], x.params)


def _plain(value: Any) -> Any:
    return finite(only(value)) if np.size(value) == 1 else ["array"]  # an op that the page does not know
