"""The kinds of arrays that Tensors take besides NumPy's, each with a way there and a way back."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from tests.arrays.strict import Strict


class Kind(NamedTuple):
    """A kind of array.

    Attributes
    ----------
    name : str
    make : callable
        From an ndarray.
    host : callable
        Back, from a list of arrays to one of ndarrays.
    mixes : bool
        True where ndarrays are taken as operands beside it.
    """

    name: str
    make: Callable[[Any], Any]
    host: Callable[[list[Any]], list[Any]]
    mixes: bool

    def __repr__(self) -> str:
        return self.name


def _dask() -> Kind:
    array = importlib.import_module("dask.array")
    compute = importlib.import_module("dask").compute
    chunks = {0: -1, 1: 2}

    def make(x: Any) -> Any:
        return array.from_array(np.asarray(x), chunks=tuple(chunks.get(i, -1) for i in range(np.ndim(x))))

    return Kind("Dask", make, lambda xs: list(compute(*xs, scheduler="sync")), mixes=True)


def _sparse() -> Kind:
    coo = importlib.import_module("sparse").COO

    def host(xs: list[Any]) -> list[Any]:
        return [x.todense() if isinstance(x, coo) else x for x in xs]

    return Kind("sparse", lambda x: coo.from_numpy(np.asarray(x)), host, mixes=True)


def _standard() -> Kind:
    xp = importlib.import_module("array_api_strict")
    return Kind("array-api-strict", lambda x: xp.asarray(np.asarray(x)), lambda xs: [*map(np.from_dlpack, xs)], mixes=False)


def _jax() -> Kind:
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    return Kind("JAX", jax.numpy.asarray, lambda xs: [*map(np.asarray, xs)], mixes=True)


def _torch() -> Kind:
    torch = importlib.import_module("torch")
    device = "cuda" if torch.cuda.is_available() else "cpu"

    def make(x: Any) -> Any:
        return torch.tensor(np.asarray(x), device=device)

    return Kind("PyTorch", make, lambda xs: [x.cpu().numpy() for x in xs], mixes=False)


def _cupy() -> Kind:
    cupy = importlib.import_module("cupy")
    return Kind("CuPy", cupy.asarray, lambda xs: [*map(cupy.asnumpy, xs)], mixes=False)


STAND_IN = Kind("stand-in", Strict, lambda xs: [x.entries for x in xs], mixes=False)


HERE = {"Dask": _dask, "sparse": _sparse, "array-api-strict": _standard, STAND_IN.name: lambda: STAND_IN}
PEERS = {"JAX": ("jax", _jax), "PyTorch": ("torch", _torch), "CuPy": ("cupy", _cupy)}


def everywhere(names: Collection[str] = ()) -> list[Kind]:
    """Return those whose libraries the tests install, all or the ones with these names."""
    return [make() for name, make in HERE.items() if not names or name in names]


def peers(names: Collection[str] = ()) -> list[Kind]:
    """Return those whose libraries `make peers` installs, as far as they are here: on a GPU, where there is one."""
    return [make() for name, (module, make) in PEERS.items() if (not names or name in names) and find_spec(module)]
