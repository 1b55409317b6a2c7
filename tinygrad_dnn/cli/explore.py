"""``tinygrad-dnn explore``, a function for the command line to register."""

from functools import partial
from pathlib import Path

import typer

from ..render.explore import explore
from .program import tensor_of


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
    J = tensor_of(program, name)
    how = partial(explore, constants=constants, simplify=simplify, theme=theme, title=title, language=language)
    page = how(J, depth=depth, roll=roll, convention=convention)
    if why := page.data["why"]:
        typer.echo(f"The page has no picture: {why}", err=True)
    typer.echo(page.save(out or program.with_suffix(".html")))
