"""Training: epoch after epoch, the cost, its gradients, and a step of the optimiser.

What has been learnt so far is one value, `State`, and an epoch makes the next one of it. So an epoch that is broken off
has not happened. The random numbers of an epoch are drawn from (seed, number of the epoch), and nothing else is random:
a state is all that is needed to go on as if nothing had been interrupted.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np

from ..support.optional import needed
from . import manual
from .batches import Part, dropout_masks
from .data.dataset import labels_of
from .manual.costs import cost_after
from .settings import GRADIENTS, Settings
from .state import Best, Checkpoint, Epoch, Layout, State

Array = np.ndarray
NAN = math.nan


class Training:
    """A network that is being trained.

    Parameters
    ----------
    settings : Settings
    parameters : dict of arrays, optional
        W1, b1, ..., WL, bL to begin with; by default drawn from the seed.
    notes : dict of plain values, optional
        What a checkpoint is to remember besides, such as the name of the data.

    Attributes
    ----------
    settings, notes
    state : State
    history : list of Epoch
    interrupted : bool
        True if the last run was broken off by Ctrl-C.

    Examples
    --------
    >>> from tinygrad_dnn.dnn.data import load
    >>> data = load("breast-cancer")
    >>> training = Training(Settings(layers=(30, 16, 8, 1), optimiser="adam", learning_rate=0.01, epochs=50))
    >>> training.run(data.X_train, data.Y_train).accuracy(data.X_test, data.Y_test) > 0.95
    True
    >>> len(training.history), training.history[-1].cost < training.history[0].cost
    (50, True)
    """

    def __init__(
        self, settings: Settings, parameters: Mapping[str, Any] | None = None, *, notes: Mapping[str, Any] | None = None
    ) -> None:
        self.settings = settings
        self.layout = Layout(settings.layers)
        self.notes = dict(notes or {})
        self.history: list[Epoch] = []
        self.interrupted = False
        drawn = parameters or manual.initialize_parameters_deep(settings.layers, scaling=settings.scaling, seed=settings.seed)
        theta = self.layout.vector(drawn).astype(settings.dtype)
        self.state = State(theta, tuple(np.zeros_like(theta) for _ in settings.rule.averages))

    @property
    def parameters(self) -> dict[str, Array]:
        """W1, b1, ..., WL, bL: the latest, or those of the best epoch where early stopping looks for it."""
        best = self.state.best
        return self.layout.arrays((best.theta if best else self.state.theta).copy())

    def probabilities(self, X: Array) -> Array:
        """Return AL, shape (n[L], m), for the columns of X, shape (n[0], m)."""
        AL, _ = manual.L_model_forward(np.asarray(X, self.settings.dtype), self.parameters, self.settings.activations)
        return AL

    def predict(self, X: Array) -> Array:
        """Return the number of the class of each column of X, shape (m,)."""
        return labels_of(self.probabilities(X))

    def accuracy(self, X: Array, Y: Array) -> float:
        """Return the share of the columns of X whose class is that of Y, 0 to 1."""
        return float(np.mean(self.predict(X) == labels_of(Y)))

    @property
    def finished(self) -> bool:
        """True if all epochs are done or early stopping has stopped."""
        state, patience = self.state, self.settings.patience
        waited = patience is not None and state.best is not None and state.epoch - state.best.epoch >= patience
        return waited or state.epoch >= self.settings.epochs

    def epochs(
        self, X: Array, Y: Array, validation: tuple[Array, Array] | None = None, *, weights: Array | None = None
    ) -> Iterator[Epoch]:
        """Train, and hand over each epoch when it is done.

        ValueError is raised if the data do not fit the network, or the cost is not a number; earlier epochs are kept.

        Parameters
        ----------
        X, Y : ndarray, shapes (n[0], m) and (n[L], m)
            Y is 0 or 1; after softmax a column for each example with a 1 in the row of its class.
        validation : (X, Y), optional
            Examples that are not learnt from: for the history, and for early stopping, which needs them.
        weights : array_like, shape (m,), optional
            How much each example counts: whole numbers repeat it; else each epoch draws examples in proportion.
        """
        train = Part.of(X, Y, self.settings, weights=weights)
        held_out = None if validation is None else Part.of(*validation, self.settings, "validation ")
        if self.settings.patience is not None and held_out is None:
            why = "looks at the cost of examples that are not learnt from; give validation=(X, Y)"
            raise ValueError(f"training: early stopping (patience) {why}")
        self._keep_what_is_done()
        while not self.finished:
            epoch, state = self._epoch(train, held_out)
            self.history.append(epoch)
            self.state = state
            yield epoch

    def run(
        self, X: Array, Y: Array, validation: tuple[Array, Array] | None = None, *, weights: Array | None = None,
        progress: bool = False, checkpoint: str | PathLike[str] | None = None, checkpoint_every: int = 100,
    ) -> "Training":  # fmt: skip
        """Train until all epochs are done, early stopping stops or Ctrl-C is pressed, and return this training.

        Parameters
        ----------
        X, Y, validation, weights
            As for `epochs`.
        progress : bool
            Show a bar with the cost and the time left.
        checkpoint : path, optional
            Where to `save` the training after every `checkpoint_every` epochs and at the end.
        """
        epochs = self.epochs(X, Y, validation, weights=weights)
        self.interrupted = False
        if checkpoint is not None:
            self.save(checkpoint)  # if this is not possible it had better be known now
        try:
            for _ in bar(epochs, self.settings.epochs, done=self.state.epoch) if progress else epochs:
                if checkpoint is not None and self.state.epoch % checkpoint_every == 0:
                    self.save(checkpoint)
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            self._keep_what_is_done()
            if checkpoint is not None:
                self.save(checkpoint)
        return self

    def save(self, path: str | PathLike[str]) -> None:
        """Write a checkpoint. It gets its name when it is complete; errors are those of `Checkpoint.write`."""
        self._keep_what_is_done()
        Checkpoint(self.settings, self.state, self.history, self.notes).write(path)

    @classmethod
    def load(cls, path: str | PathLike[str], *, epochs: int | None = None) -> "Training":
        """Return a training from a checkpoint; ``.run(X, Y)`` goes on as if it had never stopped.

        `epochs` is how many there are to be in all, by default those planned. Errors are those of `Checkpoint.read`.
        """
        settings, state, history, notes = Checkpoint.read(path)
        training = cls(settings if epochs is None else replace(settings, epochs=epochs), notes=notes)
        training.state, training.history = state, list(history)
        return training

    def _keep_what_is_done(self) -> None:
        """Drop the line of an epoch that was broken off between the history and the state."""
        del self.history[self.state.epoch :]

    def _epoch(self, train: Part, held_out: Part | None) -> tuple[Epoch, State]:
        """Return what an epoch makes of the state, and its line of the history."""
        settings = self.settings
        theta, averages, steps, done, best = self.state
        alpha, rule, total = settings.alpha(done), settings.rule, 0.0
        rng = np.random.default_rng([settings.seed, done])
        with np.errstate(over="ignore", invalid="ignore"):  # the cost is then no number, and says why
            for X, Y in train.batches(settings.batch_size, rng):
                m = X.shape[1]
                masks = dropout_masks(settings.layers, m, settings.keep_prob, seed=rng, dtype=theta.dtype)
                J, grads = GRADIENTS[settings.gradients](
                    self.layout.arrays(theta), X, Y, settings.activations, masks=masks,
                    lambd=settings.lambd * m / train.m,
                )  # fmt: skip
                dtheta = self.layout.vector(grads, prefix="d")
                steps += 1
                theta, averages = rule.after(theta, dtheta, averages, steps, alpha)
                total += float(J) * m
        if not np.isfinite(theta).all():
            remedy = f"A smaller learning rate than {settings.learning_rate:g} prevents it, and so may scaled data."
            raise ValueError(f"training: the parameters have overflowed in epoch {done + 1}. {remedy}")
        due = settings.evaluate_every and (done + 1) % settings.evaluate_every == 0
        accuracy = self._evaluate(theta, train)[1] if due else NAN
        validation = NAN, NAN
        if held_out is not None and (due or settings.patience is not None):
            validation = self._evaluate(theta, held_out)
        if settings.patience is not None and (best is None or validation[0] < best.cost):
            best = Best(theta, validation[0], done + 1)
        return Epoch(total / train.m, accuracy, *validation, alpha), State(theta, averages, steps, done + 1, best)

    def _evaluate(self, theta: Array, part: Part) -> tuple[float, float]:
        """Return cost, without penalty and dropout, and accuracy."""
        AL, caches = manual.L_model_forward(part.X, self.layout.arrays(theta), self.settings.activations)
        cost = cost_after(self.settings.last).from_Z(caches[-1][1], part.Y)
        return float(cost), float(np.mean(labels_of(AL) == labels_of(part.Y)))


def bar(epochs: Iterable[Epoch], total: int, *, done: int = 0) -> Iterator[Epoch]:
    """Hand over epochs, `total` with those `done` before, and show the progress on standard error; needs rich."""
    with needed('the progress bar needs rich: pip install "tinygrad-dnn[train]", or train with progress=False'):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    cost, left = TextColumn("cost {task.fields[cost]}"), (TextColumn("left"), TimeRemainingColumn())
    columns = TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), cost, *left
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("training", total=total, completed=done, cost="-")
        for epoch in epochs:
            display.update(task, advance=1, cost=f"{epoch.cost:.6f}")
            yield epoch


def train(
    X: Array, Y: Array, *, validation: tuple[Array, Array] | None = None, progress: bool = False, **settings: Any
) -> Training:
    """Train a network in one call.

    X, Y, validation and progress are as for `Training.run`, `settings` those of `Settings`; `layers` is needed.
    The training that comes back has ``.parameters``, ``.history``, ``.predict(X)``, ``.accuracy(X, Y)``.

    Examples
    --------
    >>> from tinygrad_dnn.dnn.data import moons
    >>> X, Y = moons(seed=1)
    >>> training = train(X, Y, layers=(2, 16, 1), optimiser="adam", learning_rate=0.05, epochs=200)
    >>> training.accuracy(X, Y) > 0.9
    True
    """
    return Training(Settings(**settings)).run(X, Y, validation, progress=progress)
