"""``tinygrad-dnn draw``, a function for the command line to register."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ..render.draw import draw
from .program import Constants, Depth, Name, Program, Roll, Simplify, tensor_of


def draw_command(
    program: Program,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A .svg, .png, .pdf, .dot, .json or .txt file. Default: beside the program."),
    ] = None,
    name: Name = None,
    depth: Depth = None,
    roll: Roll = None,
    backward: Annotated[bool, typer.Option("--backward", help="Show the backward pass.")] = False,
    constants: Constants = "named",
    simplify: Simplify = False,
    theme: Annotated[str, typer.Option(help="The background: light or dark.")] = "light",
    direction: Annotated[str | None, typer.Option(help="LR, TB, RL or BT.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Print a line for each node instead.")] = False,
) -> None:
    """Draw the computation graph of the cost that a program computes.

    Each node says which line of the program made it.
    Exit status: 0 drawn, 2 it could not be carried out.

    Example: tinygrad-dnn draw program.py --backward -o graph.png
    """
    how = partial(draw, constants=constants, simplify=simplify, theme=theme, direction=direction)
    picture = how(tensor_of(program, name), depth=depth, roll=roll, backward=backward)
    typer.echo(picture.text() if text else picture.save_as(out or program.with_suffix(".svg")))
