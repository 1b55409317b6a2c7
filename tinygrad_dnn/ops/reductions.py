"""Sums and their relatives."""

from __future__ import annotations

import numpy as np

from ..notation import call
from ..primitive import primitive
from .samples import reduction


def _expand(y_bar, x, axis, keepdims):
    if not keepdims and axis is not None:
        y_bar = np.expand_dims(y_bar, axis)
    if isinstance(y_bar, np.floating):
        t = np.empty(x.shape, y_bar.dtype)
        t.fill(y_bar)
        return t
    return np.broadcast_to(y_bar, x.shape)


sum = primitive(
    lambda x, *, axis=None, keepdims=False: np.add.reduce(x, axis=axis, keepdims=keepdims),
    name="sum",
    vjp=lambda y_bar, y, x, axis=None, keepdims=False: _expand(y_bar, x, axis, keepdims),
    notation=call("np.sum", r"\sum", axis=None, keepdims=False),
    samples=reduction(),
    numpy=(np.sum,),
)
