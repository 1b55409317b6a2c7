"""The sub-commands: one module each, imported when the command is used."""

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
from .plain import COMMANDS
from .status import INTERRUPTED, NOT_CARRIED_OUT

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

    def __init__(self, **given: Any) -> None:
        super().__init__(**given | {"commands": {name: TyperCommand(name, help=COMMANDS[name]) for name in COMMANDS}})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command itself, to be run."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(command.name) if command is not None and command.name else command, rest


app = typer.Typer(cls=Rooms, no_args_is_help=True)


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
