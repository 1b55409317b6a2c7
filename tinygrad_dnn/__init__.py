"""Reverse-mode automatic differentiation on NumPy: derive, run, draw and referee gradients."""

from . import ops as _ops
from .context import no_grad, scope
from .errors import (
    DetachedError,
    DtypeError,
    GradientError,
    NonFiniteError,
    NoRuleError,
    RuleError,
    ShapeError,
    StaleError,
)
from .gradcheck import check_grads
from .ops.activations import leaky_relu, log_softmax, logsumexp, relu, sigmoid, softmax, softplus
from .ops.elementwise import tanh
from .primitive import primitive
from .tensor import Tensor
from .trace import trace_lines, trace_nonfinite
from .transforms import elementwise_grad, grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__version__ = "0.1.0"
