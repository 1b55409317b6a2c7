"""``tinygrad-dnn draw``, a function for the command line to register."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ..render.draw import draw
from .program import tensor_of


class Shade(str, Enum):
    """The background."""

    light = "light"
    dark = "dark"


def draw_command(
    program: Annotated[Path, typer.Argument(help="A Python program that computes a cost on Tensors. It is run.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Where to: .svg, .png, .pdf, .dot, .json or .txt. Default: beside the program."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The variable to draw. Default: J, cost, loss.")] = None,
    depth: Annotated[int | None, typer.Option(min=0, help="How many levels of scopes are open.")] = None,
    roll: Annotated[bool | None, typer.Option("--roll/--no-roll", help="Draw equal neighbours once, as ×N.")] = None,
    backward: Annotated[bool, typer.Option("--backward", help="Show the backward pass.")] = False,
    constants: Annotated[str, typer.Option(help="Which constants have nodes: named, all, none.")] = "named",
    theme: Annotated[Shade, typer.Option(help="The background.")] = Shade.light,
    direction: Annotated[str | None, typer.Option(help="LR, TB, RL or BT.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Print a line for each node instead.")] = False,
) -> None:
    """Draw the computation graph of the cost that a program computes.

    Each node says which line of the program made it.
    Exit status: 0 drawn, 2 it could not be carried out.

    Example: tinygrad-dnn draw program.py --backward -o graph.png
    """
    picture = draw(
        tensor_of(program, name),
        depth=depth,
        roll=roll,
        backward=backward,
        constants=constants,
        theme=theme.value,
        direction=direction,
    )
    if text:
        typer.echo(picture.text())
    else:
        typer.echo(picture.save_as(program.with_suffix(".svg") if out is None else out))
