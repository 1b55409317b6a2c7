"""Planned backward passes: the walk of `backprop`, written out as a function for graphs of one structure.

The order of the walk and its rules follow from the structure alone, and training walks over the same one again and
again. The function first compares a graph with the one that it was made for, and then calls the same rules in the same
order, with the same bits as the result. Unusual cases (an observer, a write, a user's op) are left to the walk.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .arrays import Foreign
from .broadcast import Placed, broadcast_axes, fit
from .context import USUAL
from .node import Node, retained
from .zeros import NEVER, is_finite

LARGEST = 256  # nodes of a graph up to which a pass is planned, which takes as long as about 50 walks
FIRST_AFTER = 32  # walks over graphs of one size after which a pass is planned; twice as many for each further one
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
    """Write the pass of a graph, given its nodes in the order of the walk; None if it must be left to the walk.

    In the text node k is `n{k}`, its cotangent `b{k}`, its op `o{k}`; operand i is `a{k}_{i}`, its rule `r{k}_{i}`.
    """
    for node in nodes:
        op = node.op
        if op and (root.written in map(type, node.inputs) or not op.shipped or type(op.vjps) is not tuple):
            return None
    slots = {node.id: k for k, node in enumerate(nodes)}
    differentiated = [
        [slots[x.id] if type(x) is type(root) and node.op.vjps[i] else None for i, x in enumerate(node.inputs)] for node in nodes
    ]
    names: dict[str, Any] = {"np": np, "U": USUAL, "retained": retained, "is_finite": is_finite}
    names |= {"fit": fit, "reduce": np.add.reduce}
    lines = [" try:", *(f"  {line}" for line in _comparison(nodes, differentiated, names))]
    lines += [" except (ValueError, AttributeError): return None"]
    lines += [f" {line}" for line in _computation(nodes, differentiated, names, bar)]
    exec("\n".join(["def backward(n0, b0):", *lines]), names)
    return names["backward"]  # type: ignore[no-any-return]


def _comparison(nodes: list[Any], differentiated: list[list[int | None]], names: dict[str, Any]) -> Iterator[str]:
    """Yield the statements that give a graph's nodes and operands their names, and return None if it is not alike."""
    met = {0}
    for k, node in enumerate(nodes):
        op = names[f"o{k}"] = node.op
        if op is None:
            yield f"if n{k}.op is not o{k}: return None"
            continue
        unlike = [f"n{k}.op is not o{k}", f"n{k}.context is not U and n{k}.context.observers"]
        if op.parameters:
            unlike.append(f"{'not ' * bool(node.params)}n{k}.params")
        inputs = [f"c{i}" if j is None else f"n{j}" for i, j in enumerate(differentiated[k])]
        for i, (x, a, j) in enumerate(zip(node.inputs, node.operands, differentiated[k])):
            again = j in met
            if again:
                inputs[i] = f"c{i}"
            names |= {f"t{k}_{i}": type(x), f"d{k}_{i}": getattr(a, "dtype", None)}
            unlike.append(f"c{i} is not n{j}" if again else f"type({inputs[i]}) is not t{k}_{i}")
            if isinstance(a, (np.ndarray, np.generic)):
                # the shape of an elementwise result follows from those of its operands
                follows = again or (j is not None and nodes[j].op is not None and nodes[j].op.elementwise)
                unlike += [] if follows else [f"a{k}_{i}.shape != {a.shape}"]
                unlike += [f"a{k}_{i}.dtype is not d{k}_{i}"] if op.selects else []
                if op.selects and isinstance(x, Node) and j is None:  # a constant: of truth values, or of numbers
                    unlike.append(f"o{k}.selects(n{k}) != {op.selects(node)}")
            if j is not None:
                met.add(j)
        yield f"{', '.join(inputs)}, = n{k}.inputs"
        yield f"{', '.join(f'a{k}_{i}' for i in range(len(node.operands)))}, = n{k}.operands"
        yield f"if {' or '.join(unlike)}: return None"
    every = [f"n{k}" for k in range(len(nodes))]
    yield f"if n0.value.shape != {nodes[0].value.shape} or not {' > '.join(f'{n}.id' for n in every)}: return None"
    yield f"if retained and ({' or '.join(f'{n}.retains_grad' for n in every)}): return None"


def _computation(nodes: list[Any], differentiated: list[list[int | None]], names: dict[str, Any], bar: object) -> Iterator[str]:
    """Yield the statements that call the rules of a graph, and return its leaves; the rules run here, to see shapes."""
    bars: dict[int, Any] = {0: bar}
    level, pad = 0, ""
    for k, node in enumerate(nodes):
        op = node.op
        if op is None:
            continue
        own = op.selects(node) if op.selects else 0
        if own:  # strong zeros: what arrives is finite, or the walk sees to it
            yield f"{pad}if not is_finite(b{k}): return None"
        elif op.looked_at <= level and not pad:
            yield "with np.errstate(all='ignore'):"
            pad = " "
        level = max(level, own)
        operands = [f"a{k}_{i}" for i in range(len(node.operands))]
        given = ", ".join([f"b{k}", f"n{k}.value", *operands, *([f"**n{k}.params"] if node.params else [])])
        for i, (a, j) in enumerate(zip(node.operands, differentiated[k])):
            if j is None:
                continue
            rule = names[f"r{k}_{i}"] = op.vjps[i]
            with np.errstate(all="ignore"):
                x_bar = rule(bars[k], node.value, *node.operands, **node.params)
            term = f"b{k}" if x_bar is bars[k] and op.looked_at == NEVER else f"r{k}_{i}({given})"
            if type(x_bar) is Placed:
                x_bar, term = x_bar.array, f"{term}.array"
            if not op.elementwise:
                yield f"{pad}x = {term}"
                yield f"{pad}if x.shape != {operands[i]}.shape: x = fit(x, {operands[i]}, o{k})"
                term = "x"
            elif x_bar.shape != a.shape:
                axes = broadcast_axes(x_bar.shape, a.shape)
                term = f"reduce({term}, axis={axes}, keepdims=True)" + f".reshape({a.shape})" * (x_bar.ndim > a.ndim)
            x_bar = x_bar if x_bar.shape == a.shape else fit(x_bar, a, op)
            yield f"{pad}b{j} = " + f"b{j} + " * (j in bars) + term + "; del x" * (term == "x")
            bars[j] = bars[j] + x_bar if j in bars else x_bar
        yield f"{pad}del b{k}"
    ends = [k for k, node in enumerate(nodes) if node.op is None]
    finite = " and ".join(f"np.isfinite(b{k}).all()" for k in ends) if pad else True
    yield f"return [{', '.join(f'(n{k}, b{k})' for k in ends)}] if {finite} else None"
