"""The state of a training, from which an epoch makes the next; its history, the vector of all parameters, its file.

A training goes on from its file to the last bit as if it had never stopped. The file, of safetensors, holds W1, b1, ...
as they are, ``best/W1`` for early stopping and ``v/W1``, ``s/W1`` for the optimiser's running averages; ``history`` has
a row an epoch; the metadata hold the settings, the counts and the notes as JSON, and the SHA-256 of all of it, so that
a damaged file is refused. Reading one runs no code.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..support.files import write_atomically
from ..support.optional import needed
from .optimisers import Array, Averages
from .settings import Settings

KEY, CHECKSUM, FORMAT = "tinygrad_dnn", "sha256", 1


class Layout:
    """The positions of W1, b1, ..., WL, bL in a vector: `shapes` by name, in the order in which they lie."""

    def __init__(self, layer_dims: Sequence[int]) -> None:
        self.shapes: dict[str, tuple[int, int]] = {}
        for l, (n_prev, n) in enumerate(pairwise(layer_dims), start=1):
            self.shapes |= {f"W{l}": (n, n_prev), f"b{l}": (n, 1)}

    def vector(self, arrays: Mapping[str, Array], prefix: str = "") -> Array:
        """Put arrays behind one another; ``prefix="d"`` takes the gradients dW1, db1, ..."""
        return np.concatenate([arrays[prefix + name].ravel() for name in self.shapes])

    def arrays(self, vector: Array) -> dict[str, Array]:
        """Return views of the vector as matrices, by name."""
        views, start = {}, 0
        for name, (rows, columns) in self.shapes.items():
            end = start + rows * columns
            views[name] = vector[start:end].reshape(rows, columns)
            start = end
        return views


class Epoch(NamedTuple):
    """A line of the history; what was not evaluated is NaN."""

    cost: float  # J on the training set with the penalty, each mini-batch before its step
    accuracy: float  # 0 to 1, after the last step, as is what follows
    validation_cost: float  # without penalty and dropout
    validation_accuracy: float
    learning_rate: float


class Best(NamedTuple):
    """The parameters with the lowest cost on the validation part, that cost, and after how many epochs it was."""

    theta: Array
    cost: float
    epoch: int


class State(NamedTuple):
    """The state after an epoch: all that the next one depends on."""

    theta: Array  # the parameters as one vector, see `Layout`
    averages: Averages  # of the optimiser
    steps: int = 0
    epoch: int = 0
    best: Best | None = None  # for early stopping


class Checkpoint(NamedTuple):
    """The stored state of a training."""

    settings: Settings
    state: State
    history: Sequence[Epoch]
    notes: Mapping[str, Any]

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the file, whole or not at all, into an existing folder; OSError if that is not possible."""
        state, best = self.state, self.state.best
        vectors = {"": state.theta}
        vectors |= {f"{name}/": v for name, v in zip(self.settings.rule.averages, state.averages, strict=True)}
        vectors |= {"best/": best.theta} if best else {}
        layout = Layout(self.settings.layers)
        tensors = {prefix + name: array for prefix, v in vectors.items() for name, array in layout.arrays(v).items()}
        tensors["history"] = np.array(self.history, np.float64).reshape(-1, len(Epoch._fields))
        counts = {"epoch": state.epoch, "steps": state.steps, "best": [best.cost, best.epoch] if best else None}
        plain = json.dumps({"format": FORMAT, "settings": self.settings.to_json(), **counts, "notes": dict(self.notes)})
        content = _safetensors("safetensors.numpy").save(tensors, {KEY: plain, CHECKSUM: _checksum(tensors, plain)})
        write_atomically(path, content)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Checkpoint":
        """Read a file that `write` wrote; errors are its, and ValueError for a damaged or another file."""
        safetensors = _safetensors("safetensors")
        Path(path).open("rb").close()  # the system's message says what is wrong with the path
        try:
            with safetensors.safe_open(path, framework="numpy") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                plain = file.metadata()[KEY]
                read = cls._of(json.loads(plain), tensors)
                if file.metadata().get(CHECKSUM, "") != _checksum(tensors, plain):
                    raise ValueError("its content does not fit its checksum: it is damaged, or of an older version")
                return read
        except (KeyError, TypeError, ValueError, safetensors.SafetensorError) as error:
            remedy = "Training.save and tinygrad-dnn train --checkpoint write such files."
            raise ValueError(f"{path} is no complete checkpoint of a training ({error}). {remedy}") from error

    @classmethod
    def _of(cls, plain: Mapping[str, Any], tensors: Mapping[str, Array]) -> "Checkpoint":
        if plain["format"] != FORMAT:
            raise ValueError(f"its format is {plain['format']}, and this version reads {FORMAT}")
        settings = Settings.from_json(plain["settings"])
        epoch, steps, best, layout = plain["epoch"], plain["steps"], plain["best"], Layout(settings.layers)

        def vector(prefix: str) -> Array:
            for name, shape in layout.shapes.items():
                array = tensors[prefix + name]
                if array.shape != shape or array.dtype != settings.dtype:
                    legal = f"the settings want {shape}, {settings.dtype}"
                    raise ValueError(f"its {prefix}{name} is {array.shape}, {array.dtype}; {legal}")
            return layout.vector(tensors, prefix)

        averages = tuple(vector(f"{name}/") for name in settings.rule.averages)
        state = State(vector(""), averages, steps, epoch, Best(vector("best/"), *best) if best else None)
        history = [Epoch(*row) for row in tensors["history"].tolist()]
        if len(history) != epoch:
            raise ValueError(f"its history has {len(history)} epochs, and {epoch} were made")
        return cls(settings, state, history, plain["notes"])


def _checksum(tensors: Mapping[str, Array], plain: str) -> str:
    """Return the SHA-256 of names, dtypes, shapes and numbers, and of what stands beside them."""
    digest = hashlib.sha256(plain.encode())
    for name, array in sorted(tensors.items()):
        digest.update(f"{name}:{array.dtype.str}:{array.shape}:".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _safetensors(module: str) -> Any:
    with needed('checkpoints need safetensors: pip install "tinygrad-dnn[train]"'):
        return import_module(module)
