"""tinygrad_dnn, compiled to a NumPy program whose loops Numba compiles."""

from __future__ import annotations

import numba  # noqa: F401 (a contender that is not installed is found before anything is measured)

from tinygrad_dnn import jit

from .compilable import cost_and_gradients, prepare

__all__ = ["prepare", "step"]

step = jit(cost_and_gradients, backend="numba")
