"""Functions compiled for arrays on a device: traced by `jax.jit`, or the NumPy program with CuPy's functions."""

import ast
from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..core import Tensor, TracingError, adopted, is_foreign, mapped, on_host, released
from ..support.optional import needed


def by_jax(compiled: Any) -> tuple[Callable[..., Any], Callable[..., str]]:
    """Let `jax.jit` trace the engine: the rules run on its tracers. All arguments are arrays or numbers."""
    jax: Any = _installed("jax")

    def on_tracers(*args: Any, **kwargs: Any) -> Any:
        positional, named = mapped(lambda x: Tensor(x, requires_grad=False) if is_foreign(x) else x, (args, kwargs))
        returned = compiled.function(*positional, **named)
        return mapped(lambda y: released(y.array) if isinstance(y, Tensor) else y, returned)

    return jax.jit(on_tracers), lambda *args, **kwargs: str(jax.make_jaxpr(on_tracers)(*args, **kwargs))


def by_cupy(compiled: Any) -> tuple[Callable[..., Any], Callable[..., str]]:
    """Run the program written for NumPy, one for each set of shapes and dtypes, with CuPy's functions."""
    cupy: Any = _installed("cupy")
    programs: dict[str, Callable[..., Any]] = {}
    for_numpy = compiled.source

    def source(*args: Any, **kwargs: Any) -> str:
        positional, named = mapped(lambda x: on_host(adopted(x)), (args, kwargs))
        text: str = for_numpy(*positional, **named)
        return text.replace("import numpy as np", f"import {cupy.__name__} as np", 1)

    def call(*args: Any, **kwargs: Any) -> Any:
        kind = lambda x: (tuple(x.shape), str(x.dtype)) if hasattr(x, "shape") else float if type(x) is float else x  # noqa: E731
        key = repr(mapped(kind, (args, kwargs)))
        if key not in programs:
            text, space = source(*args, **kwargs), dict[str, Any]()
            exec(compile(text, f"<jit of {compiled.name} for CuPy>", "exec"), space)
            programs[key] = space[[node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)][-1].name]
        try:
            return programs[key](*args, **kwargs)
        except NameError as error:
            raise TracingError(f'jit({compiled.name}, backend="cupy"): {error}; make outer arrays arguments') from error

    return call, source


def _installed(name: str) -> Any:
    with needed(f'jit(..., backend="{name}") needs {name}: pip install "tinygrad-dnn[{name}]"'):
        return import_module(name)
