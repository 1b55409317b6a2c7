"""``tinygrad-dnn explore``, a function for the command line to register."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ..render.explore import explore
from .program import tensor_of


class Shade(str, Enum):
    """The background."""

    auto = "auto"
    light = "light"
    dark = "dark"


def explore_command(
    program: Annotated[Path, typer.Argument(help="A Python program that computes a cost on Tensors. It is run.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The HTML file. Default: beside the program.")] = None,
    name: Annotated[str | None, typer.Option(help="The variable to explore. Default: J, cost, loss.")] = None,
    depth: Annotated[int | None, typer.Option(min=0, help="How many levels of scopes are open at first.")] = None,
    roll: Annotated[bool | None, typer.Option("--roll/--no-roll", help="Draw equal neighbours once, as ×N.")] = None,
    constants: Annotated[str, typer.Option(help="Which constants are steps: named, all, none.")] = "named",
    theme: Annotated[Shade, typer.Option(help="The background; auto is what the reader's system has.")] = Shade.auto,
    title: Annotated[str | None, typer.Option(help="The heading.")] = None,
) -> None:
    """Write a page to walk through the chain rule of a cost: one HTML file that needs no network.

    Each step says which line of the program made it.
    Exit status: 0 written, 2 it could not be carried out.

    Example: tinygrad-dnn explore program.py -o steps.html
    """
    page = explore(
        tensor_of(program, name),
        depth=depth,
        roll=roll,
        constants=constants,
        theme=theme.value,
        title=title,
    )
    if why := page.data["why"]:
        typer.echo(f"The page has no picture: {why}", err=True)
    typer.echo(page.save(program.with_suffix(".html") if out is None else out))
