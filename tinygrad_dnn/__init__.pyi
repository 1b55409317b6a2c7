"""Types of the public names: functions of Tensors return Tensors; transforms keep the signature of their function."""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar, overload

import numpy as np
import numpy.typing as npt

from .core.context import no_grad as no_grad
from .core.context import scope as scope
from .core.errors import DetachedError as DetachedError
from .core.errors import DtypeError as DtypeError
from .core.errors import GradientError as GradientError
from .core.errors import NonFiniteError as NonFiniteError
from .core.errors import NoRuleError as NoRuleError
from .core.errors import RuleError as RuleError
from .core.errors import ShapeError as ShapeError
from .core.errors import StaleError as StaleError
from .core.errors import TracingError as TracingError
from .core.primitive import primitive as primitive
from .core.tensor import Tensor as Tensor
from .derive import derive as derive
from .live import play as play
from .referee.check import load_ipython_extension as load_ipython_extension
from .render import draw as draw
from .render import explore as explore
from .tracing import trace as trace
from .transforms import check_grads as check_grads
from .transforms import checkpoint as checkpoint
from .transforms import gradients as gradients
from .transforms import hvp as hvp
from .transforms import jvp as jvp
from .transforms import numerical as numerical
from .transforms import trace_lines as trace_lines
from .transforms import trace_nonfinite as trace_nonfinite
from .transforms import vjp as vjp

__version__: str
__all__: list[str]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_R_co = TypeVar("_R_co", covariant=True)

class _Compiled(Protocol[_P, _R_co]):
    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R_co: ...
    def source(self, *args: _P.args, **kwargs: _P.kwargs) -> str: ...
    def reason(self, *args: _P.args, **kwargs: _P.kwargs) -> str | None: ...

def jit(f: Callable[_P, _R], *, backend: str = "numpy") -> _Compiled[_P, _R]: ...

_Argnum: TypeAlias = int | Sequence[int] | None

def grad(
    f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False
) -> Callable[_P, Any]: ...
def value_and_grad(
    f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False
) -> Callable[_P, tuple[Any, Any]]: ...
def elementwise_grad(f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None) -> Callable[_P, Any]: ...
def jacobian(
    f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False
) -> Callable[_P, Any]: ...
def hessian(
    f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False
) -> Callable[_P, Any]: ...

class _Activation(Protocol):
    __name__: str
    @overload
    def __call__(self, z: Tensor, /) -> Tensor: ...
    @overload
    def __call__(self, z: npt.ArrayLike, /) -> np.ndarray: ...

relu: _Activation
sigmoid: _Activation
softplus: _Activation
tanh: _Activation

_Axis = int | tuple[int, ...] | None

@overload
def leaky_relu(z: Tensor, slope: float = 0.01) -> Tensor: ...
@overload
def leaky_relu(z: npt.ArrayLike, slope: float = 0.01) -> np.ndarray: ...
@overload
def softmax(z: Tensor, axis: _Axis = None) -> Tensor: ...
@overload
def softmax(z: npt.ArrayLike, axis: _Axis = None) -> np.ndarray: ...
@overload
def log_softmax(z: Tensor, axis: _Axis = None) -> Tensor: ...
@overload
def log_softmax(z: npt.ArrayLike, axis: _Axis = None) -> np.ndarray: ...
@overload
def logsumexp(z: Tensor, axis: _Axis = None, keepdims: bool = False) -> Tensor: ...
@overload
def logsumexp(z: npt.ArrayLike, axis: _Axis = None, keepdims: bool = False) -> np.ndarray: ...
