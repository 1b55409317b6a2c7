"""Every primitive, by family: importing this package imports its modules, and these declare them.

Other rooms import from here the primitives that they know by name.
"""

from importlib import import_module
from pkgutil import iter_modules

from ..core.primitive import declared
from ..core.protocol import complete
from .activations import log_softmax_, logsumexp_, relu, sigmoid, softmax_, softplus
from .arithmetic import add, divide, ldexp, multiply, negative, positive, power, reciprocal, rint, subtract
from .comparisons import equal, greater
from .conversion import astype, duplicate, to_float, to_integer
from .einsum import einsum_
from .elementwise import LN10, exp, log, log1p, logaddexp, sqrt, tanh
from .indexing import ARRAY, along, getitem_, scatter, subscripted, together
from .kinks import absolute, choose, maximum_constant
from .matrices import diagonal_, matrix_transpose, tril, triu
from .norms import nonzero, product_at_0, standard_deviation, variance
from .products import matmul
from .reductions import expanded, kept_shape, lines, max_, mean_, prod_, size, sum_
from .repeats import broadcast_to, pad_
from .shapes import expand_dims_, ravel_, reshape_, squeeze_, transpose_

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
TABLE = tuple(declared)  # all primitives of the library, in the order of declaration
complete()
__all__ = [
    "ARRAY", "LN10", "TABLE", "absolute", "add", "along", "astype", "broadcast_to", "choose", "diagonal_", "divide",
    "duplicate", "einsum_", "equal", "exp", "expand_dims_", "expanded", "getitem_", "greater", "kept_shape", "ldexp",
    "lines", "log", "log1p", "log_softmax_", "logaddexp", "logsumexp_", "matmul", "matrix_transpose", "max_",
    "maximum_constant", "mean_", "multiply", "negative", "nonzero", "pad_", "positive", "power", "prod_",
    "product_at_0", "ravel_", "reciprocal", "relu", "reshape_", "rint", "scatter", "sigmoid", "size", "softmax_",
    "softplus", "sqrt", "squeeze_", "standard_deviation", "subscripted", "subtract", "sum_", "tanh", "to_float",
    "to_integer", "together", "transpose_", "tril", "triu", "variance",
]  # fmt: skip
