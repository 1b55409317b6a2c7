"""The part of the command that works without the extra ``cli``: --help, --version and doctor.

Typer is no requirement of the library: most programs import it and never run the command.
"""

import sys
from collections.abc import Sequence
from typing import Any

from .. import __version__
from ..support.text import json_beside

NOT_CARRIED_OUT = 2
"""An exit status."""

OPTIONS: dict[str, dict[str, Any]] = json_beside(__file__, "options.json")
"""The help of each option of each command, and of those that several share (`every`)."""

COMMANDS: dict[str, str] = OPTIONS["commands"]


def plain(arguments: Sequence[str], missing: str) -> int:
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
