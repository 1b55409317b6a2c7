"""``tinygrad-dnn derive``, a function for the command line to register."""

import json as json_format
from pathlib import Path

import numpy as np
import typer

from ..core.tensor import Tensor
from ..derive import derive
from ..dnn.manual import initialize_parameters_deep
from ..dnn.network import cost, tensors
from ..support.words import said
from .options import activation_names, layer_sizes
from .program import tensor_of


def derive_command(
    program: Path | None = None, layers: str | None = None, activations: str | None = None, examples: int = 5,
    name: str | None = None, same: str | None = None, simplify: bool = False, rules: bool = False,
    language: str = "en", convention: str | None = None, numbers: bool = False, latex: bool = False,
    mathml: bool = False, numpy: bool = False, json: bool = False,
) -> None:  # fmt: skip
    """Print the chain rule of a cost as formulas.

    Exit status: 0 printed, 1 your formula is wrong, 2 it could not be carried out.

    Example: tinygrad-dnn derive --layers 2-3-1 --same "dZ2 = A2 - Y"
    """
    if (program is None) == (layers is None):
        raise ValueError("derive: give either a program or --layers, as in `tinygrad-dnn derive --layers 2-3-1`")
    if sum((latex, mathml, numpy, json)) > 1:
        raise ValueError("derive: choose one of --latex, --mathml, --numpy and --json")
    if program is not None:
        J, constants = tensor_of(program, name), dict[str, int]()
    else:
        J, constants = network(str(layers), activation_names(activations), examples), {"m": examples}
    if same is not None:
        answer = derive(J, simplify=True, constants=constants, language=language).same(same)
        typer.echo(json_format.dumps(answer.as_dict(), indent=1) if json else str(answer))
        raise typer.Exit(int(answer.verdict == "no"))
    found = derive(J, simplify=simplify, constants=constants, language=language, convention=convention)
    if json:
        typer.echo(json_format.dumps(found.as_dict(), indent=1))
    else:
        one = found.latex if latex else found.mathml if mathml else found.numpy if numpy else ""
        note = f"\n% {found.note}" if latex and found.note else ""
        typer.echo((one or found.explained(rules=rules, numbers=numbers)).rstrip("\n") + note)
        if latex and not found.latex.isascii():
            typer.echo(said("other letters", language), err=True)


def network(layers: str, activations: list[str] | None, m: int) -> Tensor:
    """Return the cost of the course's network on made-up data, to be derived."""
    sizes = layer_sizes(layers)
    X, Y = np.random.default_rng(0).standard_normal((sizes[0], m)), np.zeros((sizes[-1], m))
    Y[np.arange(m) % sizes[-1], np.arange(m)] = np.arange(m) % 2 if sizes[-1] == 1 else 1
    parameters = tensors(initialize_parameters_deep(sizes, scaling="fan_in"))
    return cost(parameters, X, Y, activations, loss="cross_entropy_from_AL")
