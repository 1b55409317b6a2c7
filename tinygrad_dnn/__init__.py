"""Reverse-mode automatic differentiation on NumPy: derive, run, draw and referee gradients."""

from .support import interrupts as _interrupts  # noqa: F401  # isort: skip (first of all: see there)
from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING

from . import compositions as _compositions  # noqa: F401 (declares the operations, and functions made of them)
from . import inplace as _inplace  # noqa: F401 (lets Tensors be written to)
from .core.context import no_grad, scope
from .core.errors import (
    DetachedError,
    DtypeError,
    GradientError,
    NonFiniteError,
    NoRuleError,
    RuleError,
    ShapeError,
    StaleError,
    TracingError,
)
from .core.primitive import primitive
from .core.protocol import libraries as _libraries
from .core.tensor import Tensor
from .derive import derive
from .jit import jit
from .ops.activations import leaky_relu, log_softmax, logsumexp, relu, sigmoid, softmax, softplus
from .ops.elementwise import tanh
from .tracing import trace
from .transforms import (
    check_grads,
    checkpoint,
    elementwise_grad,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    numerical,
    trace_lines,
    trace_nonfinite,
    value_and_grad,
    vjp,
)

if _TYPE_CHECKING:
    from .render import draw, explore

__version__ = "0.1.0"

__all__ = [
    "DetachedError", "DtypeError", "GradientError", "NoRuleError", "NonFiniteError", "RuleError", "ShapeError",
    "StaleError", "Tensor", "TracingError", "check_grads", "checkpoint", "derive", "draw", "elementwise_grad",
    "explore", "grad", "gradients", "hessian", "hvp", "jacobian", "jit", "jvp", "leaky_relu", "log_softmax",
    "logsumexp", "no_grad", "numerical", "primitive", "relu", "scope", "sigmoid", "softmax", "softplus", "tanh",
    "trace", "trace_lines", "trace_nonfinite", "value_and_grad", "vjp",
]  # fmt: skip

_LATER = {"draw": "render", "explore": "render", "load_ipython_extension": "referee.running", "scipy": "scipy"}
"""What is imported when it is first used: its rooms are large, and most programs never enter them."""

_libraries["scipy.special"] = lambda: __getattr__("scipy")


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _import_module(f".{_LATER[name]}", __name__)
    found = globals()[name] = getattr(module, name, module)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
