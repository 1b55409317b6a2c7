"""The command ``tinygrad-dnn``: --help, --version and doctor work without Typer, which the library does not require."""

import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any

from .. import __version__
from ..support.interrupts import interruptible
from ..support.text import json_beside

EXTRA = ("typer", "rich", "click")
NOT_CARRIED_OUT = 2  # an exit status
OPTIONS: dict[str, dict[str, Any]] = json_beside(__file__, "options.json")
"""The help of each option of each command, and of those that several share (`every`)."""
COMMANDS: dict[str, str] = OPTIONS["commands"]


def main() -> None:
    """Run the command line and exit: 0 all is well, 1 a gradient differs, 2 it could not be carried out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a pipe on Windows, or LC_ALL=C, may know no check mark
            stream.reconfigure(errors="backslashreplace")
    sys.exit(interruptible(_run))


def _run() -> int | None:
    try:
        from .commands import app

        app(prog_name="tinygrad-dnn")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRA:
            raise
        return _without(missing, sys.argv[1:])
    return None


def _without(missing: str, arguments: Sequence[str]) -> int:
    """Run a command line without the package `missing` and return the exit status."""
    remedy = f"tinygrad-dnn: {missing} is not installed; pip install 'tinygrad-dnn[cli]'"
    if arguments[:1] == ["doctor"] and {*arguments[1:]} <= {"--json"}:
        from .doctor import doctor_command

        doctor_command("--json" in arguments)
    if arguments == ["--version"]:
        print(f"tinygrad-dnn {__version__}")
    elif arguments in ([], ["--help"]):
        rows = "\n".join(f"  {name:8} {what}" for name, what in COMMANDS.items())
        print(f"Usage: tinygrad-dnn COMMAND [OPTIONS]\n\n{rows}\n\nAll but doctor need Typer. {remedy}")
    else:
        print(remedy, file=sys.stderr)
        return NOT_CARRIED_OUT
    return 0
