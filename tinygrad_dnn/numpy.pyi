"""Types of NumPy's functions on Tensors: a Tensor where one goes in, else Any; other names of NumPy are Any."""

from typing import Any, Protocol, overload

from numpy import bool_ as bool_
from numpy import e as e
from numpy import float32 as float32
from numpy import float64 as float64
from numpy import inf as inf
from numpy import int64 as int64
from numpy import linalg as linalg
from numpy import nan as nan
from numpy import ndarray as ndarray
from numpy import newaxis as newaxis
from numpy import pi as pi
from numpy import random as random

from .core.tensor import Tensor

def __getattr__(name: str) -> Any: ...

class _Function(Protocol):
    @overload
    def __call__(self, x: Tensor, /, *args: Any, **kwargs: Any) -> Tensor: ...
    @overload
    def __call__(self, x: Any, y: Tensor, /, *args: Any, **kwargs: Any) -> Tensor: ...
    @overload
    def __call__(self, x: Any, /, *args: Any, **kwargs: Any) -> Any: ...

class _Creator(Protocol):
    def __call__(self, *args: Any, **kwargs: Any) -> ndarray: ...

abs: _Function
absolute: _Function
add: _Function
arccos: _Function
arcsin: _Function
arctan: _Function
arctan2: _Function
broadcast_to: _Function
cbrt: _Function
clip: _Function
convolve: _Function
copy: _Function
cos: _Function
cosh: _Function
cross: _Function
cumprod: _Function
cumsum: _Function
diag: _Function
diagonal: _Function
divide: _Function
dot: _Function
exp: _Function
exp2: _Function
expand_dims: _Function
expm1: _Function
flip: _Function
float_power: _Function
hypot: _Function
inner: _Function
kron: _Function
log: _Function
log10: _Function
log1p: _Function
log2: _Function
logaddexp: _Function
matmul: _Function
max: _Function
maximum: _Function
mean: _Function
median: _Function
min: _Function
minimum: _Function
multiply: _Function
negative: _Function
outer: _Function
power: _Function
prod: _Function
ravel: _Function
reciprocal: _Function
repeat: _Function
reshape: _Function
roll: _Function
round: _Function
sign: _Function
sin: _Function
sinh: _Function
sort: _Function
sqrt: _Function
square: _Function
squeeze: _Function
std: _Function
subtract: _Function
sum: _Function
swapaxes: _Function
take: _Function
tan: _Function
tanh: _Function
tensordot: _Function
tile: _Function
trace: _Function
transpose: _Function
tril: _Function
triu: _Function
true_divide: _Function
var: _Function
vdot: _Function
zeros: _Creator
ones: _Creator
full: _Creator
empty: _Creator
eye: _Creator
identity: _Creator
arange: _Creator
linspace: _Creator
zeros_like: _Creator
ones_like: _Creator
full_like: _Creator
