"""Reasons of a rule in sentences: why it holds, what was broadcast, which shapes meet; for formulas and pictures."""

import numpy as np

from ..core import Tensor
from ..core.broadcast import broadcast_axes
from ..support.words import said
from .convention import Examples, over
from .wording import Shape


def reasons(
    node: Tensor, place: int, language: str, examples: Examples | None = None, *, y: str, x: str, w: str
) -> tuple[list[str], str]:
    """Return why the rule of an operand holds, and a note on shapes, "" between numbers, in the names of a reader."""
    large, small = node.shape, np.shape(node.operands[place])
    axes = broadcast_axes(large, small) or ()
    found = [*filter(None, [node.op.reason(place, language, y=y, x=x, w=w)])]
    if node.op.elementwise and axes and small != large:
        m = node.size // max(1, int(np.prod(small)))
        known = examples.lie_along(axes, large) if examples else len(large) == 2 and large[1] == m > 1
        found.append(said("broadcast", language, m=m, axis=said("examples" if known else "places", language), x=x))
    if not large and not small:
        return found, ""
    sizes = {key: str(s) if s else said("a number", language) for key, s in (("large", large), ("small", small))}
    family, others = node.op.family(place), [np.shape(v) for i, v in enumerate(node.operands) if i != place]
    if family == "entries" and small != large:
        family, sizes["over"] = "summed", over(axes, large, examples, language)
    elif family in ("left", "right"):
        family = family if len(large) == len(small) == len(others[0]) == 2 else "product"
        sizes["turned"] = str(others[0][::-1])
    return found, said(f"shapes, {family}", language, x=x, y=y, w=w, **sizes)


def shape_text(shape: Shape, language: str = "en") -> str:
    """Write a shape."""
    return said("number", language) if shape == () else str(tuple(shape))
