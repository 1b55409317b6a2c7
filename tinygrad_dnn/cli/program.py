"""The Tensor that a program computes: what the commands draw, derive and walk through."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from ..core.tensor import Tensor
from ..transforms.observe import trace_lines

USUAL = ("J", "cost", "loss")
"""What the result of a program is called, if nobody says."""


def tensor_of(path: str | Path, name: str | None = None) -> Tensor:
    """Run a program and return the Tensor that it leaves in a variable.

    Tensors without a name get that of their variable, and each op notes the line that applied it.

    Parameters
    ----------
    path : str or Path
        A Python program. It runs as it would by itself, with its own folder to import from.
    name : str, optional
        The variable; by default J, cost or loss, and else the last scalar Tensor.

    Raises
    ------
    FileNotFoundError
        If there is no such program.
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
