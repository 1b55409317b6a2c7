"""The sub-commands: one module each, imported when the command is used."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from .. import __version__
from ..core.errors import DetachedError, DtypeError, NoRuleError
from ..support.text import printable
from .status import INTERRUPTED, NOT_CARRIED_OUT

COMMANDS = {
    "train": "Train a network on a data set or a file.",
    "compare": "Compare a network's gradients by autodiff and by hand, layer by layer.",
    "check": "Referee hand-written backprop: which function is wrong, where, and why.",
    "derive": "Print the chain rule of a program's cost as formulas.",
    "draw": "Draw the computation graph of a program's cost.",
    "explore": "Write a page to walk through the chain rule step by step.",
    "doctor": "Say what is installed, and what is missing for which feature.",
}

_EXPECTED = (ValueError, OSError, ImportError, MemoryError, ArithmeticError, DetachedError, DtypeError, NoRuleError)


def loaded(name: str) -> Any:
    """Import a command and return it, ready to be run.

    Examples
    --------
    >>> loaded("compare").name
    'compare'
    """
    function = getattr(import_module(f".{name}", __package__), f"{name}_command")
    alone = typer.Typer(add_completion=False)
    alone.command(name=name, short_help=COMMANDS[name])(reporting(name, function))
    return get_command(alone)


def reporting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command say in a line what the user can put right, instead of showing a traceback."""

    @wraps(function)
    def reported(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except KeyboardInterrupt:
            message, status = "interrupted", INTERRUPTED
        except _EXPECTED as error:
            if getattr(error, "errno", None) == errno.EPIPE:
                raise
            message, status = str(error) or type(error).__name__, NOT_CARRIED_OUT
        print(printable(f"tinygrad-dnn {name}: {message.removeprefix(f'{name}: ')}"), file=sys.stderr)
        raise typer.Exit(status)

    return reported


class Rooms(TyperGroup):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name them in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return what the list of commands shows; running needs `loaded`."""
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command itself, to be run."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(command.name) if command is not None and command.name else command, rest


app = typer.Typer(cls=Rooms, no_args_is_help=True, add_completion=False)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tinygrad-dnn {__version__}")
        raise typer.Exit


@app.callback()
def _tinygrad_dnn(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Gradients of neural networks: by autodiff, by hand, compared.

    Example: tinygrad-dnn compare --data breast-cancer --layers 30-16-8-1
    """
