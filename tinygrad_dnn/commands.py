"""The sub-commands: each room brings its own, in a module that is imported when the command is used."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from . import __version__
from .cli import INTERRUPTED
from .errors import DetachedError, DtypeError, NoRuleError


class Entry(NamedTuple):
    """A sub-command: the function ``NAME_command`` of a module of this package, and what it does, in a line."""

    module: str
    summary: str


COMMANDS = {
    "train": Entry("dnn.command", "Train a network on a data set or a file."),
    "compare": Entry(
        "referee.compare_command", "Compare a network's gradients by autodiff and by hand, layer by layer."
    ),
    "check": Entry("referee.command", "Referee hand-written backprop: which function is wrong, where, and why."),
    "derive": Entry("derive.command", "Print the chain rule of a program's cost as formulas."),
    "draw": Entry("render.draw_command", "Draw the computation graph of a program's cost."),
    "explore": Entry("render.explore_command", "Write a page to walk through the chain rule step by step."),
    "doctor": Entry("doctor", "Say what is installed, and what is missing for which feature."),
}

NOT_CARRIED_OUT = 2
_EXPECTED = (ValueError, OSError, ImportError, MemoryError, ArithmeticError, DetachedError, DtypeError, NoRuleError)


def present() -> list[str]:
    """Return the names of the commands whose modules are here, without importing any."""
    package = Path(__file__).parent
    places = {name: package.joinpath(*entry.module.split(".")) for name, entry in COMMANDS.items()}
    return [name for name, path in places.items() if path.with_suffix(".py").is_file() or path.is_dir()]


def loaded(name: str) -> Any:
    """Import a command and return it, ready to be run.

    Examples
    --------
    >>> loaded("compare").name
    'compare'
    """
    function = getattr(import_module(f".{COMMANDS[name].module}", __package__), f"{name}_command")
    alone = typer.Typer(add_completion=False)
    alone.command(name=name, short_help=COMMANDS[name].summary)(reporting(name, function))
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
        print(f"tinygrad-dnn {name}: {message.removeprefix(f'{name}: ')}", file=sys.stderr)
        raise typer.Exit(status)

    return reported


class Rooms(TyperGroup):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name them in the order of the table."""
        return present()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return what the list of commands shows; running needs `loaded`."""
        if cmd_name not in present():
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name].summary)

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
