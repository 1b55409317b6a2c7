"""``tinygrad-dnn explore``, a function for the command line to register."""

from pathlib import Path
from typing import Annotated

import typer

from ..render.explore import explore
from .program import Constants, Depth, Language, Name, Program, Roll, Simplify, tensor_of


def explore_command(
    program: Program,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The HTML file. Default: beside the program.")] = None,
    name: Name = None,
    depth: Depth = None,
    roll: Roll = None,
    constants: Constants = "named",
    simplify: Simplify = False,
    theme: Annotated[str, typer.Option(help="The background: auto (the reader's own), light or dark.")] = "auto",
    language: Language = "en",
    title: Annotated[str | None, typer.Option(help="The heading.")] = None,
) -> None:
    """Write a page that walks through the chain rule of a cost: one HTML file that needs no network.

    Each step says which line of the program made it.
    Exit status: 0 written, 2 it could not be carried out.

    Example: tinygrad-dnn explore program.py -o steps.html
    """
    J = tensor_of(program, name)
    page = explore(
        J, depth=depth, roll=roll, constants=constants, theme=theme, title=title, simplify=simplify, language=language
    )
    if why := page.data["why"]:
        typer.echo(f"The page has no picture: {why}", err=True)
    typer.echo(page.save(out or program.with_suffix(".html")))
