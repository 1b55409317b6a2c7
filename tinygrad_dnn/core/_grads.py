"""Gradients on tensors: arrays of their own, and messages where one is asked for that is not there."""

import warnings
from typing import Any

import numpy as np

from .arrays import adopted, kept
from .errors import DetachedError, ShapeError
from .graph import ancestors

walked: list[Any] = [lambda: None]  # a weak reference to the tensor whose backward() was called last


def own(x_bar: Any, value: Any, given: set[int]) -> Any:
    """Return a cotangent as an array with no other references: it may be shared between tensors, or be a view."""
    if type(x_bar) is np.ndarray and x_bar.base is None and x_bar.dtype is value.dtype and id(x_bar) not in given:
        given.add(id(x_bar))
        return x_bar
    return kept(x_bar, value.dtype)


def fitting(grad: Any, x: Any) -> Any:
    """Return the array in `.grad`, to be added to; raise if the caller has set it to something that does not fit x."""
    if getattr(grad, "shape", None) != x.shape:
        remedy = f"it must be None or an array of shape {x.shape}: reset it with zero_grad()"
        raise ShapeError(f"backward: .grad of {x.title} is {grad!r:.60}; {remedy}")
    return adopted(grad)


class Missing:
    """The `.grad` of a tensor that has none: None, with a warning where the last backward pass went through it.

    An error for what looks like a parameter that was rebound, ``W = W - rate * W.grad``: the next line would fail.
    It is a descriptor, as a ``__getattr__`` would slow down every other attribute, by a tenth of a step.
    """

    def __get__(self, x: Any, kind: type) -> None:
        if x is None or x.op is None:
            return
        root = walked[0]()  # did the last backward pass go through x? As far as can be told once its root is freed
        found = ancestors(x if root is None else root)
        if not any(node is x if root else node.op is None and vars(node).get("grad") is not None for node in found):
            return
        message = (
            f".grad of {x.title} is None: gradients are kept for leaves only. Call .retain_grad() on it before "
            "backward(); if a parameter was rebound (W = W - rate * W.grad), write W.data -= rate * W.grad"
        )
        # a leaf plus or minus an array, in a graph that holds no more
        is_update = x.op.name in ("add", "subtract") and len(x.parents) == 1 and x.parents[0].shape == x.shape
        if root is None and is_update:
            raise DetachedError(message)
        warnings.warn(message, stacklevel=2)
