"""``tinygrad-dnn train``, what it leaves with --out, and ``predict``: functions for the command line to register."""

import hashlib
import sys
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import typer

from ..dnn.data.dataset import Dataset, stratified_split
from ..dnn.data.loading import load, load_features
from ..dnn.settings import Settings
from ..dnn.summary import as_json, as_text
from ..dnn.training import Training
from ..render import plots
from ..support.files import write_atomically
from ..support.interrupts import INTERRUPTED
from ..support.optional import needed
from ..support.table import Column, as_csv
from ..support.text import entities
from .options import activation_names, layers_for

NETWORK = "network.safetensors"
WITH_RESUME = {"resume", "epochs", "checkpoint", "checkpoint_every", "json", "quiet", "out"}


def train_command(
    context: typer.Context, data: str | None = None, test: str | None = None, target: str | None = None,
    layers: str | None = None, activations: str | None = None, scaling: str = "fan_in", optimiser: str = "adam",
    learning_rate: float | None = None, decay: float = 0.0, epochs: int | None = None, batch_size: int | None = None,
    l2: float = 0.0, keep_prob: float = 1.0, validation: float | None = None, patience: int | None = None,
    evaluate_every: int = 10, gradients: str | None = None, jit: bool = False, seed: int = 1, dtype: str = "float64",
    checkpoint: Path | None = None, checkpoint_every: int = 100, resume: Path | None = None, out: Path | None = None,
    json: bool = False, quiet: bool = False,
) -> None:  # fmt: skip
    """Train a network on a data set or a file, and test it.

    Ctrl-C stops it and keeps what the finished epochs have learnt.
    Exit status: 0 trained, 2 the command could not be carried out, 130 stopped by Ctrl-C.

    Example: tinygrad-dnn train --data breast-cancer --layers 30-16-8-1 --optimiser adam --epochs 100
    """
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    if resume is not None:
        training, loaded, share = _going_on(resume, given, epochs)
    else:
        if jit and gradients not in (None, "jit", "jit-numba"):
            raise ValueError(f"--jit compiles the gradients by autodiff; leave it out with --gradients {gradients}")
        share = (0.1 if patience else 0.0) if validation is None else validation
        if not 0 <= share < 1:
            raise ValueError(f"--validation {share:g}: a share from 0 up to but not including 1 is wanted")
        if patience and not share:
            raise ValueError("--patience looks at the cost on a part that is set aside; --validation 0 leaves none")
        source = _Source(data, test, target, share)
        loaded = source.load(seed)
        sizes, names = layers_for(loaded, layers), activation_names(activations)
        if loaded.n_features == 2:  # points in the plane: tanh, as in the course
            names = names or ["tanh"] * (len(sizes) - 2) + ["sigmoid" if sizes[-1] == 1 else "softmax"]
            if optimiser == "adam" and learning_rate is None:
                learning_rate, epochs = 0.01, 300 if epochs is None else epochs
        settings = Settings(
            layers=sizes, activations=names, scaling=scaling, optimiser=optimiser, learning_rate=learning_rate,
            decay=decay, epochs=2500 if epochs is None else epochs, batch_size=batch_size, lambd=l2,
            keep_prob=keep_prob, patience=patience, evaluate_every=evaluate_every,
            gradients=gradients or ("jit" if jit else "autodiff"), seed=seed, dtype=dtype,
        )  # fmt: skip
        training = Training(settings, notes=source.notes(loaded))
        if checkpoint is not None and checkpoint.exists():
            remedy = f"--resume {checkpoint} goes on from it, or choose another name"
            raise FileExistsError(f"--checkpoint {checkpoint}: the file exists; {remedy}")
    if out is not None:
        with needed('--out draws with Matplotlib, which is not installed: pip install "tinygrad-dnn[plot]"'):
            import matplotlib.figure  # noqa: F401  (before the training, not after it)
        out.mkdir(parents=True, exist_ok=True)
    path = checkpoint or resume or (out and out / NETWORK)
    learnt, held_out = stratified_split(loaded.labels_train, share, training.settings.seed)
    X, Y = loaded.X_train, loaded.Y_train
    start = perf_counter()
    training.run(
        X[:, learnt], Y[:, learnt], (X[:, held_out], Y[:, held_out]) if held_out.size else None,
        progress=not quiet and sys.stderr.isatty(), checkpoint=path, checkpoint_every=checkpoint_every,
    )  # fmt: skip
    seconds = perf_counter() - start
    typer.echo((as_json if json else as_text)(training, loaded, seconds))
    if out is not None:
        training.save(out / NETWORK)
        _write_outcome(out, training, loaded, seconds)
        typer.echo(f"Left in {out}: " + ", ".join(sorted(path.name for path in out.iterdir())), err=True)
    if training.interrupted:
        hint = f"; tinygrad-dnn train --resume {path} goes on" if path else ""
        typer.echo(f"tinygrad-dnn train: stopped after epoch {training.state.epoch}{hint}", err=True)
        raise typer.Exit(INTERRUPTED)


class _Source(NamedTuple):  # as a checkpoint stores it
    data: str | None
    test: str | None
    target: str | None
    validation: float

    def load(self, seed: int) -> Dataset:
        if self.data is None:
            raise ValueError("--data is missing: a data set, as breast-cancer, or a file; or --resume, a checkpoint")
        return load(self.data, test=self.test, target=self.target, seed=seed)

    def notes(self, loaded: Dataset) -> dict[str, Any]:
        """Return what a checkpoint keeps of the data: with it, the scaling that new examples need."""
        features = [] if loaded.picture_shape else list(loaded.feature_names)
        scaling = {n: loaded.scaling and getattr(loaded.scaling, n).ravel().tolist() for n in ("mean", "scale")}
        examples = {"classes": list(loaded.class_names), "features": features, **scaling}
        return {**self._asdict(), "fingerprint": _fingerprint(loaded), "examples": examples}


def _going_on(resume: Path, given: set[str], epochs: int | None) -> tuple[Training, Dataset, float]:
    """Return the training of a checkpoint, its data, and the share of them that was set aside."""
    if excess := sorted(given - WITH_RESUME):
        options = ", ".join("--" + name.replace("_", "-") for name in excess)
        kept = "goes on with the data and settings of the checkpoint; only --epochs may be another number"
        raise ValueError(f"{options}: not with --resume, which {kept}")
    training = Training.load(resume, epochs=epochs)
    notes = dict(training.notes)
    fingerprint = notes.pop("fingerprint", None)
    notes.pop("examples", None)
    if notes.keys() != set(_Source._fields):
        raise ValueError(f"{resume} was not written by tinygrad-dnn train: it does not say what it was trained on")
    source = _Source(**notes)
    loaded = source.load(training.settings.seed)
    if _fingerprint(loaded) != fingerprint:
        raise ValueError(f"{source.data} is not what it was when {resume} was written; train anew on the changed data")
    return training, loaded, source.validation


def _fingerprint(data: Dataset) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for array in (data.X_train, data.Y_train):
        digest.update(f"{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _write_outcome(folder: Path, training: Training, data: Dataset, seconds: float) -> None:
    """Write curves, decision boundary and summary, as HTML and JSON; the network itself is the checkpoint."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    plots.cost_curve(left, training.history)
    plots.accuracy_curve(right, training.history)
    figures = {"curves": plots.as_svg(figure)}
    if data.n_features == 2 and data.n_outputs == 1:
        figure = Figure(figsize=(6, 4.5), layout="constrained")
        plots.decision_boundary(figure.subplots(), training.probabilities, data.X_train, data.Y_train)
        figures["boundary"] = plots.as_svg(figure)
    for name, svg in figures.items():
        write_atomically(folder / f"{name}.svg", svg.encode())
    page = Path(__file__).with_suffix(".html").read_text("utf-8").format(
        title=f"A network for {entities(data.name)}",
        text=entities(as_text(training, data, seconds)),
        figures="".join(f"<figure>{svg[svg.index('<svg') :]}</figure>" for svg in figures.values()),
        network=NETWORK,
    )  # fmt: skip
    write_atomically(folder / "summary.html", page.encode())
    write_atomically(folder / "summary.json", as_json(training, data, seconds).encode())


def predict_command(network: Path, data: Path, out: Path | None = None) -> None:
    """Say of which class new examples are, with the probability of each class, a line for each example.

    Exit status: 0 predicted, 2 the command could not be carried out.

    Example: tinygrad-dnn predict out/ new.csv
    """
    training = Training.load(network / NETWORK if network.is_dir() else network)
    notes = training.notes.get("examples")
    if notes is None:
        raise ValueError(f"{network} does not say how its data were scaled; train it again with this version")
    X = load_features(data, notes["features"], training.settings.layers[0])
    if notes["mean"]:
        X = (X - np.reshape(notes["mean"], (-1, 1))) / np.reshape(notes["scale"], (-1, 1))
    A = training.probabilities(X)
    shares = np.concatenate([1 - A, A]) if len(A) == 1 else A
    classes: list[str] = notes["classes"]
    cells = (partial(lambda i, p: f"{p[i]:.6g}", i) for i in range(len(classes)))
    columns = [Column[Any](f"probability of {name}", cell) for name, cell in zip(classes, cells, strict=True)]
    text = as_csv([Column("class", lambda p: classes[p.argmax()]), *columns], shares.T)
    if out is None:
        typer.echo(text.rstrip("\n"))
    else:
        write_atomically(out, text.encode())
