"""``tinygrad-dnn compare``, a function for the command line to register."""

import json as json_format
from enum import Enum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ..dnn import dropout_masks
from ..dnn.data.dataset import Dataset
from ..dnn.data.loading import load
from ..dnn.manual import initialize_parameters_deep
from ..referee.compare import compare
from ..referee.comparison import Comparison
from .options import Activations, KeepProb, Layers, Target, activation_names, layer_sizes

ALL_AGREE, SOME_DIFFER = 0, 1


class Precision(str, Enum):
    """The dtypes to compute in."""

    float64 = "float64"
    float32 = "float32"


def compare_command(
    data: Annotated[str, typer.Option(help="A data set (breast-cancer, digits, ...) or a file (.h5, .npz, .csv).")],
    test: Annotated[
        str | None,
        typer.Option(help="The file with the test part, if there is one; gradients are of the training part."),
    ] = None,
    target: Target = None,
    layers: Layers = None,
    activations: Activations = None,
    examples: Annotated[int | None, typer.Option(min=1, help="Take only that many examples.")] = None,
    l2: Annotated[float, typer.Option(min=0.0, help="The weight λ of the L2 penalty.")] = 0.0,
    keep_prob: KeepProb = 1.0,
    seed: Annotated[int, typer.Option(help="Of the parameters, the split and the masks.")] = 1,
    dtype: Annotated[Precision, typer.Option(help="The dtypes to compute in.")] = Precision.float64,
    no_finite_differences: Annotated[
        bool, typer.Option("--no-finite-differences", help="Leave finite differences out, which is faster.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object instead of the table.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the table to this file, too; - prints it instead.")] = None,
) -> None:
    """Compare the gradients of a network by autodiff, by hand, and by finite differences, layer by layer.

    The network has freshly drawn parameters and is not trained.
    Exit status: 0 all agree, 1 some differ, 2 the command could not be carried out.

    Example: tinygrad-dnn compare --data digits --layers 64-16-10 --activations tanh,softmax
    """
    loaded = load(data, test=test, target=target, seed=seed)
    sizes, names = layer_sizes(layers, loaded), activation_names(activations)
    X, Y = (part[:, :examples].astype(dtype.value) for part in (loaded.X_train, loaded.Y_train))
    drawn = initialize_parameters_deep(sizes, scaling="fan_in", seed=seed)
    result = compare(
        {name: value.astype(dtype.value) for name, value in drawn.items()}, X, Y,
        names or ["relu"] * (len(sizes) - 2) + ["sigmoid" if loaded.n_outputs == 1 else "softmax"],
        masks=dropout_masks(sizes, X.shape[1], keep_prob, seed=seed, dtype=np.dtype(dtype.value)), lambd=l2,
        finite_differences=not no_finite_differences, seed=seed,
    )  # fmt: skip
    _print(result, loaded, json, csv)
    raise typer.Exit(ALL_AGREE if result.ok else SOME_DIFFER)


def _print(result: Comparison, data: Dataset, json: bool, csv: Path | None) -> None:
    if csv is not None and str(csv) != "-":
        result.to_csv(csv)
    if json:
        typer.echo(json_format.dumps({"data": data.name, **result.to_json()}, indent=2, ensure_ascii=False))
    elif csv is not None and str(csv) == "-":
        typer.echo(result.to_csv(), nl=False)
    else:
        typer.echo(f"{data.name}: {data.source}\n{result}")
