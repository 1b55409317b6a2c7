"""``tinygrad-dnn doctor``, a function for the command line to register."""

from typing import Annotated

import typer

from .plain import doctor


def doctor_command(json: Annotated[bool, typer.Option("--json", help="Print a JSON object instead.")] = False) -> None:
    """Say what is installed, whether it works, and what is missing for which feature.

    An extra that is not installed is nothing wrong, nor is a slow kernel of BLAS.
    Exit status: 0 all that is installed works, 1 something does not.

    Example: tinygrad-dnn doctor
    """
    raise typer.Exit(doctor(json))
