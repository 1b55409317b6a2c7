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
from .core.tensor import Tensor as Tensor
from .derive import derive as derive
from .live import play as play
from .referee.check import load_ipython_extension as load_ipython_extension
from .render import draw as draw
from .render import explore as explore
from .tracing import trace as trace
from .transforms import check_grads as check_grads
from .transforms import gradients as gradients
from .transforms import hvp as hvp
from .transforms import jvp as jvp
from .transforms import trace_lines as trace_lines
from .transforms import trace_nonfinite as trace_nonfinite
from .transforms import vjp as vjp

__version__: str
__all__: list[str]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_R_co = TypeVar("_R_co", covariant=True)

_Axis: TypeAlias = int | tuple[int, ...] | None

class _Elementwise:
    __name__: str
    @overload
    def __call__(self, z: Tensor, /) -> Tensor: ...
    @overload
    def __call__(self, z: npt.ArrayLike, /) -> np.ndarray: ...

class _Leaky:
    @overload
    def __call__(self, z: Tensor, slope: float = 0.01) -> Tensor: ...
    @overload
    def __call__(self, z: npt.ArrayLike, slope: float = 0.01) -> np.ndarray: ...

class _Softmax:
    @overload
    def __call__(self, z: Tensor, axis: _Axis = None) -> Tensor: ...
    @overload
    def __call__(self, z: npt.ArrayLike, axis: _Axis = None) -> np.ndarray: ...

class _LogSumExp:
    @overload
    def __call__(self, z: Tensor, axis: _Axis = None, keepdims: bool = False) -> Tensor: ...
    @overload
    def __call__(self, z: npt.ArrayLike, axis: _Axis = None, keepdims: bool = False) -> np.ndarray: ...

relu: _Elementwise
sigmoid: _Elementwise
softplus: _Elementwise
tanh: _Elementwise
leaky_relu: _Leaky
softmax: _Softmax
log_softmax: _Softmax
logsumexp: _LogSumExp

# Of an overloaded function a checker takes the first signature for all; these may be called with anything.
_Overloaded: TypeAlias = np.ufunc | _Elementwise | _Leaky | _Softmax | _LogSumExp
_Rules: TypeAlias = Callable[..., Any] | Sequence[Callable[..., Any] | None] | None

@overload
def primitive(
    forward: None = None,
    /,
    *,
    vjp: _Rules,
    name: str | None = None,
    numpy: Any = (),
    notation: Any = None,
    legal: str = "",
    samples: Any = None,
    selection: Any = None,
    **facets: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...
@overload
def primitive(
    forward: Callable[..., Any],
    /,
    *,
    vjp: _Rules,
    name: str | None = None,
    numpy: Any = (),
    notation: Any = None,
    legal: str = "",
    samples: Any = None,
    selection: Any = None,
    **facets: Any,
) -> Callable[..., Any]: ...
def checkpoint(f: Callable[_P, _R]) -> Callable[_P, _R]: ...
def numerical(f: Callable[_P, _R]) -> Callable[_P, _R]: ...

class _Compiled(Protocol[_P, _R_co]):
    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R_co: ...
    def source(self, *args: _P.args, **kwargs: _P.kwargs) -> str: ...
    def reason(self, *args: _P.args, **kwargs: _P.kwargs) -> str | None: ...

_Argnum: TypeAlias = int | Sequence[int] | None

@overload
def jit(f: _Overloaded, *, backend: str = "numpy") -> _Compiled[..., Any]: ...
@overload
def jit(f: Callable[_P, _R], *, backend: str = "numpy") -> _Compiled[_P, _R]: ...
@overload
def grad(f: _Overloaded, argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False) -> Callable[..., Any]: ...
@overload
def grad(f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False) -> Callable[_P, Any]: ...
@overload
def value_and_grad(
    f: _Overloaded, argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]: ...
@overload
def value_and_grad(
    f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False
) -> Callable[_P, tuple[Any, Any]]: ...
@overload
def elementwise_grad(f: _Overloaded, argnum: _Argnum = 0, *, argnums: _Argnum = None) -> Callable[..., Any]: ...
@overload
def elementwise_grad(f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None) -> Callable[_P, Any]: ...
@overload
def jacobian(f: _Overloaded, argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False) -> Callable[..., Any]: ...
@overload
def jacobian(f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False) -> Callable[_P, Any]: ...
@overload
def hessian(f: _Overloaded, argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False) -> Callable[..., Any]: ...
@overload
def hessian(f: Callable[_P, Any], argnum: _Argnum = 0, *, argnums: _Argnum = None, has_aux: bool = False) -> Callable[_P, Any]: ...
