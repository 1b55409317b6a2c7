"""The layer that a verdict speaks of, drawn, with the wrong quantity marked: the seam between referee and `render`."""

import re
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..dnn.costs import cross_entropy
from ..ops.activations import relu, sigmoid
from ..support.difference import Difference
from ..support.text import entities
from .comparison import Comparison
from .row import Row
from .verdict import FunctionVerdict

_QUANTITY = re.compile(r"d?[WbwZA](\d+|L|_prev|)$")
_ONE_HIDDEN_LAYER = ("forward_propagation", "backward_propagation")
_EXAMPLES = 5


def graph(function: FunctionVerdict) -> str:
    """Return HTML with a light and a dark drawing; text where nothing lays it out; "" for what no graph shows."""
    if function.verdict != "wrong" or not function.quantity:
        return ""
    return _marked(function.name, function.quantity, function.cause or "")


@lru_cache(maxsize=1000)
def _marked(function: str, quantity: str, cause: str) -> str:
    end = tensors(function, quantity)
    if end is None:
        return ""
    from ..render import LayoutError, draw

    differs = Difference(np.inf, np.inf, None, None, 0)
    wrong = Row("J" if quantity == "cost" else quantity, end.shape, differs, cause=cause)
    drawn = []
    for theme in ("light", "dark"):
        picture = draw(
            end,
            values=False,
            rules=False,
            cotangent=np.ones(end.shape),
            direction="LR",
            theme=theme,
            title=f"{quantity}, in the graph of {function}",
            checks=Comparison(quantity, [wrong], 0.0),
        )
        try:
            svg = picture.svg().replace(f"{wrong.title} differs: inf", f"{quantity} is wrong")
        except LayoutError as error:
            return f"<pre>{entities(picture.text())}</pre><p class=quiet>{entities(str(error))}</p>"
        drawn.append(f"<figure class={theme}>{_inline(svg[svg.index('<svg') :])}</figure>")
    return "".join(drawn)


def _inline(svg: str) -> str:
    """Drop what only a file of its own needs; as wide as the page at most."""
    return re.sub(r'<svg ([^>]*?)width="([\d.]+)pt" height="[\d.]+pt"', r'<svg \1style="max-width:\2pt"', svg, count=1)


def tensors(function: str, quantity: str) -> Tensor | None:
    """Return a layer of the network, or the cost, with the names that `quantity` belongs to, or None.

    >>> tensors("linear_activation_backward", "dW").name
    'A'
    >>> tensors("backward_propagation_n", "dZ2").name, tensors("compute_cost", "cost").name
    ('A2', 'J')
    """
    if quantity == "cost":
        return _cost()
    found = _QUANTITY.match(quantity)
    if found is None:
        return None
    index = found[1].replace("_prev", "")
    Z = _linear(index, function)
    if function.startswith(("linear_forward", "linear_backward")):
        return Z
    A: Tensor = _activation(function, index)(Z)
    return A.named(f"A{index}")


def _linear(index: str, function: str) -> Tensor:
    def leaf(name: str, *shape: int) -> Tensor:
        return Tensor(np.full(shape, 0.1), name=name)

    if function.startswith(("sigmoid", "relu")):
        return leaf(f"Z{index}", 3, _EXAMPLES)
    if function == "propagate":
        logit: Tensor = leaf("w", 4, 1).T @ leaf("X", 4, _EXAMPLES) + leaf("b", 1, 1)
        return logit.named("Z")
    before = "X" if index == "1" else f"A{int(index) - 1}" if index.isdigit() else "A_prev"
    Z: Tensor = leaf(f"W{index}", 3, 4) @ leaf(before, 4, _EXAMPLES) + leaf(f"b{index}", 3, 1)
    return Z.named(f"Z{index}")


def _activation(function: str, index: str) -> Any:
    if function in _ONE_HIDDEN_LAYER and index == "1":
        return np.tanh
    last = function == "propagate" or index == "L" or (function in _ONE_HIDDEN_LAYER and index == "2")
    return sigmoid if last or function.startswith("sigmoid") else relu


def _cost() -> Tensor:
    A = Tensor(np.full((1, _EXAMPLES), 0.5), name="AL")
    Y = Tensor(np.linspace(0.2, 0.8, _EXAMPLES).reshape(1, -1), name="Y", requires_grad=False)
    J: Tensor = cross_entropy(A, Y)
    return J.named("J")
