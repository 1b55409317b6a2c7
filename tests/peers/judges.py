"""PyTorch and JAX evaluate the source of an op, with functions of theirs in the place of NumPy's and SciPy's."""

import os
from types import SimpleNamespace

import numpy as np

try:
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jax.scipy.signal
    import torch
except ImportError as error:
    raise ImportError(
        f'{error}: tests/peers asks PyTorch and JAX; run `make peers`, which installs them, or pip install "tinygrad-dnn[peers]"'
    ) from error

from . import numpy_of_torch

jax.config.update("jax_enable_x64", True)


JAX = {
    "np": jax.numpy,
    "linalg": jax.scipy.linalg,
    "signal": jax.scipy.signal,
    "special": SimpleNamespace(**vars(jax.scipy.special), psi=jax.scipy.special.digamma),
}
TORCH = {"np": numpy_of_torch, "linalg": numpy_of_torch.linalg, "special": numpy_of_torch.special}
"""What the names in the source of an op mean to a judge."""


def _evaluated(row, modules, arguments):
    return eval(row.source(), {**modules, **{f"x{i}": x for i, x in enumerate(arguments)}})


def by_jax(row, u):
    """Value and gradients of a row by JAX."""
    value, pullback = jax.vjp(lambda *xs: _evaluated(row, JAX, row.arguments(xs)), *map(np.asarray, row.variables))
    return np.asarray(value), [np.asarray(x_bar) for x_bar in pullback(jax.numpy.asarray(u))]


def by_torch(row, u):
    """Value and gradients of a row by PyTorch, which says None where nothing flows."""
    leaves = [torch.tensor(np.asarray(x), requires_grad=True) for x in row.variables]
    arguments = [torch.tensor(x) if isinstance(x, np.ndarray) else x for x in row.arguments(leaves)]
    value = _evaluated(row, TORCH, arguments)
    found = torch.autograd.grad(value, leaves, torch.tensor(np.asarray(u)), allow_unused=True)
    zeros = [np.zeros(np.shape(x)) for x in row.variables]
    return value.detach().numpy(), [zero if x_bar is None else x_bar.numpy() for x_bar, zero in zip(found, zeros)]
