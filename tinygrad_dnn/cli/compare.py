"""``tinygrad-dnn compare``, a function for the command line to register."""

import json as json_format
from pathlib import Path
from typing import Literal

import numpy as np
import typer

from ..dnn import dropout_masks
from ..dnn.data.loading import load
from ..dnn.manual import initialize_parameters_deep
from ..referee.compare import compare
from .options import activation_names, layers_for


def compare_command(
    data: str, test: str | None = None, target: str | None = None, layers: str | None = None,
    activations: str | None = None, examples: int | None = None, l2: float = 0.0, keep_prob: float = 1.0,
    seed: int = 1, dtype: Literal["float64", "float32"] = "float64", no_finite_differences: bool = False,
    json: bool = False, csv: Path | None = None,
) -> None:  # fmt: skip
    """Compare the gradients of a network by autodiff, by hand, and by finite differences, layer by layer.

    The network has freshly drawn parameters and is not trained.
    Exit status: 0 all agree, 1 some differ, 2 the command could not be carried out.

    Example: tinygrad-dnn compare --data digits --layers 64-16-10 --activations tanh,softmax
    """
    loaded = load(data, test=test, target=target, seed=seed)
    sizes, names = layers_for(loaded, layers), activation_names(activations)
    X, Y = (part[:, :examples].astype(dtype) for part in (loaded.X_train, loaded.Y_train))
    drawn = initialize_parameters_deep(sizes, scaling="fan_in", seed=seed)
    result = compare(
        {name: value.astype(dtype) for name, value in drawn.items()}, X, Y,
        names or ["relu"] * (len(sizes) - 2) + ["sigmoid" if loaded.n_outputs == 1 else "softmax"],
        masks=dropout_masks(sizes, X.shape[1], keep_prob, seed=seed, dtype=np.dtype(dtype)), lambd=l2,
        finite_differences=not no_finite_differences, seed=seed,
    )  # fmt: skip
    if csv is not None and str(csv) != "-":
        result.to_csv(csv)
    if json:
        typer.echo(json_format.dumps({"data": loaded.name, **result.to_json()}, indent=2, ensure_ascii=False))
    elif csv is not None and str(csv) == "-":
        typer.echo(result.to_csv(), nl=False)
    else:
        typer.echo(f"{loaded.name}: {loaded.source}\n{result}")
    raise typer.Exit(int(not result.ok))
