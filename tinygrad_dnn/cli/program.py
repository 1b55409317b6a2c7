"""The Tensor that a program computes, for the commands to draw, derive and explore, and the options they share."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..core.tensor import Tensor
from ..transforms.observe import trace_lines

USUAL = ("J", "cost", "loss")
"""The usual names of the result of a program."""

Program = Annotated[Path, typer.Argument(help="A Python program that computes a cost on Tensors. It is run.")]
Name = Annotated[str | None, typer.Option(help="The variable of the result. Default: J, cost, loss.")]
Depth = Annotated[int | None, typer.Option(min=0, help="The number of levels of scopes that are open at first.")]
Roll = Annotated[bool | None, typer.Option("--roll/--no-roll", help="Draw equal neighbours once, as ×N.")]
Constants = Annotated[str, typer.Option(help="The constants that have nodes: named, all, none.")]


def tensor_of(path: str | Path, name: str | None = None) -> Tensor:
    """Run a program and return the Tensor that it leaves in a variable.

    Tensors without a name get that of their variable, and each op notes the line that applied it.

    Parameters
    ----------
    path : str or Path
        A Python program. It runs as a main program, with its own folder to import from.
    name : str, optional
        The variable; by default J, cost or loss, or else the last scalar Tensor.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If the program fails, or leaves no such Tensor.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no program {path}")
    variables = _run(str(path))
    tensors = {key: value for key, value in variables.items() if isinstance(value, Tensor)}
    for key, tensor in tensors.items():
        if tensor.name is None:
            tensor.named(key)
    if name is not None:
        if name in tensors:
            return tensors[name]
        raise ValueError(f"{path} leaves no Tensor in a variable {name}; it has {_listed(tensors)}")
    scalars = [key for key, value in tensors.items() if value.size == 1 and value.record is not None]
    found = next((key for key in USUAL if key in tensors), scalars[-1] if scalars else None)
    if found is None:
        raise ValueError(
            f"{path} leaves no scalar Tensor in a variable (it has {_listed(tensors)}); name one by --name"
        )
    return tensors[found]


def _run(path: str) -> dict[str, Any]:
    before = sys.path[:]
    sys.path.insert(0, str(Path(path).resolve().parent))
    try:
        with trace_lines():
            return runpy.run_path(path, run_name="__main__")
    except (Exception, SystemExit) as error:
        raise ValueError(f"{path} failed with {type(error).__name__}: {error}") from error
    finally:
        sys.path[:] = before


def _listed(tensors: dict[str, Tensor]) -> str:
    return ", ".join(list(tensors)[:12]) or "none"
