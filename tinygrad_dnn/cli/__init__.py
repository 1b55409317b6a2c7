"""The command ``tinygrad-dnn``: the way in, which needs nothing but Python until it knows what is wanted."""

import sys

from ..support.interrupts import interruptible

EXTRA = ("typer", "rich", "click")


def main() -> None:
    """Run the command line and exit: 0 all is well, 1 a gradient differs, 2 it could not be carried out."""
    sys.exit(interruptible(_run))


def _run() -> int | None:
    try:
        from .commands import app

        app(prog_name="tinygrad-dnn")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRA:
            raise
        from .plain import plain

        return plain(sys.argv[1:], missing)
    return None
