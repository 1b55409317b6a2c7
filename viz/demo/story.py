"""Train on the breast-cancer data, and referee the gradients at the first step, in the middle and at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tinygrad_dnn.dnn import Settings, Training
from tinygrad_dnn.dnn.data import Dataset, load
from tinygrad_dnn.referee import Comparison, compare

DATA = "breast-cancer"
SETTINGS = Settings(
    layers=(30, 16, 8, 1),
    optimiser="adam",
    learning_rate=0.005,
    epochs=40,
    batch_size=64,
    lambd=3.0,
    evaluate_every=1,
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Story:
    """The results of the demonstration."""

    data: Dataset
    training: Training  # with gradients by autodiff, finished
    comparisons: dict[int, Comparison]  # by the number of epochs before each
    by_hand: float  # the largest difference of the cost curve to that of the same training by hand

    @property
    def ok(self) -> bool:
        """True if all gradients agree."""
        return all(comparison.ok for comparison in self.comparisons.values())

    @property
    def test_accuracy(self) -> float:
        """The share of right answers on the test part."""
        return self.training.accuracy(self.data.X_test, self.data.Y_test)


def tell(settings: Settings = SETTINGS, say: Say = print) -> Story:
    """Load, train and compare; `say` is called with each paragraph of the narration."""
    data = load(DATA, seed=settings.seed)
    say(f"{data}\n")
    training = Training(settings)
    comparisons = {0: _compared(training, data, say)}
    for epoch in training.epochs(data.X_train, data.Y_train, (data.X_test, data.Y_test)):
        n = training.state.epoch
        if n % 10 == 0:
            say(f"epoch {n:>4}: cost {epoch.cost:.6f}, training accuracy {100 * epoch.accuracy:.1f} %")
        if n in (settings.epochs // 2, settings.epochs):
            comparisons[n] = _compared(training, data, say)
    by_hand = Training(replace(settings, gradients="manual")).run(data.X_train, data.Y_train)
    curves = np.array([[epoch.cost for epoch in t.history] for t in (training, by_hand)])
    return Story(data, training, comparisons, float(np.abs(curves[0] - curves[1]).max()))


def _compared(training: Training, data: Dataset, say: Say) -> Comparison:
    settings, n = training.settings, training.state.epoch
    when = "Before the first step" if n == 0 else f"After epoch {n}"
    comparison = compare(
        training.parameters, data.X_train, data.Y_train, settings.activations, lambd=settings.lambd, seed=settings.seed
    )
    say(f"\n{when}:\n{comparison}\n")
    return comparison
