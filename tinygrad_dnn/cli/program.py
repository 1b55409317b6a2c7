"""The Tensor that a program computes, for the commands to draw, derive and explore."""

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from traceback import extract_tb
from typing import Any

from ..core import Tensor, everything
from ..jit.names import name_variables
from ..transforms.observe import trace_lines
from .constants import note_names, with_names

USUAL = ("J", "cost", "loss")  # names of the result of a program


def tensor_of(path: str | Path, name: str | None = None) -> Tensor:
    """Run a program; return the Tensor called `name`, else J, cost, loss or the last scalar, with the program's names,
    and constants as the program writes them.
    """
    with note_names():
        variables = variables_of(path)
    tensors = {key: value for key, value in variables.items() if isinstance(value, Tensor)}
    J = _chosen(variables, tensors, str(path), name)
    name_variables(x for x in everything(J) if x.op is not None and x.requires_grad)
    inner = list(_within(variables))
    for key, tensor in (*((k, x) for k, x in inner if x.op is None), *tensors.items(), *inner):
        if tensor.name is None:
            tensor.named(key)
    return with_names(J)


def variables_of(path: str | Path) -> dict[str, Any]:
    """Run a program as a main program, with its own folder to import from, and return its variables."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no program {path}")
    before = sys.path[:]
    sys.path.insert(0, str(Path(path).resolve().parent))
    try:
        with trace_lines():
            return runpy.run_path(str(path), run_name="__main__")
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = f", line {lines[-1]}," if lines else ""
        raise ValueError(f"{path}{line} failed with {type(error).__name__}: {error}") from error
    finally:
        sys.path[:] = before


def _within(variables: dict[str, Any]) -> Iterator[tuple[str, Tensor]]:
    """Yield the Tensors in dictionaries and objects by key, and those in lists by the variable and their place."""
    for name, group in variables.items():
        members: dict[Any, Any] = group if isinstance(group, dict) else {}
        if type(group).__module__ == "__main__" and hasattr(group, "__dict__"):
            members = vars(group)
        if isinstance(group, (list, tuple)):
            members = {f"{name}{i}": member for i, member in enumerate(group)}
        yield from ((key, x) for key, x in members.items() if isinstance(x, Tensor) and isinstance(key, str))


def _chosen(variables: dict[str, Any], tensors: dict[str, Tensor], path: str, name: str | None) -> Tensor:
    scalars = [key for key, value in tensors.items() if value.size == 1 and value.record is not None]
    wanted = name or next((key for key in USUAL if key in tensors), scalars[-1] if scalars else "")
    if wanted in tensors:
        return tensors[wanted]
    if plain := [key for key in ([name] if name else USUAL) if key in variables]:
        remedy = "make what it is to be differentiated by Tensors, as W = Tensor(W)"
        raise ValueError(f"{path} leaves {plain[0]} as a plain {type(variables[plain[0]]).__name__}; {remedy}")
    listed = ", ".join(list(tensors)[:12]) or "none"
    if name:
        raise ValueError(f"{path} leaves no Tensor in a variable {name}; it has {listed}")
    raise ValueError(f"{path} leaves no scalar Tensor in a variable (it has {listed}); name one by --name")
