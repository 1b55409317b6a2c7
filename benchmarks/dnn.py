"""Training: ``python -m benchmarks.dnn [--pictures TRAIN.h5] [--quick] [--threads N]``.

A complete run rewrites its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tinygrad_dnn.dnn import DNNClassifier, Settings, Training, manual
from tinygrad_dnn.referee import compare

from . import conditions, results
from .results import milliseconds, table, times
from .timing import Timings, clock_for, interleave

NAME, TITLE = "dnn", "Training"

LAYERS, M = (12288, 20, 7, 5, 1), 209
ITERATIONS, GOAL_SECONDS = 2500, 60
GOAL_STEP, GOAL_COMPARE, GOAL_FIT, GOAL_ACCURACY = 0.75, 5, 1.0, 0.01

Array = np.ndarray


class Examples(NamedTuple):
    """What the course's network learns from."""

    X: Array
    Y: Array
    name: str


def examples(pictures: Path | None, m: int = M, seed: int = 1) -> Examples:
    """Read the training pictures, or draw as many of that shape.

    Examples
    --------
    >>> drawn = examples(None)
    >>> drawn.X.shape, drawn.Y.shape, float(drawn.X.max()) <= 1
    ((12288, 209), (1, 209), True)
    """
    if pictures is not None:
        from tinygrad_dnn.dnn.data import load

        data = load(pictures, test_size=0)
        return Examples(data.X_train, data.Y_train, "the pictures")
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 256, (LAYERS[0], m)) / 255
    return Examples(X, (rng.random((1, m)) < 0.35) * 1.0, "random pictures of the same shape")


def steps(X: Array, Y: Array, layers: Sequence[int]) -> dict[str, Callable[[], Any]]:
    """Return a step of gradient descent for each contender: cost, gradients and update, from the same parameters on."""
    return {
        "as in the course": by_the_course(X, Y, layers),
        "by hand, without dA0": in_training(X, Y, layers, "manual"),
        "autodiff": in_training(X, Y, layers, "autodiff"),
    }


def by_the_course(X: Array, Y: Array, layers: Sequence[int]) -> Callable[[], float]:
    """The loop of the course, with its functions as this package has them."""
    parameters = manual.initialize_parameters_deep(layers, scaling="fan_in")

    def step() -> float:
        nonlocal parameters
        AL, caches = manual.L_model_forward(X, parameters)
        cost = manual.compute_cost(AL, Y)
        parameters = manual.update_parameters(parameters, manual.L_model_backward(AL, Y, caches), 0.0075)
        return float(cost)

    return step


def in_training(X: Array, Y: Array, layers: Sequence[int], gradients: str) -> Callable[[], float]:
    """A training of this package, an epoch at a time."""
    training = Training(Settings(layers=layers, epochs=10**9, evaluate_every=0, gradients=gradients))
    epochs = training.epochs(X, Y)
    return lambda: next(epochs).cost


def verify(made: dict[str, Callable[[], float]], n: int = 5) -> None:
    """Check that the contenders learn the same.

    Raises
    ------
    AssertionError
        If their cost curves differ.
    """
    curves = {name: [step() for _ in range(n)] for name, step in made.items()}
    first, *others = curves.values()
    for curve in others:
        np.testing.assert_allclose(curve, first, rtol=1e-10)


def step_section(data: Examples, *, quick: bool, clock: Callable[[], float]) -> str:
    """Time a step of training on the course's network."""
    made = steps(data.X, data.Y, LAYERS)
    verify(made)
    timings = interleave(made, rounds=5 if quick else 40, turn=0.0 if quick else 0.05, clock=clock)
    control = "as in the course"
    rows = [
        [name, milliseconds(timings.spread(name).median), times(timings.ratio(name, control)), _goal(name, timings)]
        for name in made
    ]
    return (
        f"A step of gradient descent on {'-'.join(map(str, LAYERS))}, m = {data.X.shape[1]}, {data.name}: cost, "
        "gradients and update. The course computes dA0 too, which nobody learns from.\n\n"
        f"{table(['gradients', 'ms', 'of the course', 'goal'], rows)}"
    )


def _goal(name: str, timings: Timings) -> str:
    if name != "autodiff":
        return ""
    return _verdict(timings.ratio(name, "as in the course").median, GOAL_STEP)


def _verdict(found: float, goal: float, unit: str = "") -> str:
    """Say whether a goal is reached.

    Examples
    --------
    >>> _verdict(0.5, 0.75), _verdict(61, 60, " s")
    ('≤ 0.75: reached', '≤ 60 s: missed')
    """
    return f"≤ {goal:g}{unit}: {'reached' if found <= goal else 'missed'}"


def runs_section(data: Examples, *, quick: bool, clock: Callable[[], float]) -> str:
    """Time a whole training and a comparison."""
    iterations = ITERATIONS // 50 if quick else ITERATIONS
    seconds = {way: _seconds(lambda way=way: _train(data, iterations, way), clock) for way in ("autodiff", "manual")}
    parameters = manual.initialize_parameters_deep(LAYERS, scaling="fan_in")
    comparison = _seconds(lambda: compare(parameters, data.X, data.Y, finite_differences=False), clock)
    rows = [
        *(
            [f"{iterations} iterations, {way}", f"{s:.1f}", _verdict(s * ITERATIONS / iterations, GOAL_SECONDS, " s")]
            for way, s in seconds.items()
        ),
        ["compare, without finite differences", f"{comparison:.2f}", _verdict(comparison, GOAL_COMPARE, " s")],
    ]
    return f"On the same, accuracy noted in every tenth iteration:\n\n{table(['what', 'seconds', 'goal'], rows)}"


def _train(data: Examples, iterations: int, gradients: str) -> Training:
    return Training(Settings(layers=LAYERS, epochs=iterations, gradients=gradients)).run(data.X, data.Y)


def _seconds(call: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    call()
    return clock() - start


class Digits(NamedTuple):
    """Scikit-learn's digits, split, and the settings that both networks share."""

    hidden: tuple[int, ...] = (100,)
    epochs: int = 50
    batch_size: int = 200

    def networks(self, seed: int) -> dict[str, Any]:
        """Return both networks, untrained: Adam with the same constants, no penalty, no early stopping."""
        from sklearn.neural_network import MLPClassifier

        same = {"hidden_layer_sizes": self.hidden, "batch_size": self.batch_size, "random_state": seed}
        return {
            "MLPClassifier": MLPClassifier(**same, max_iter=self.epochs, alpha=0, tol=0, n_iter_no_change=self.epochs),
            "DNNClassifier": DNNClassifier(**same, epochs=self.epochs),
            "DNNClassifier, by hand": DNNClassifier(**same, epochs=self.epochs, gradients="manual"),
        }

    def parts(self, seed: int) -> Any:
        """Return X_train, X_test, y_train, y_test."""
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        X, y = load_digits(return_X_y=True)
        return train_test_split(X / 16, y, test_size=0.3, random_state=seed, stratify=y)

    def accuracies(self, seeds: Sequence[int]) -> dict[str, float]:
        """Return the mean accuracy on the test parts of several splits."""
        found: dict[str, list[float]] = {}
        for seed in seeds:
            X_train, X_test, y_train, y_test = self.parts(seed)
            for name, network in self.networks(seed).items():
                found.setdefault(name, []).append(network.fit(X_train, y_train).score(X_test, y_test))
        return {name: float(np.mean(scores)) for name, scores in found.items()}

    def fits(self) -> dict[str, Callable[[], Any]]:
        """Return what is timed."""
        X_train, _, y_train, _ = self.parts(seed=1)
        return {name: lambda network=network: network.fit(X_train, y_train) for name, network in self.networks(1).items()}


def digits_section(*, quick: bool, clock: Callable[[], float], task: Digits | None = None) -> str:
    """Compare the classifier with scikit-learn's own network."""
    task = task or Digits()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Stochastic Optimizer: Maximum iterations")
        accuracies = task.accuracies(range(1, 3 if quick else 11))
        timings = interleave(task.fits(), rounds=3 if quick else 20, turn=0, clock=clock)
    control = "MLPClassifier"
    rows = []
    for name, accuracy in accuracies.items():
        ratio = timings.ratio(name, control)
        goal = _verdict(ratio.median, GOAL_FIT) if name == "DNNClassifier" else ""
        rows.append([name, f"{100 * accuracy:.2f}", milliseconds(timings.spread(name).median), times(ratio), goal])
    apart = abs(accuracies["DNNClassifier"] - accuracies[control])
    sizes = "-".join(map(str, (64, *task.hidden, 10)))
    return (
        f"Scikit-learn's digits, {sizes}, Adam, {task.epochs} epochs, mini-batches of {task.batch_size}, no penalty; "
        "accuracy is the mean over the test parts of ten splits.\n\n"
        f"{table(['network', 'accuracy, %', 'fit, ms', 'of scikit-learn', 'goal'], rows)}\n"
        f"The accuracies are {100 * apart:.2f} % apart ({_verdict(apart, GOAL_ACCURACY)}).\n"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dnn", description=__doc__)
    parser.add_argument("--pictures", type=Path, help="the course's training file; without it pictures are drawn")
    parser.add_argument("--quick", action="store_true", help="few rounds: does it run? Nothing is written")
    parser.add_argument("--threads", type=int, default=1, help="for everybody; more than 1 only on an idle machine")
    options = parser.parse_args(arguments)
    clock = clock_for(options.threads)
    data = examples(options.pictures)
    with conditions.threads(options.threads):
        where = conditions.describe()
        text = "\n".join(
            [
                step_section(data, quick=options.quick, clock=clock),
                runs_section(data, quick=options.quick, clock=clock),
                digits_section(quick=options.quick, clock=clock),
            ]
        )
    print(f"{where}\n\n## {TITLE}\n\n{text}")
    if not options.quick:
        results.write(NAME, TITLE, where, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
