"""What NumPy lacks: the activations of a network and their stable companions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..notation import forms
from ..primitive import primitive
from .samples import unary


@np.errstate(over="ignore")
def _sigmoid(z: Any) -> Any:
    # exp may overflow to inf, and 1 / (1 + inf) is the right 0.
    return 1.0 / (1.0 + np.exp(-z))


relu = primitive(
    lambda z: np.maximum(z, 0.0),
    name="relu",
    vjp=lambda a_bar, a, z: a_bar * (z > 0.0),
    notation=forms("np.maximum({}, 0)", r"\operatorname{{relu}}\left({}\right)", "relu({})"),
    samples=unary(),
)
sigmoid = primitive(
    _sigmoid,
    name="sigmoid",
    vjp=lambda a_bar, a, z: a_bar * a * (1.0 - a),
    notation=forms("1 / (1 + np.exp(-{}))", r"\sigma\left({}\right)", "sigmoid({})"),
    samples=unary(),
)
