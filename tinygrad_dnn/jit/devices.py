"""Functions compiled for arrays on a device: traced by `jax.jit`, or the NumPy program with CuPy's functions."""

import ast
from collections.abc import Callable
from functools import update_wrapper
from importlib import import_module
from typing import Any

from ..core.arrays import adopted, is_foreign, on_host, released
from ..core.errors import TracingError
from ..core.pytree import mapped
from ..core.tensor import Tensor
from ..support.optional import needed


def by_jax(f: Callable[..., Any], compiler: Any) -> Callable[..., Any]:
    """Let `jax.jit` trace the engine: the rules run on its tracers. All arguments are arrays or numbers."""
    jax: Any = _installed("jax")

    def on_tracers(*args: Any, **kwargs: Any) -> Any:
        positional, named = mapped(lambda x: Tensor(x, requires_grad=False) if is_foreign(x) else x, (args, kwargs))
        return mapped(lambda y: released(y.array) if isinstance(y, Tensor) else y, f(*positional, **named))

    traced = jax.jit(on_tracers)
    compiled = update_wrapper(lambda *args, **kwargs: traced(*args, **kwargs), f)
    return _with_source(compiled, lambda *args, **kwargs: str(jax.make_jaxpr(on_tracers)(*args, **kwargs)))


def by_cupy(f: Callable[..., Any], compiler: Any) -> Callable[..., Any]:
    """Run the program that `compiler` writes for NumPy, one for each set of shapes and dtypes, with CuPy functions."""
    cupy: Any = _installed("cupy")
    programs: dict[str, Callable[..., Any]] = {}

    def source(*args: Any, **kwargs: Any) -> str:
        positional, named = mapped(lambda x: on_host(adopted(x)), (args, kwargs))
        return str(compiler.source(*positional, **named)).replace(
            "import numpy as np", f"import {cupy.__name__} as np", 1
        )

    def compiled(*args: Any, **kwargs: Any) -> Any:
        key = repr(mapped(_described, (args, kwargs)))
        if key not in programs:
            text, space = source(*args, **kwargs), dict[str, Any]()
            exec(compile(text, f"<jit of {compiler.name} for CuPy>", "exec"), space)
            programs[key] = space[[node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)][-1].name]
        try:
            return programs[key](*args, **kwargs)
        except NameError as error:
            raise TracingError(f'jit({compiler.name}, backend="cupy"): {error}; make outer arrays arguments') from error

    return _with_source(update_wrapper(compiled, f), source)


def _described(x: Any) -> Any:
    return (tuple(x.shape), str(x.dtype)) if hasattr(x, "shape") else float if type(x) is float else x


def _installed(name: str) -> Any:
    with needed(f'jit(..., backend="{name}") needs {name}: pip install "tinygrad-dnn[{name}]"'):
        return import_module(name)


def _with_source(compiled: Any, source: Callable[..., str]) -> Callable[..., Any]:
    compiled.source, compiled.reason, compiled.recompilations = source, lambda *args, **kwargs: None, lambda: 0
    return compiled  # type: ignore[no-any-return]
