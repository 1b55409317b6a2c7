"""The sub-commands, each imported when it is used."""

import errno
import os
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from .. import __version__
from ..core.errors import DetachedError, DtypeError, NoRuleError
from ..support.interrupts import INTERRUPTED
from ..support.text import printable
from . import COMMANDS, NOT_CARRIED_OUT, OPTIONS

_EXPECTED = (ValueError, OSError, ImportError, MemoryError, ArithmeticError, DetachedError, DtypeError, NoRuleError)
_WITHIN = {"merge": "check", "explore": "draw", "play": "draw", "predict": "train"}
"""Commands that stand in the module of another one; the others have one of their own."""


def loaded(name: str) -> Any:
    """Import a command and return it, ready to be run."""
    command = reporting(name, getattr(import_module(f".{_WITHIN.get(name, name)}", __package__), f"{name}_command"))
    command.__signature__ = with_help(signature(command), OPTIONS["every"] | OPTIONS[name])  # type: ignore[attr-defined]
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name=name, short_help=COMMANDS[name])(command)
    return get_command(alone)


def with_help(command: Signature, texts: dict[str, Any]) -> Signature:
    """Return the parameters of a command as Typer reads them: arguments and options with their help."""

    def described(parameter: Parameter) -> Parameter:
        given = texts[parameter.name]
        more = {"help": given} if isinstance(given, str) else dict(given)
        if more.pop("argument", False):
            return parameter.replace(annotation=Annotated[parameter.annotation, typer.Argument(**more)])
        names = [f"--{parameter.name.replace('_', '-')}"]  # for a truth value no --no-name, unless it may be None
        names += [more.pop("short")] if "short" in more else []
        option = typer.Option(*(names if len(names) > 1 or parameter.annotation is bool else ()), **more)
        return parameter.replace(annotation=Annotated[parameter.annotation, option])

    kept = (described(p) if p.annotation is not typer.Context else p for p in command.parameters.values())
    return command.replace(parameters=list(kept))


def reporting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command say in a line what the user can put right, instead of showing a traceback."""

    @wraps(function)
    def reported(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except KeyboardInterrupt as interrupt:
            message, status = str(interrupt) or "interrupted", INTERRUPTED
        except _EXPECTED as error:
            if getattr(error, "errno", None) == errno.EPIPE:
                raise
            message, status = _in_words(error), NOT_CARRIED_OUT
        print(printable(f"tinygrad-dnn {name}: {message.removeprefix(f'{name}: ')}"), file=sys.stderr)
        raise typer.Exit(status)

    return reported


def _in_words(error: Exception) -> str:
    """Return an error's message; that of the system names the file first, and says what is there instead."""
    if not isinstance(error, OSError) or error.filename is None:
        return str(error) or type(error).__name__
    file = Path(os.fsdecode(error.filename))
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        above = next(folder for folder in file.absolute().parents if folder.is_dir())
        missing = file if above == file.absolute().parent else f"folder {file.parent}"
        return f"there is no {missing} (looked for in {above})"
    return f"{file} is a folder; a file is wanted" if error.errno == errno.EISDIR else f"{file}: {error.strerror}"


class Rooms(TyperGroup):
    """A group that lists its commands without importing them."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given | {"commands": {name: TyperCommand(name, help=COMMANDS[name]) for name in COMMANDS}})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command itself, to be run."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(command.name) if command is not None and command.name else command, rest


app = typer.Typer(cls=Rooms, no_args_is_help=True, rich_markup_mode=None)


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
