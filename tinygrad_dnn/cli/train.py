"""``tinygrad-dnn train``, a function for the command line to register."""

import hashlib
import sys
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import typer

from ..dnn.data.dataset import Dataset, stratified_split
from ..dnn.data.loading import load
from ..dnn.settings import Settings
from ..dnn.summary import as_json, as_text
from ..dnn.training import Training
from ..support.interrupts import INTERRUPTED
from .options import activation_names, layer_sizes
from .outcome import NETWORK, prepare, write_outcome

VALIDATION = 0.1
WITH_RESUME = {"resume", "epochs", "checkpoint", "checkpoint_every", "json", "quiet", "out"}


def train_command(
    context: typer.Context, data: str | None = None, test: str | None = None, target: str | None = None,
    layers: str | None = None, activations: str | None = None, scaling: str = "fan_in", optimiser: str = "adam",
    learning_rate: float | None = None, decay: float = 0.0, epochs: int = 2500, batch_size: int | None = None,
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
        task = _going_on(resume, given, epochs if "epochs" in given else None)
    else:
        if jit and gradients not in (None, "jit", "jit-numba"):
            raise ValueError(f"--jit compiles the gradients by autodiff; leave it out with --gradients {gradients}")
        source = _Source(data, test, target, _share(validation, patience))
        loaded = source.load(seed)
        settings = Settings(
            layers=layer_sizes(layers, loaded), activations=activation_names(activations), scaling=scaling,
            optimiser=optimiser, learning_rate=learning_rate, decay=decay, epochs=epochs, batch_size=batch_size,
            lambd=l2, keep_prob=keep_prob, patience=patience, evaluate_every=evaluate_every,
            gradients=gradients or ("jit" if jit else "autodiff"), seed=seed, dtype=dtype,
        )  # fmt: skip
        task = _Task(Training(settings, notes=source.notes(loaded)), loaded, source.validation)
        if checkpoint is not None and checkpoint.exists():
            raise FileExistsError(
                f"--checkpoint {checkpoint}: the file exists; --resume {checkpoint} goes on from it, or choose another "
                "name"
            )
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


class _Source(NamedTuple):
    """The source of the examples, as a checkpoint stores it."""

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


def _share(validation: float | None, patience: int | None) -> float:
    """Return the share of the training part that is set aside."""
    share = (VALIDATION if patience else 0.0) if validation is None else validation
    if not 0 <= share < 1:
        raise ValueError(f"--validation {share:g}: a share from 0 up to but not including 1 is wanted")
    if patience and not share:
        raise ValueError("--patience looks at the cost on a part that is set aside; --validation 0 leaves none")
    return share


def _fingerprint(data: Dataset) -> str:
    """Return a hash of the examples that are learnt from."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (data.X_train, data.Y_train):
        digest.update(f"{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
