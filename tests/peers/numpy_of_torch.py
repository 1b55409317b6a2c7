"""PyTorch under NumPy's and SciPy's names. What is not here has the same name and arguments there."""

from itertools import chain
from types import SimpleNamespace

import torch


def __getattr__(name):
    return getattr(torch, name)


def _axes(x, axis):
    return tuple(range(x.ndim)) if axis is None else axis


def _of_tensors(function):
    """A function of two tensors, for numbers too."""

    def of(x, y):
        return function(torch.as_tensor(x), torch.as_tensor(y))

    return of


maximum, minimum = _of_tensors(torch.maximum), _of_tensors(torch.minimum)
fmax, fmin = _of_tensors(torch.fmax), _of_tensors(torch.fmin)
logaddexp, ldexp = _of_tensors(torch.logaddexp), _of_tensors(lambda x, i: x * 2.0**i)


def _reduction(function):
    def of(x, axis=None, keepdims=False):
        return function(x, dim=_axes(x, axis), keepdim=keepdims)

    return of


sum, mean, max, min = map(_reduction, (torch.sum, torch.mean, torch.amax, torch.amin))  # noqa: A001


def prod(x, axis=None, keepdims=False):
    axes = _axes(x, axis)
    axes = sorted(a % x.ndim for a in ((axes,) if isinstance(axes, int) else axes))
    for a in axes[::-1]:
        x = torch.prod(x, a, keepdim=keepdims)
    return x


def var(x, axis=None, keepdims=False, ddof=0):
    return torch.var(x, dim=_axes(x, axis), keepdim=keepdims, correction=ddof)


def std(x, axis=None, keepdims=False, ddof=0):
    return torch.std(x, dim=_axes(x, axis), keepdim=keepdims, correction=ddof)


def cumsum(x, axis=None):
    return torch.cumsum(x.ravel() if axis is None else x, dim=0 if axis is None else axis)


def cumprod(x, axis=None):
    return torch.cumprod(x.ravel() if axis is None else x, dim=0 if axis is None else axis)


def sort(x, axis=-1):
    return torch.sort(x.ravel() if axis is None else x, dim=-1 if axis is None else axis)[0]


def take_along_axis(x, indices, axis):
    return torch.take_along_dim(x, indices, axis)


def expand_dims(x, axis):
    axes = (axis,) if isinstance(axis, int) else axis
    ndim = x.ndim + len(axes)
    for a in sorted(a % ndim for a in axes):
        x = x.unsqueeze(a)
    return x


def squeeze(x, axis=None):
    return torch.squeeze(x) if axis is None else torch.squeeze(x, axis)


def transpose(x, axes=None):
    return x.permute(*(range(x.ndim)[::-1] if axes is None else axes))


def broadcast_to(x, shape):
    return torch.broadcast_to(x, shape)


def flip(x, axis=None):
    axes = _axes(x, axis)
    return torch.flip(x, (axes,) if isinstance(axes, int) else axes)


def roll(x, shift, axis=None):
    return torch.roll(x, shift, axis)


def tile(x, reps):
    return torch.tile(x, reps)


def repeat(x, repeats, axis=None):
    return torch.repeat_interleave(x, torch.as_tensor(repeats), dim=axis)


def pad(x, pad_width):
    return torch.nn.functional.pad(x, tuple(chain(*pad_width[::-1])))


def tril(x, k=0):
    return torch.tril(x, diagonal=k)


def triu(x, k=0):
    return torch.triu(x, diagonal=k)


def tensordot(x, y, axes=2):
    return torch.tensordot(x, y, dims=axes)


def einsum(subscripts, *operands, optimize=False):
    return torch.einsum(subscripts, *operands)


def cross(x, y):
    return torch.linalg.cross(*torch.broadcast_tensors(x, y))


def copy(x):
    return x.clone()


def rint(x):
    return torch.round(x)


def modf(x):
    return torch.frac(x), torch.trunc(x)


def _trace(x, offset=0):
    return torch.linalg.diagonal(x, offset=offset).sum(-1)


def _norm(x, ord=None, axis=None, keepdims=False):  # noqa: A002
    return torch.linalg.norm(x, ord=ord, dim=axis, keepdim=keepdims)


def _solve_triangular(a, b, lower, unit_diagonal):
    return torch.linalg.solve_triangular(a, b, upper=not lower, unitriangular=unit_diagonal)


linalg = SimpleNamespace(
    **vars(torch.linalg) | {"trace": _trace, "norm": _norm, "expm": torch.linalg.matrix_exp, "solve_triangular": _solve_triangular}
)
special = SimpleNamespace(
    **vars(torch.special) | {name: _of_tensors(getattr(torch.special, name)) for name in ("gammainc", "gammaincc", "zeta")}
)
