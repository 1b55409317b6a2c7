"""Reverse-mode automatic differentiation on NumPy: derive, run, draw and referee gradients."""

from . import ops as _ops
from .context import no_grad, scope
from .ops.activations import relu, sigmoid
from .primitive import primitive
from .tensor import Tensor
from .trace import trace_lines, trace_nonfinite

__version__ = "0.1.0"
