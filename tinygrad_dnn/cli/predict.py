"""``tinygrad-dnn predict``, a function for the command line to register."""

import csv
import io
from pathlib import Path

import numpy as np
import typer

from ..dnn.data.loading import load_features
from ..dnn.training import Training
from ..support.files import write_atomically


def predict_command(network: Path, data: Path, out: Path | None = None) -> None:
    """Say of which class new examples are, with the probability of each class, a line for each example.

    Exit status: 0 predicted, 2 the command could not be carried out.

    Example: tinygrad-dnn predict out/ new.csv
    """
    training = Training.load(network / "network.safetensors" if network.is_dir() else network)
    notes = training.notes.get("examples")
    if notes is None:
        raise ValueError(f"{network} does not say how its data were scaled; train it again with this version")
    X = load_features(data, notes["features"], training.settings.layers[0])
    if notes["mean"]:
        X = (X - np.reshape(notes["mean"], (-1, 1))) / np.reshape(notes["scale"], (-1, 1))
    A = training.probabilities(X)
    shares = np.concatenate([1 - A, A]) if len(A) == 1 else A
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["class", *(f"probability of {name}" for name in notes["classes"])])
    writer.writerows(
        [notes["classes"][c], *(f"{p:.6g}" for p in column)] for c, column in zip(shares.argmax(0), shares.T)
    )
    if out is None:
        typer.echo(text.getvalue().rstrip("\n"))
    else:
        write_atomically(out, text.getvalue().encode())
