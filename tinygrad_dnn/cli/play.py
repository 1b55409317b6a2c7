"""``tinygrad-dnn play``, a function for the command line to register."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from ..core.errors import NoRuleError, TracingError
from ..core.pytree import mapped
from ..core.tensor import Tensor
from ..live import play
from ..render.explore import explore
from .program import variables_of

COSTS, PREDICTIONS = ("cost", "J", "loss", "compute_cost"), ("predict", "forward")
"""The usual names of the functions."""


def play_command(
    program: Path, out: Path | None = None, cost: str | None = None, predict: str | None = None,
    learning_rate: float = 0.1, theme: str = "auto", language: str = "en", title: str | None = None,
) -> None:  # fmt: skip
    """Write a page on which the network of a program computes and learns: one HTML file that makes no request.

    The program has a function ``cost(parameters, X, Y)`` and variables with the names of its parameters, and maybe
    ``predict(parameters, X)`` and held-out data ``X_test``, ``Y_test``. What a page cannot compute is named, and the
    page of `explore` is written instead.
    Exit status: 0 written, 2 it could not be carried out.

    Example: tinygrad-dnn play program.py -o network.html
    """
    space = variables_of(program)
    function = _function(space, COSTS if cost is None else (cost,), program)
    names = list(inspect.signature(function).parameters)
    missing = [name for name in names if name not in space]
    if missing or not names:
        absent = ", ".join(missing) or "for the parameters"
        raise ValueError(
            f"{program} has no variable {absent}; {function.__name__}({', '.join(names)}) is called with these"
        )
    parameters, *data = (space[name] for name in names)
    test: list[Any] = [space.get(f"{name}_test") for name in names[1:]]
    predicts = _function(space, PREDICTIONS if predict is None else (predict,), program, predict is not None)
    try:
        page: Any = play(
            function, parameters, *data, predict=predicts, learning_rate=learning_rate, names=names[1:], title=title,
            test=test if test and not any(x is None for x in test) else None, theme=theme, language=language,
        )  # fmt: skip
    except (NoRuleError, TracingError) as error:
        typer.echo(f"{error}\nSo this is the page of explore.", err=True)
        page = explore(function(mapped(Tensor, parameters), *data), theme=theme, title=title, language=language)
    typer.echo(page.save(out or program.with_suffix(".html")))


def _function(space: Mapping[str, Any], names: tuple[str, ...], program: Path, needed: bool = True) -> Any:
    found = next((space[name] for name in names if inspect.isfunction(space.get(name))), None)
    if found is None and needed:
        raise ValueError(f"{program} has no function {' or '.join(names)}")
    return found
