"""``tinygrad-dnn train``, a function for the command line to register."""

import hashlib
import sys
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from ..dnn.data.dataset import Dataset
from ..dnn.data.loading import load
from ..dnn.data.split import stratified_split
from ..dnn.settings import Settings
from ..dnn.summary import as_json, as_text
from ..dnn.training import Training
from .options import Activations, KeepProb, Layers, Target, activation_names, layer_sizes
from .outcome import NETWORK, prepare, write_outcome
from .status import INTERRUPTED

VALIDATION = 0.1
WITH_RESUME = {"resume", "epochs", "checkpoint", "checkpoint_every", "json", "quiet", "out"}


def train_command(
    context: typer.Context,
    data: Annotated[
        str | None, typer.Option(help="A data set (breast-cancer, digits, ...) or a file (.h5, .npz, .csv).")
    ] = None,
    test: Annotated[str | None, typer.Option(help="The file with the test part, if there is one.")] = None,
    target: Target = None,
    layers: Layers = None,
    activations: Activations = None,
    scaling: Annotated[str, typer.Option(help="Of the first weights: fan_in or small.")] = "fan_in",
    optimiser: Annotated[str, typer.Option(help="gradient-descent, momentum or adam.")] = "adam",
    learning_rate: Annotated[
        float | None, typer.Option(help="Default: the optimiser's, 0.0075, for adam 0.001.")
    ] = None,
    decay: Annotated[float, typer.Option(help="The learning rate is divided by 1 + decay * epoch.")] = 0.0,
    epochs: Annotated[int, typer.Option(help="How often every example is seen.")] = 2500,
    batch_size: Annotated[int | None, typer.Option(help="Examples in a mini-batch. Default: all.")] = None,
    l2: Annotated[float, typer.Option(help="The weight λ of the L2 penalty.")] = 0.0,
    keep_prob: KeepProb = 1.0,
    validation: Annotated[
        float | None, typer.Option(help="Share of the training part to set aside. Default: 0; 0.1 with --patience.")
    ] = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop early after so many epochs without a lower cost on the part set aside.")
    ] = None,
    evaluate_every: Annotated[int, typer.Option(help="Note the accuracy after every so many epochs; 0 never.")] = 10,
    gradients: Annotated[
        str | None, typer.Option(help="autodiff (the default), manual (derived by hand), jit or jit-numba.")
    ] = None,
    jit: Annotated[bool, typer.Option("--jit", help="Compile the step: the same as --gradients jit.")] = False,
    seed: Annotated[int, typer.Option(help="Of the split, the first weights, the mini-batches and the masks.")] = 1,
    dtype: Annotated[str, typer.Option(help="float64 or float32.")] = "float64",
    checkpoint: Annotated[
        Path | None, typer.Option(help="Keep what is learnt in this file. With --resume: by default in that one.")
    ] = None,
    checkpoint_every: Annotated[int, typer.Option(min=1, help="Write it after every so many epochs.")] = 100,
    resume: Annotated[
        Path | None, typer.Option(help="Go on from this checkpoint, with its data and settings; --epochs may grow.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Leave the network, curves and a summary in this folder.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object, with the history.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Train a network on a data set or a file, and test it.

    Ctrl-C stops it and keeps what the finished epochs have learnt.
    Exit status: 0 trained, 2 the command could not be carried out, 130 stopped by Ctrl-C.

    Example: tinygrad-dnn train --data breast-cancer --layers 30-16-8-1 --optimiser adam --epochs 100
    """
    given = {name for name in context.params if _is_given(context, name)}
    if resume is not None:
        task = _going_on(resume, given, epochs if "epochs" in given else None)
    else:
        source = _Source(data, test, target, _share(validation, patience))
        loaded = source.load(seed)
        settings = Settings(
            layers=layer_sizes(layers, loaded), activations=activation_names(activations), scaling=scaling,
            optimiser=optimiser, learning_rate=learning_rate, decay=decay, epochs=epochs, batch_size=batch_size,
            lambd=l2, keep_prob=keep_prob, patience=patience, evaluate_every=evaluate_every,
            gradients=_gradients(gradients, jit), seed=seed, dtype=dtype,
        )  # fmt: skip
        task = _Task(Training(settings, notes=source.notes(loaded)), loaded, source.validation)
        _refuse_to_overwrite(checkpoint)
    if out is not None:
        prepare(out)
    path = checkpoint or resume or (out and out / NETWORK)
    seconds = task.train(path, checkpoint_every, progress=not quiet and sys.stderr.isatty())
    typer.echo((as_json if json else as_text)(task.training, task.data, seconds))
    if out is not None:
        task.training.save(out / NETWORK)
        write_outcome(out, task.training, task.data, seconds)
        typer.echo(f"Left in {out}: " + ", ".join(sorted(path.name for path in out.iterdir())), err=True)
    if task.training.interrupted:
        hint = f"; tinygrad-dnn train --resume {path} goes on" if path else ""
        typer.echo(f"tinygrad-dnn train: stopped after epoch {task.training.state.epoch}{hint}", err=True)
        raise typer.Exit(INTERRUPTED)


def _gradients(gradients: str | None, jit: bool) -> str:
    """Return the way to the gradients that two options ask for."""
    if jit and gradients not in (None, "jit", "jit-numba"):
        raise ValueError(f"--jit compiles the gradients by autodiff; leave it out with --gradients {gradients}")
    return gradients or ("jit" if jit else "autodiff")


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


class _Source(NamedTuple):
    """Return the source of the examples, as a checkpoint stores it."""

    data: str | None
    test: str | None
    target: str | None
    validation: float

    def load(self, seed: int) -> Dataset:
        if self.data is None:
            raise ValueError("--data is missing: a data set, as breast-cancer, or a file; or --resume, a checkpoint")
        return load(self.data, test=self.test, target=self.target, seed=seed)

    def notes(self, loaded: Dataset) -> dict[str, Any]:
        return {**self._asdict(), "fingerprint": _fingerprint(loaded), "examples": _examples(loaded)}


class _Task(NamedTuple):
    """A training and its data."""

    training: Training
    data: Dataset
    validation: float

    def train(self, checkpoint: Path | None, checkpoint_every: int, *, progress: bool) -> float:
        """Run the training and return the seconds it took."""
        data, seed = self.data, self.training.settings.seed
        learnt, held_out = stratified_split(data.labels_train, self.validation, seed)
        X, Y = data.X_train, data.Y_train
        start = perf_counter()
        self.training.run(
            X[:, learnt], Y[:, learnt], (X[:, held_out], Y[:, held_out]) if held_out.size else None, progress=progress,
            checkpoint=checkpoint, checkpoint_every=checkpoint_every,
        )  # fmt: skip
        return perf_counter() - start


def _going_on(resume: Path, given: set[str], epochs: int | None) -> _Task:
    """Return the task that a checkpoint is from."""
    excess = sorted(given - WITH_RESUME)
    if excess:
        options = ", ".join("--" + name.replace("_", "-") for name in excess)
        raise ValueError(
            f"{options}: not with --resume, which goes on with the data and settings of the checkpoint; only --epochs "
            "may be another number"
        )
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
    return _Task(training, loaded, source.validation)


def _examples(data: Dataset) -> dict[str, Any]:
    """Return what predicting on new examples needs to know."""
    features = [] if data.picture_shape else list(data.feature_names)
    scaling = {name: data.scaling and getattr(data.scaling, name).ravel().tolist() for name in ("mean", "scale")}
    return {"classes": list(data.class_names), "features": features, **scaling}


def _share(validation: float | None, patience: int | None) -> float:
    """Return the share of the training part that is set aside."""
    share = (VALIDATION if patience else 0.0) if validation is None else validation
    if not 0 <= share < 1:
        raise ValueError(f"--validation {share:g}: a share from 0 up to but not including 1 is wanted")
    if patience and not share:
        raise ValueError("--patience looks at the cost on a part that is set aside; --validation 0 leaves none")
    return share


def _refuse_to_overwrite(checkpoint: Path | None) -> None:
    if checkpoint is not None and checkpoint.exists():
        raise FileExistsError(
            f"--checkpoint {checkpoint}: the file exists; --resume {checkpoint} goes on from it, or choose another name"
        )


def _fingerprint(data: Dataset) -> str:
    """Return a hash of the examples that are learnt from."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (data.X_train, data.Y_train):
        digest.update(f"{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
