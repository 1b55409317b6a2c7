"""tinygrad_dnn, compiled to a NumPy program."""

from __future__ import annotations

from tinygrad_dnn import jit

from .compilable import cost_and_gradients, prepare

__all__ = ["prepare", "step"]

step = jit(cost_and_gradients, backend="numpy")
