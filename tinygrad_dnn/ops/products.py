"""Products of vectors, matrices and stacks of matrices, all based on `matmul` and `tensordot`.

In the rules ``.T`` and ``.mT`` transpose a matrix and a stack of matrices.
"""

from collections.abc import Sequence
from functools import lru_cache
from string import ascii_letters
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..core import NoRuleError, ShapeError, implementations
from ..core.notation import ATOM, MULTIPLY, NEGATE, POWER, Form, Notation, call, infix
from ..core.primitive import each, implements, primitive
from ..core.zeros import SUM_OF_PRODUCTS
from .arguments import Array, Params, Sample, Sampler, Shape, as_array, integer
from .einsum import einsum_rule


def _pairs(*shapes: tuple[Shape, Shape]) -> Sampler:
    return lambda draw: [Sample(draw(*a), draw(*b)) for a, b in shapes]


# --- matmul and dot
def _matmul(a: Array, b: Array) -> Array:
    try:
        return a.dot(b) if a.ndim == 2 == b.ndim else np.matmul(a, b)
    except NoRuleError:  # the method of an ndarray knows no array of another library
        return np.matmul(a, b)
    except (ValueError, AttributeError) as error:
        if type(error) is ShapeError and _fit(np.shape(a), np.shape(b)):
            raise  # of another library, for a reason of its own
        raise ShapeError(_misfit(np.shape(a), np.shape(b))) from error


def _misfit(a: Shape, b: Shape) -> str:
    """Explain why a @ b is impossible, and which transposes would make it possible."""
    if not a or not b:
        return "a matrix product needs at least one axis on either side; multiply with a number by *"
    if _fit(a, b):
        return f"the leading sizes {a[:-2]} and {b[:-2]} must be equal, or 1, counted from the last"
    place = "last but one" if len(b) > 2 else "first"
    misfit = f"a @ b needs the inner sizes to agree, but the last of a is {a[-1]} and the {place} of b is {b[-2:][0]}"
    left, right = (("a", a), ("a.T", a[::-1])), (("b", b), ("b.T", b[::-1]))
    ways = [(f"{p} @ {q}", m, n) for p, m in left[: len(a)] for q, n in right[: len(b)]]
    fitting = [way for way, m, n in (*ways, ("b @ a", b, a)) if len(a) <= 2 >= len(b) and _fit(m, n)]
    return misfit + (f"; {' or '.join(fitting)} would fit" if fitting else "")


def _fit(a: Shape, b: Shape) -> bool:
    return a[-1] == b[-2:][0]


# In the rules: for two small arrays the method dot is faster than @, but an array's method knows no Tensor.
def _by_left(c_bar: Array, c: Array, a: Array, b: Array) -> Array:
    if b.ndim == 2 >= a.ndim:
        return c_bar.dot(b.T) if type(b) is np.ndarray else c_bar @ b.T
    if b.ndim == 1:
        return c_bar[..., None] * b
    if a.ndim == 1:
        return (b @ c_bar[..., None])[..., 0]
    return c_bar @ b.mT


def _by_right(c_bar: Array, c: Array, a: Array, b: Array) -> Array:
    if a.ndim == 2 >= b.ndim:
        return a.T.dot(c_bar) if type(c_bar) is np.ndarray else a.T @ c_bar
    if b.ndim <= 2:
        # One large product, rather than a small one for each matrix of the stack and their sum.
        over = tuple(range(a.ndim - 1))
        return np.tensordot(a, c_bar, (over, over))
    if a.ndim == 1:
        return a[:, None] * c_bar[..., None, :]
    return a.mT @ c_bar


def _side_by_side(arity: int, params: Params) -> Form:
    return Form("{} {}", NEGATE, (NEGATE, POWER))


matmul = primitive(
    _matmul, name="matmul", numpy=(np.matmul, np.linalg.matmul), selection=SUM_OF_PRODUCTS,
    vjp=(_by_left, _by_right),
    notation=Notation(
        infix("@", "", MULTIPLY).source, _side_by_side, _side_by_side,
        # np.dot, as the value is computed, rounds differently than @ for some strides.
        lambda kind, shapes, params: Form("np.dot({}, {})")
        if kind == "source" and [*map(len, shapes)] == [2, 2] else None,
    ),
    javascript=Form("{} * {}", MULTIPLY, (MULTIPLY, NEGATE)),
    samples=_pairs(
        *[((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((1, 1), (1, 1)), ((2, 0), (0, 3))],
        *[((4, 2, 3), (4, 3, 2)), ((2, 3), (4, 3, 2)), ((4, 2, 3), (3, 2)), ((4, 2, 3), (3,)), ((3,), (4, 3, 2))],
        *[((5, 1, 2, 3), (4, 3, 2)), ((0, 3), (3, 2))],
    ),
)  # fmt: skip


def dot(a: Array, b: Array, **params: Any) -> Array:
    """Multiply: the matrix product where that is the same as np.dot, else a tensor product."""
    try:
        left, right = a.ndim, b.ndim
    except AttributeError:
        left, right = np.ndim(a), np.ndim(b)
    if not left or not right:
        return np.multiply(a, b, **params)
    if right <= 2 or left == 1:
        return matmul(a, b, **params)
    return tensordot(a, b, ((-1,), (-2,)), **params)


implementations[np.dot] = dot  # the hot path: what `implements` would check, the keywords, is left to the primitive
implements(np.vdot)(lambda a, b, /: matmul(_flat(a), _flat(b)))
implements(np.inner)(lambda a, b, /: dot(a, b) if np.ndim(b) < 2 or not np.ndim(a) else tensordot(a, b, ((-1,), (-1,))))


def _flat(x: Array) -> Array:
    return x if np.ndim(x) == 1 else np.reshape(x, (-1,))


# --- outer and its relatives
_outer = primitive(
    np.multiply.outer, name="outer", numpy=np.outer, selection=SUM_OF_PRODUCTS,
    vjp=(lambda c_bar, c, a, b: c_bar @ b, lambda c_bar, c, a, b: c_bar.T @ a),
    notation=call("np.outer", Form("{} {}^T", MULTIPLY, (MULTIPLY, ATOM))),
    samples=_pairs(((2,), (3,)), ((1,), (1,)), ((0,), (2,))),
)  # fmt: skip
implements(np.outer)(lambda a, b: _outer(_flat(a), _flat(b)))
implements(np.linalg.outer)(lambda x1, x2, /: _outer(_of("linalg.outer", x1, 1), _of("linalg.outer", x2, 1)))


def _of(name: str, x: Array, ndim: int) -> Array:
    x = as_array(x)
    if x.ndim < ndim or x.ndim > ndim == 1:
        raise ShapeError(f"{name}: shape {x.shape}; legal: {'vectors' if ndim == 1 else 'matrices, or stacks of them'}")
    return x


@implements(np.kron)
def kron(a: Array, b: Array) -> Array:
    ndim = max(np.ndim(a), np.ndim(b))
    a, b = (np.reshape(x, (1,) * (ndim - np.ndim(x)) + np.shape(x)) for x in (a, b))
    shape = tuple(n * m for n, m in zip(np.shape(a), np.shape(b)))
    a_axes, b_axes = range(0, 2 * ndim, 2), range(1, 2 * ndim, 2)
    return np.reshape(np.expand_dims(a, tuple(b_axes)) * np.expand_dims(b, tuple(a_axes)), shape)


_cross3 = primitive(
    lambda a, b: np.cross(a, b), numpy=np.cross,
    vjp=(lambda c_bar, c, a, b: np.cross(b, c_bar), lambda c_bar, c, a, b: np.cross(c_bar, a)),
    notation=call("np.cross", Form(r"{} \times {}", MULTIPLY, (MULTIPLY, MULTIPLY + 1))),
    samples=_pairs(((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3)), ((0, 3), (3,))),
)  # fmt: skip


@implements(np.cross)
def cross(a: Array, b: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Array:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = _to_last(a, axisa), _to_last(b, axisb)
    if np.shape(a)[-1:] != (3,) or np.shape(b)[-1:] != (3,):
        raise ShapeError("cross: a cross product is one of vectors with 3 entries; append a zero to those with 2")
    c = _cross3(a, b)
    return c if axisc in (-1, c.ndim - 1) else np.moveaxis(c, -1, axisc)


implements(np.linalg.cross)(lambda x1, x2, /, *, axis=-1: cross(x1, x2, axis=axis))


def _to_last(x: Array, axis: int) -> Array:
    ndim = np.ndim(x)
    return x if normalize_axis_index(axis, ndim) == ndim - 1 else np.moveaxis(x, axis, -1)


implements(np.vecdot, np.linalg.vecdot)(lambda x1, x2, /, *, axis=-1: np.sum(_to_last(x1, axis) * _to_last(x2, axis), axis=-1))
if hasattr(np, "matvec"):  # NumPy 2.2
    implements(np.matvec)(lambda x1, x2, /: matmul(_of("matvec", x1, 2), np.expand_dims(x2, -1))[..., 0])
    implements(np.vecmat)(lambda x1, x2, /: matmul(np.expand_dims(x1, -2), _of("vecmat", x2, 2))[..., 0, :])


# --- tensordot
def _by_letters(i: int, *args: Any, axes: tuple[Sequence[int], Sequence[int]]) -> Array:
    """Apply the rule of the einsum that it is."""
    left, right = args[2].ndim, args[3].ndim
    x, y = [*ascii_letters[:left]], [*ascii_letters[left : left + right]]
    for j, k in zip(*axes):
        y[k] = x[j]
    free = [label for label in (*x, *y) if (label in x) != (label in y)]
    return einsum_rule(i, *args, subscripts=f"{''.join(x)},{''.join(y)}->{''.join(free)}")


_tensordot = primitive(
    lambda a, b, *, axes: np.tensordot(a, b, axes), numpy=np.tensordot, selection=SUM_OF_PRODUCTS,
    vjp=each(_by_letters), samples=lambda draw: [
        *(Sample(draw(2, 3), draw(3, 2), axes=axes) for axes in (((1,), (0,)), ((0, 1), (1, 0)))),
        *(Sample(draw(2, 3, 4), draw(4, 5, 3), axes=((2, 1), (0, 2))), Sample(draw(2, 3), draw(2), axes=((), ()))),
        *(Sample(draw(4, 2, 3), draw(3, 2), axes=((2,), (0,))), Sample(draw(2, 0), draw(0, 3), axes=((1,), (0,)))),
    ],
)  # fmt: skip


@implements(np.tensordot)
def tensordot(a: Array, b: Array, axes: Any = 2) -> Array:
    left, right = np.shape(a), np.shape(b)
    over_a, over_b = (range(-axes, 0), range(axes)) if isinstance(axes, (int, np.integer)) else axes
    over_a, over_b = normalize_axis_tuple(over_a, len(left)), normalize_axis_tuple(over_b, len(right))
    sizes_a, sizes_b = tuple(left[i] for i in over_a), tuple(right[j] for j in over_b)
    if sizes_a != sizes_b:
        raise ShapeError(
            f"tensordot of shapes {left} and {right}: axes {over_a} and {over_b} are summed over "
            f"together, so their sizes must agree, but they are {sizes_a} and {sizes_b}"
        )
    return _tensordot(a, b, axes=(over_a, over_b))


implements(np.linalg.tensordot)(lambda x1, x2, /, *, axes=2: tensordot(x1, x2, axes))


# --- chains
@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Any]) -> Array:
    """Multiply a chain of matrices in the order that takes the fewest operations.

    Dynamic programming over the place of the last product: Cormen et al., *Introduction to Algorithms*, 15.2.
    """
    if len(arrays) < 2:
        raise ShapeError(f"multi_dot: {len(arrays)} arrays are given; a product needs at least 2")
    first, last = (1 if np.ndim(arrays[i]) == 1 else np.shape(arrays[i])[i] for i in (0, -1))
    return _chain(arrays, (first, *(np.shape(x)[0] for x in arrays[1:]), last))


def _chain(arrays: Sequence[Any], sizes: Shape) -> Array:
    if len(arrays) == 1:
        return arrays[0]
    _, k = _last_product(sizes)
    return matmul(_chain(arrays[:k], sizes[: k + 1]), _chain(arrays[k:], sizes[k:]))


@lru_cache(maxsize=4096)
def _last_product(sizes: Shape) -> tuple[int, int]:
    """Return the cost of a chain of matrices (sizes[0], sizes[1]), (sizes[1], sizes[2]), ..., and where to split it."""
    if len(sizes) == 2:
        return 0, 1
    return min(
        (_last_product(sizes[: k + 1])[0] + _last_product(sizes[k:])[0] + sizes[0] * sizes[k] * sizes[-1], k)
        for k in range(1, len(sizes) - 1)
    )


@implements(np.linalg.matrix_power)
def matrix_power(a: Array, n: int) -> Array:
    n, a = integer(n, "matrix_power: n"), _of("matrix_power", a, 2)
    if a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"matrix_power: shape {a.shape}; legal: square matrices, or stacks of them")
    if n < 0:
        return matrix_power(np.linalg.inv(a), -n)
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    if n == 1:
        return a
    half = matrix_power(a, n // 2)
    return matmul(matmul(half, half), a) if n % 2 else matmul(half, half)
