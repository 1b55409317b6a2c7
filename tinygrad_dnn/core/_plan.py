"""Planned backward passes: the walk of `backprop`, written out as a function for graphs of one structure.

What the heap, the dictionary and the look-up of rules decide follows from the structure alone, and training walks over
the same one again and again. The function first compares a graph with the one that it was made for, and then calls the
same rules in the same order, to the same bits. What is unusual (an observer, a write, a user's op) is left to the walk.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import Foreign
from .broadcast import broadcast_axes, fit
from .context import USUAL
from .node import Node, retained
from .zeros import NEVER

LARGEST = 256
"""Nodes of a graph up to which a pass is planned, which takes as long as about 50 walks."""

FIRST_AFTER = 32
"""Walks over graphs of one size after which a pass is planned; twice as many for each further one."""

Pass = Callable[[Any, Any], list[tuple[Any, Any]] | None]


class Plans:
    """The planned passes of graphs that end with one op."""

    def __init__(self) -> None:
        self.passes, self.walks, self.after = list[Pass](), Counter[int](), FIRST_AFTER

    def run(self, root: Node, bar: object) -> list[tuple[Any, Any]] | None:
        """Return the leaves with their cotangents, as the walk yields them; None if no planned pass fits."""
        return next((found for planned in self.passes if (found := planned(root, bar)) is not None), None)

    def walked(self, root: Node, bar: object, nodes: list[Any]) -> None:
        """Note the nodes of a walk, in its order, and plan its pass if graphs of this size are frequent."""
        self.walks[len(nodes)] += 1
        if len(nodes) <= LARGEST and self.walks[len(nodes)] >= self.after:
            self.walks[len(nodes)], self.after = 0, 2 * self.after
            made = None if type(root.value) is Foreign else planned_pass(root, bar, nodes)
            self.passes = [made, *self.passes[:7]] if made else self.passes


def planned_pass(root: Any, bar: object, nodes: list[Any]) -> Pass | None:
    """Write the pass of a graph, given its nodes in the order of the walk; None if it must be left to the walk."""
    slots, kind, level = {node.id: k for k, node in enumerate(nodes)}, type(root), 0
    names: dict[str, Any] = {"np": np, "U": USUAL, "retained": retained, "fit": fit, "reduce": np.add.reduce}
    compare, compute, bars, pad = list[str](), list[str](), {0: bar}, ""
    for k, node in enumerate(nodes):
        op = names[f"o{k}"] = node.op
        parts, unlike = list[str](), [f"n{k}.op is not o{k}"]
        operands = [f"a{k}_{i}" for i in range(len(node.operands))]
        if op is None:
            compare.append(f"if n{k}.op is not o{k}: return None")
            continue
        if root.written in map(type, node.inputs) or not op.shipped or type(op.vjps) is not tuple:
            return None
        if op.looked_at <= level and not pad:  # strong zeros: what arrives is finite, or the walk sees to it
            compute, pad = [*compute, "with np.errstate(all='ignore'):"], " "
        level = max(level, op.selects(node.operands) if op.selects else 0)
        unlike.append(f"n{k}.context is not U and n{k}.context.observers")
        unlike += [f"{'not ' * bool(node.params)}n{k}.params"] if op.parameters else []
        given = ", ".join([f"b{k}", f"n{k}.value", *operands, *([f"**n{k}.params"] if node.params else [])])
        for i, (x, a, operand) in enumerate(zip(node.inputs, node.operands, operands)):
            rule = op.vjps[i] if type(x) is kind else None
            j = -1 if rule is None else slots[x.id]
            parts.append(f"c{i}" if rule is None or j in bars else f"n{j}")
            names |= {f"t{k}_{i}": type(x), f"d{k}_{i}": getattr(a, "dtype", None), f"r{k}_{i}": rule}
            unlike.append(f"c{i} is not n{j}" if j in bars else f"type({parts[-1]}) is not t{k}_{i}")
            if isinstance(a, (np.ndarray, np.generic)):
                # the shape of an elementwise result follows from those of its operands
                known = j in bars or (j > 0 and nodes[j].op is not None and nodes[j].op.elementwise)
                unlike += [] if known else [f"{operand}.shape != {a.shape}"]
                unlike += [f"{operand}.dtype is not d{k}_{i}"] if op.selects else []
            if rule is None:
                continue
            with np.errstate(all="ignore"):
                x_bar = rule(bars[k], node.value, *node.operands, **node.params)
            term = f"b{k}" if x_bar is bars[k] and op.looked_at == NEVER else f"r{k}_{i}({given})"
            if not op.elementwise:
                compute += [f"{pad}x = {term}", f"{pad}if x.shape != {operand}.shape: x = fit(x, {operand}, o{k})"]
                term = "x"
            elif x_bar.shape != a.shape:
                axes = broadcast_axes(x_bar.shape, a.shape)
                term = f"reduce({term}, axis={axes}, keepdims=True)" + f".reshape({a.shape})" * (x_bar.ndim > a.ndim)
            x_bar = x_bar if x_bar.shape == a.shape else fit(x_bar, a, op)
            compute.append(f"{pad}b{j} = " + f"b{j} + " * (j in bars) + term)
            bars[j] = bars[j] + x_bar if j in bars else x_bar
        compare += [f"{', '.join(parts)}, = n{k}.inputs", f"{', '.join(operands)}, = n{k}.operands"]
        compare.append(f"if {' or '.join(unlike)}: return None")
        compute.append(f"{pad}del b{k}")
    order = " > ".join(f"n{k}.id" for k in slots.values())
    retain = " or ".join(f"n{k}.retains_grad" for k in slots.values())
    compare += [f"if n0.value.shape != {root.value.shape} or not {order}: return None"]
    compare += [f"if retained and ({retain}): return None"]
    ends = [k for k, node in enumerate(nodes) if node.op is None]
    finite = " and ".join(f"np.isfinite(b{k}).all()" for k in ends) if pad else True
    lines = ["def backward(n0, b0):", " try:", *(f"  {line}" for line in compare)]
    lines += [" except (ValueError, AttributeError): return None", *(f" {line}" for line in compute)]
    leaves = ", ".join(f"(n{k}, b{k})" for k in ends)
    exec("\n".join([*lines, f" return [{leaves}] if {finite} else None"]), names)
    return names["backward"]  # type: ignore[no-any-return]
