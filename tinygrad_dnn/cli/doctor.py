"""``tinygrad-dnn doctor``, a function for the command line to register."""

import typer

from .plain import doctor


def doctor_command(json: bool = False) -> None:
    """Say what is installed, whether it works, and what is missing for which feature.

    An extra that is not installed is nothing wrong, nor is a slow kernel of BLAS.
    Exit status: 0 all that is installed works, 1 something does not.

    Example: tinygrad-dnn doctor
    """
    raise typer.Exit(doctor(json))
