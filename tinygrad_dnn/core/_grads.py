"""Gradients on tensors: arrays of their own, and messages where one is asked for that is not there."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from .graph import ancestors
from .node import Node

walked: list[Any] = [lambda: None]
"""A weak reference to the tensor whose backward() was called last."""


def own(x_bar: Any, value: Any, given: set[int]) -> np.ndarray:
    """Return a cotangent as an array with no other references: it may be shared between tensors, or be a view."""
    if type(x_bar) is np.ndarray and x_bar.base is None and x_bar.dtype is value.dtype and id(x_bar) not in given:
        given.add(id(x_bar))
        return x_bar
    return np.array(x_bar, value.dtype)


def warn_if_missed(x: Node) -> None:
    """Warn that a computed tensor has no `.grad` although the last backward pass went through it."""
    if x.op is not None and _passed_through(x):
        warnings.warn(
            f".grad of {x.title} is None: gradients are kept for leaves only. Call .retain_grad() on it before "
            "backward(); if a parameter was rebound (W = W - rate * W.grad), write W.data -= rate * W.grad",
            stacklevel=3,
        )


def _passed_through(x: Node) -> bool:
    """Return True if the last backward pass went through x, as far as can be told once its root is freed."""
    root = walked[0]()
    if root is not None:
        return any(node is x for node in ancestors(root))
    return any(node.op is None and vars(node).get("grad") is not None for node in ancestors(x))


def instead(name: str) -> str:
    """Return the function to be used in the place of an attribute that PyTorch or NumPy have."""
    package = sys.modules["tinygrad_dnn"]
    if name.startswith("_"):
        return ""
    if callable(found := getattr(package, name, None)):
        return f"; call tinygrad_dnn.{found.__name__}(t)"
    return f"; call np.{name}(t)" if callable(getattr(np, name, None)) else ""
