"""The layer that a verdict speaks of, drawn, with the wrong quantity marked: the seam between referee and `render`."""

import re
from functools import lru_cache
from typing import Any

import numpy as np

from ...core.tensor import Tensor
from ...dnn.costs import cross_entropy
from ...ops.activations import relu, sigmoid
from ...support.difference import Difference
from ...support.text import entities
from ..comparison import Comparison
from ..row import Row
from ..verdict import FunctionVerdict

_QUANTITY = re.compile(r"d?[WbwZA](\d+|L|_prev|)$")
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
    from ...render import LayoutError, draw

    differs = Difference(np.inf, np.inf, None, None, 0)
    wrong = Row("J" if quantity == "cost" else quantity, end.shape, differs, cause=cause)
    drawn = []
    for theme in ("light", "dark"):
        picture = draw(
            end, values=False, rules=False, cotangent=np.ones(end.shape), direction="LR", theme=theme,
            title=f"{quantity}, in the graph of {function}", checks=Comparison(quantity, [wrong], 0.0),
        )  # fmt: skip
        try:
            svg = picture.svg().replace(f"{wrong.title} differs: inf", f"{quantity} is wrong")
        except LayoutError as error:
            return f"<pre>{entities(picture.text())}</pre><p class=quiet>{entities(str(error))}</p>"
        # Without what only a file of its own needs, and as wide as the page at most.
        size = r'<svg ([^>]*?)width="([\d.]+)pt" height="[\d.]+pt"'
        inline = re.sub(size, r'<svg \1style="max-width:\2pt"', svg[svg.index("<svg") :], count=1)
        drawn.append(f"<figure class={theme}>{inline}</figure>")
    return "".join(drawn)


def tensors(function: str, quantity: str) -> Tensor | None:
    """Return a layer of the network, or the cost, with the names that `quantity` belongs to, or None."""

    def leaf(name: str, *shape: int) -> Tensor:
        is_data = name.startswith(("A", "X")) and quantity != f"d{name}"
        return Tensor(np.full(shape, 0.1), name=name, requires_grad=not is_data)

    if quantity == "cost":
        Y = Tensor(np.linspace(0.2, 0.8, _EXAMPLES).reshape(1, -1), name="Y", requires_grad=False)
        J: Tensor = cross_entropy(Tensor(np.full((1, _EXAMPLES), 0.5), name="AL"), Y)
        return J.named("J")
    if (found := _QUANTITY.match(quantity)) is None:
        return None
    l, alone = found[1].replace("_prev", ""), function == "propagate"
    hidden_and_output = function in ("forward_propagation", "backward_propagation")
    if function.startswith(("sigmoid", "relu")):
        Z = leaf(f"Z{l}", 3, _EXAMPLES)
    else:
        W, b = ("w", "b") if alone else (f"W{l}", f"b{l}")
        before = "X" if alone or l == "1" else f"A{int(l) - 1}" if l.isdigit() else "A_prev"
        product = leaf(W, 4, 1).T if alone else leaf(W, 3, 4)
        Z = (product @ leaf(before, 4, _EXAMPLES) + leaf(b, 1 if alone else 3, 1)).named("Z" if alone else f"Z{l}")
    if function.startswith(("linear_forward", "linear_backward")):
        return Z
    last = alone or l == "L" or (hidden_and_output and l == "2") or function.startswith("sigmoid")
    A: Any = sigmoid(Z) if last else np.tanh(Z) if hidden_and_output and l == "1" else relu(Z)
    return A.named(f"A{l}")  # type: ignore[no-any-return]
