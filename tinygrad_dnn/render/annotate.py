"""Annotations of the model: gradients, contributions, and the chain rule of each use in symbols.

A rule in symbols is the op's own rule, run on stand-ins that have names: it records what it does, and that record is
written down, so no operation is treated specially here.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core.backprop import backprop, start
from ..core.broadcast import broadcast_axes, fit
from ..core.context import afresh
from ..core.graph import ancestors
from ..core.notation import ATOM, NEGATE
from ..core.tensor import Tensor
from ..derive import figures
from ..derive.rules import run_rule
from ..derive.sheet import SPREADING
from ..derive.wording import Words, fill
from ..ops.arithmetic import divide, multiply, negative
from ..support.numbers import short
from .arrays import only, unnamed
from .model import Broadcast, Edge, Graph, Node, Value

LONGEST = 60  # most operations of a rule that is written out


def add_gradients(graph: Graph, output: Tensor, cotangent: ArrayLike | None = None, caller: str = "draw") -> None:
    """Compute the gradient of `output` with respect to every node; no `.grad` changes."""
    with np.errstate(all="ignore"):
        bars = {x.id: bar for x, bar in backprop(output, start(output, cotangent, caller))}
    for node in graph.nodes:
        x = node.tensor
        bar = bars.get(x.id) if x is not None and x.requires_grad else None
        share = graph.share(node.id)
        node.gradient = bar if bar is None or share == 1 else bar / share


def add_contributions(graph: Graph, edges: Sequence[Edge]) -> None:
    """Compute what flows back through each use, from the gradients: upstream x local."""
    for edge in edges:
        target = graph.nodes[edge.target]
        if edge.differentiable and target.gradient is not None:
            found, share = flowing(target, edge.position, target.gradient), graph.share(edge.source)
            edge.contribution = found if found is None or share == 1 else np.asarray(found) / share


def flowing(target: Node, position: int, bar: ArrayLike) -> Value | None:
    """Return what flows back through one use when `bar` arrives at its target; None where nothing does."""
    x = target.tensor
    if x is None or x.op.vjps[position] is None:
        return None
    value = x.operands[position]
    with np.errstate(all="ignore"):
        x_bar: Value = x.op.vjps[position](bar, x.array, *x.operands, **x.params)
        return x_bar if np.shape(x_bar) == np.shape(value) else fit(np.asarray(x_bar), np.asarray(value), x.op)


def add_rules(graph: Graph, edges: Sequence[Edge]) -> None:
    """Write the rule on each use and, between scalars, the local derivative as a number."""
    titles: dict[int, dict[int, str]] = {}
    for edge in graph.edges:
        titles.setdefault(edge.target, {})[edge.position] = graph.nodes[edge.source].title
    for edge in edges:
        target = graph.nodes[edge.target]
        x = target.tensor
        if x is None or not edge.differentiable:
            continue
        operands = [titles[target.id].get(i) or unnamed(value) for i, value in enumerate(x.operands)]
        share = graph.share(edge.source)
        rule = rule_of(x, edge.position, operands, target.title, target.bar, share)
        if rule is not None:
            edge.rule, edge.local, edge.broadcast = rule
        if share == 1 and x.size == 1 == np.size(x.operands[edge.position]):
            one = flowing(target, edge.position, np.ones_like(x.array))
            edge.local_value = None if one is None else only(one)


def rule_of(
    x: Tensor, position: int, titles: Sequence[str], title: str, bar_title: str, share: int = 1
) -> tuple[str, str, Broadcast | None] | None:
    """Write down the rule for an operand of `x`; None where there is none, or it works on arrays only.

    `titles` are the names of the operands, `title` and `bar_title` those of `x` and its gradient; the course's form
    divides by `share`. Returned are what arrives at the operand, the derivative alone ("" where the rule is not a
    product with it), and the broadcast axes.
    """
    run = run_rule(x, position, titles, title, bar_title, longest=LONGEST)
    if run is None:
        return None
    shape, local = np.shape(x.operands[position]), local_factor(run.flowing, run.bar)
    text, local_text = written(shared(run.flowing, share)).text, local.text if local else ""
    axes = broadcast_axes(run.flowing.shape, shape) if run.flowing.shape != shape else None
    if not axes:
        return text, local_text, None
    listed = axes[0] if len(axes) == 1 else axes
    return f"sum({text}, axis={listed})", local_text, Broadcast(axes, shape, run.flowing.shape)


def shared(flowing: Any, share: int) -> Any:
    """Return what flows back as formulas write it: not spread, and with the 1/m that the course's form puts there."""
    with afresh():
        return unspread(flowing) if share == 1 else unspread(flowing) / share


def unspread(x: Any) -> Any:
    """Return what was repeated to fill a shape: formulas do not write it, as shapes stand beside them."""
    while isinstance(x, Tensor) and x.op in SPREADING:
        x = x.inputs[0]
    return x


def written(x: Any, kind: str = "text") -> Words:
    """Write the record of `x` as "text", "latex" or "mathml"."""
    if isinstance(x, Tensor) and x.op is not None:
        return applied(x, [written(operand, kind) for operand in x.inputs], kind)
    if isinstance(x, Tensor):
        return Words(x.name) if x.name is not None else written(x.array, kind)
    if np.ndim(x):
        return Words(f"<mtext>{unnamed(x)}</mtext>" if kind == "mathml" else unnamed(x))
    if kind == "text" or isinstance(x, (bool, np.bool_)):
        return Words(short(x), ATOM if x >= 0 else NEGATE)
    return Words(*figures.number(kind, float(short(x))))


def applied(x: Tensor, words: Sequence[Words], kind: str) -> Words:
    """Write the op that made a tensor with the words of its operands; as text with all that it does to shapes."""
    if kind == "text":
        form = x.op.notation.text(len(words), x.params)
    else:
        form = x.op.notation.form("latex", [np.shape(value) for value in x.operands], x.params)
    return Words(fill(kind, form, words), form.binds)


def local_factor(x: Any, bar: Tensor, kind: str = "text") -> Words | None:
    """Write the factor that `bar` is multiplied by, where `x` is a product with it."""
    if x is bar:
        return written(1.0, kind)
    if not isinstance(x, Tensor) or x.op not in (multiply, divide, negative):
        return None
    with_bar = [i for i, y in enumerate(x.inputs) if isinstance(y, Tensor) and any(a is bar for a in ancestors(y))]
    factor = local_factor(x.inputs[with_bar[0]], bar, kind) if len(with_bar) == 1 else None
    if factor is None or x.op is negative:
        return factor and applied(x, [factor], kind)
    other = written(x.inputs[1 - with_bar[0]], kind)
    return other if x.op is multiply and factor == written(1.0, kind) else applied(x, [factor, other], kind)
