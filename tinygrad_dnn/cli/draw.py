"""``tinygrad-dnn draw`` and ``explore``, functions for the command line to register."""

from functools import partial
from pathlib import Path

import typer

from ..render.draw import draw
from ..render.explore import explore
from .program import tensor_of


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
