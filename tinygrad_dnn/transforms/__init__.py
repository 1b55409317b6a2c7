"""Functions of functions: gradients, products with Jacobians, checks by finite differences, observers."""

from ._gradients import gradients
from .check import check_grads
from .checkpoint import checkpoint
from .differences import numerical
from .grad import elementwise_grad, grad, value_and_grad, vjp
from .jacobian import hessian, hvp, jacobian, jvp
from .observe import trace_lines, trace_nonfinite

__all__ = [
    "check_grads", "checkpoint", "elementwise_grad", "grad", "gradients", "hessian", "hvp", "jacobian", "jvp",
    "numerical", "trace_lines", "trace_nonfinite", "value_and_grad", "vjp",
]  # fmt: skip
