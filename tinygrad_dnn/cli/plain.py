"""The part of the command that works without the extra ``cli``: --help, --version and doctor.

Typer is no requirement of the library: most programs import it and never run the command.
"""

import json as json_format
import sys
from collections.abc import Sequence

from .. import __version__
from .status import NOT_CARRIED_OUT

WORKS, IS_WRONG = 0, 1

COMMANDS = {
    "train": "Train a network on a data set or a file.",
    "predict": "Say of which class new examples are, by a trained network.",
    "compare": "Compare a network's gradients by autodiff and by hand, layer by layer.",
    "check": "Referee hand-written backprop: which function is wrong, where, and why.",
    "merge": "Put the verdicts of several runs of check together.",
    "derive": "Print the chain rule of a program's cost as formulas.",
    "draw": "Draw the computation graph of a program's cost.",
    "explore": "Write a page to walk through the chain rule step by step.",
    "doctor": "Say what is installed, and what is missing for which feature.",
}


def plain(arguments: Sequence[str], missing: str) -> int:
    """Run a command line without the package `missing` and return the exit status."""
    remedy = f"tinygrad-dnn: {missing} is not installed; pip install 'tinygrad-dnn[cli]'"
    if arguments[:1] == ["doctor"] and {*arguments[1:]} <= {"--json"}:
        return doctor("--json" in arguments)
    if arguments == ["--version"]:
        print(f"tinygrad-dnn {__version__}")
    elif arguments in ([], ["--help"]):
        rows = "\n".join(f"  {name:8} {what}" for name, what in COMMANDS.items())
        print(f"Usage: tinygrad-dnn COMMAND [OPTIONS]\n\n{rows}\n\nAll but doctor need Typer. {remedy}")
    else:
        print(remedy, file=sys.stderr)
        return NOT_CARRIED_OUT
    return WORKS


def doctor(json: bool) -> int:
    """Print the diagnosis and return the exit status."""
    from .diagnosis import described, diagnose

    found = diagnose()
    print(json_format.dumps(found.to_json(), indent=2, ensure_ascii=False) if json else described(found))
    return IS_WRONG if found.problems else WORKS
