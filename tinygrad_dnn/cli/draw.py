"""``tinygrad-dnn draw``, ``explore`` and ``play``, functions for the command line to register."""

import inspect
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import typer

from ..core import NoRuleError, Tensor, TracingError, mapped
from ..live import play
from ..render.draw import draw
from ..render.explore import explore
from .program import tensor_of, variables_of

COSTS, PREDICTIONS = ("cost", "J", "loss", "compute_cost"), ("predict", "forward")  # the usual names of the functions


def draw_command(
    program: Path, out: Path | None = None, name: str | None = None, depth: int | None = None,
    roll: bool | None = None, backward: bool = False, constants: str = "named", simplify: bool = False,
    theme: str = "light", direction: str | None = None, language: str = "en", convention: str | None = None,
    steps: bool = False, text: bool = False,
) -> None:  # fmt: skip
    """Draw the computation graph of the cost that a program computes.

    Each node says which line of the program made it.
    Exit status: 0 drawn, 2 it could not be carried out.

    Example: tinygrad-dnn draw program.py --backward -o graph.png
    """
    how = partial(draw, constants=constants, simplify=simplify, theme=theme, direction=direction, language=language)
    J = tensor_of(program, name)
    picture = how(J, depth=depth, roll=roll, backward=backward, convention=convention, steps=steps)
    typer.echo(picture.text() if text else picture.save_as(out or program.with_suffix("" if steps else ".svg")))


def explore_command(
    program: Path, out: Path | None = None, name: str | None = None, depth: int | None = None,
    roll: bool | None = None, constants: str = "named", simplify: bool = False, theme: str = "auto",
    language: str = "en", convention: str | None = None, title: str | None = None,
) -> None:  # fmt: skip
    """Write a page that walks through the chain rule of a cost: one HTML file that needs no network.

    Each step says which line of the program made it.
    Exit status: 0 written, 2 it could not be carried out.

    Example: tinygrad-dnn explore program.py -o steps.html
    """
    how = partial(explore, constants=constants, simplify=simplify, theme=theme, title=title, language=language)
    page = how(tensor_of(program, name), depth=depth, roll=roll, convention=convention)
    if why := page.data["why"]:
        typer.echo(f"The page has no picture: {why}", err=True)
    typer.echo(page.save(out or program.with_suffix(".html")))


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
        called = f"{function.__name__}({', '.join(names)}) is called with these"
        raise ValueError(f"{program} has no variable {', '.join(missing) or 'for the parameters'}; {called}")
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
