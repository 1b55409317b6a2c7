"""Types of NumPy's functions on Tensors: a Tensor where one goes in, else Any; other names of NumPy are Any."""

from collections.abc import Sequence
from typing import Any, Protocol, overload

from numpy import bool_ as bool_
from numpy import e as e
from numpy import float32 as float32
from numpy import float64 as float64
from numpy import inf as inf
from numpy import int64 as int64
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
    def __call__(self, x: Any, y: Any, z: Tensor, /, *args: Any, **kwargs: Any) -> Tensor: ...
    @overload
    def __call__(self, x: Any, /, *args: Any, **kwargs: Any) -> Any: ...

class _OfSeveral(Protocol):
    @overload
    def __call__(self, x: Tensor | Sequence[Tensor], /, *args: Any, **kwargs: Any) -> Tensor: ...
    @overload
    def __call__(self, x: Any, /, *args: Any, **kwargs: Any) -> Any: ...

class _Where(Protocol):
    @overload
    def __call__(self, condition: Any, x: Tensor, y: Any, /) -> Tensor: ...
    @overload
    def __call__(self, condition: Any, x: Any, y: Tensor, /) -> Tensor: ...
    @overload
    def __call__(self, condition: Any, /, *args: Any) -> Any: ...

class _Creator(Protocol):
    def __call__(self, *args: Any, **kwargs: Any) -> ndarray: ...

class _Linalg(Protocol):
    def __getattr__(self, name: str) -> Any: ...
    cholesky: _Function
    det: _Function
    eigvalsh: _Function
    inv: _Function
    lstsq: Any
    matrix_power: _Function
    multi_dot: _OfSeveral
    norm: _Function
    pinv: _Function
    solve: _Function

linalg: _Linalg
abs: _Function
absolute: _Function
acos: _Function
acosh: _Function
add: _Function
amax: _Function
amin: _Function
append: _Function
arccos: _Function
arccosh: _Function
arcsin: _Function
arcsinh: _Function
arctan2: _Function
arctan: _Function
arctanh: _Function
array: _OfSeveral
asarray: _OfSeveral
asin: _Function
asinh: _Function
atan2: _Function
atan: _Function
atanh: _Function
average: _Function
block: _OfSeveral
broadcast_to: _Function
cbrt: _Function
ceil: _Function
choose: _Function
clip: _Function
column_stack: _OfSeveral
compress: _Function
concat: _OfSeveral
concatenate: _OfSeveral
convolve: _Function
copy: _Function
corrcoef: _Function
cos: _Function
cosh: _Function
cov: _Function
cross: _Function
cumprod: _Function
cumsum: _Function
cumulative_sum: _Function
deg2rad: _Function
degrees: _Function
delete: _Function
diag: _Function
diagflat: _Function
diagonal: _Function
diff: _Function
divide: _Function
dot: _Function
dstack: _OfSeveral
ediff1d: _Function
einsum: _Function
exp2: _Function
exp: _Function
expand_dims: _Function
expm1: _Function
extract: _Function
fabs: _Function
flip: _Function
fliplr: _Function
flipud: _Function
float_power: _Function
floor: _Function
fmax: _Function
fmin: _Function
heaviside: _Function
hstack: _OfSeveral
hypot: _Function
inner: _Function
insert: _Function
kron: _Function
log10: _Function
log1p: _Function
log2: _Function
log: _Function
logaddexp2: _Function
logaddexp: _Function
matmul: _Function
matrix_transpose: _Function
matvec: _Function
max: _Function
maximum: _Function
mean: _Function
median: _Function
min: _Function
minimum: _Function
moveaxis: _Function
multiply: _Function
nan_to_num: _Function
nanmax: _Function
nanmean: _Function
nanmin: _Function
nanprod: _Function
nansum: _Function
negative: _Function
outer: _Function
pad: _Function
partition: _Function
percentile: _Function
permute_dims: _Function
polyval: _Function
pow: _Function
power: _Function
prod: _Function
ptp: _Function
quantile: _Function
rad2deg: _Function
radians: _Function
ravel: _Function
reciprocal: _Function
repeat: _Function
reshape: _Function
resize: _Function
roll: _Function
rollaxis: _Function
rot90: _Function
round: _Function
sign: _Function
sin: _Function
sinc: _Function
sinh: _Function
sort: _Function
sqrt: _Function
square: _Function
squeeze: _Function
stack: _OfSeveral
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
trapezoid: _Function
tril: _Function
triu: _Function
true_divide: _Function
trunc: _Function
var: _Function
vdot: _Function
vecdot: _Function
vecmat: _Function
vstack: _OfSeveral
where: _Where
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
