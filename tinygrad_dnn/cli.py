"""The command ``tinygrad-dnn``: the way in, which needs nothing but Python until it knows what is wanted."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit: 0 all is well, 1 a gradient differs, 2 it could not be carried out."""
    try:
        from .commands import app
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("typer", "rich", "click"):
            raise
        print(f"tinygrad-dnn: {error.name} is not installed; pip install 'tinygrad-dnn[cli]'", file=sys.stderr)
        sys.exit(2)
    try:
        app(prog_name="tinygrad-dnn")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
