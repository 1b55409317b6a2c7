"""Reverse-mode automatic differentiation on NumPy: derive, run, draw and referee gradients."""

# ruff: noqa: F403, F405 (__all__ says which)
from .support import interrupts as _interrupts  # noqa: F401  # isort: skip (first of all: see there)
import sys as _sys
from importlib import import_module as _import_module
from types import ModuleType as _ModuleType

from . import ops as _ops  # noqa: F401 (declares the operations)
from .core import Tensor, no_grad, scope
from .core.errors import *
from .core.primitive import primitive
from .core.protocol import libraries as _libraries
from .ops.activations import leaky_relu, log_softmax, logsumexp, relu, sigmoid, softmax, softplus
from .ops.elementwise import tanh
from .support.elsewhere import instead_of as _instead_of

__version__ = "0.1.0"
__all__ = [
    "DetachedError", "DtypeError", "GradientError", "NoRuleError", "NonFiniteError", "RuleError", "ShapeError",
    "StaleError", "Tensor", "TracingError", "check_grads", "checkpoint", "derive", "draw", "elementwise_grad",
    "explore", "grad", "gradients", "hessian", "hvp", "jacobian", "jit", "jvp", "leaky_relu", "log_softmax",
    "logsumexp", "no_grad", "numerical", "play", "primitive", "relu", "scope", "sigmoid", "softmax", "softplus", "tanh",
    "trace", "trace_lines", "trace_nonfinite", "value_and_grad", "vjp",
]  # fmt: skip
_ROOMS = {
    "compositions": "compositions", "derive": "derive", "inplace": "inplace", "jit": "jit",
    "live": "play", "referee.check": "load_ipython_extension",
    "render": "draw explore", "scipy": "scipy", "tracing": "trace tracing",
    "transforms": "check_grads checkpoint elementwise_grad grad gradients hessian hvp jacobian jvp numerical "
    "trace_lines trace_nonfinite transforms value_and_grad vjp",
}  # fmt: skip
_LATER = {name: room for room, names in _ROOMS.items() for name in names.split()}
"""Names that are imported when first used, and from where: most programs never enter most rooms."""
_libraries["numpy"] = lambda: [_import_module(f".{room}", __name__) for room in ("compositions", "inplace")]
_libraries["scipy.special"] = lambda: __getattr__("scipy")


class _Package(_ModuleType):
    """The package: `derive` and `jit` are functions, also after an import of the subpackages of these names."""

    def __setattr__(self, name: str, value: object) -> None:
        is_room = name in ("derive", "jit") and isinstance(value, _ModuleType)
        super().__setattr__(name, getattr(value, name) if is_room else value)

    def __reduce__(self) -> object:
        return _import_module, (__name__,)


_sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    if name not in _LATER:
        hint = _instead_of(name, "tinygrad_dnn")  # and Python adds a name that is spelled alike
        module = _sys.modules[__name__]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}", name=name, obj=module)
    module = _import_module(f".{_LATER[name]}", __name__)
    found = globals()[name] = getattr(module, name, module)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
