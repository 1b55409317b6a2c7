"""Summary of a training, as text and JSON."""

import json
import math

from ..support.text import finite, missing
from .data.dataset import Dataset
from .state import Epoch
from .training import Training

LINES = 10  # how much of the history is printed


def as_text(training: Training, data: Dataset, seconds: float) -> str:
    """Describe network, training, history and accuracy for a terminal."""
    s = training.settings
    sizes = {"training": data.X_train.shape[1], "test": data.X_test.shape[1]}
    found = [(share, sizes[name], name) for name, share in accuracies(training, data).items()]
    shares = ", ".join(f"{name} {100 * share:.1f} % ({round(share * m)} of {m})" for share, m, name in found)
    parts = {"L2 penalty λ": s.lambd or None, "keep probability": s.keep_prob if s.keep_prob != 1 else None}
    regularisation = "".join(f", {name} {value}" for name, value in parts.items() if value is not None)
    batches = f"mini-batches of {s.batch_size}" if s.batch_size else "one batch"
    head = [
        f"{data.name}: {data.source}",
        f"Network {'-'.join(map(str, s.layers))} ({', '.join(s.activations or ())}), "
        f"{training.state.theta.size} parameters, {s.dtype}; gradients: {s.gradients}",
        f"{s.optimiser}, learning rate {s.learning_rate:g}, {batches}, seed {s.seed}{regularisation}",
    ]
    return "\n".join([*head, "", *_history(training), "", f"{_ending(training)}, {seconds:.1f} s. Accuracy: {shares}."])


def as_json(training: Training, data: Dataset, seconds: float) -> str:
    """Write settings, history and accuracy as a JSON object; what is not finite becomes null."""
    history = finite([epoch._asdict() for epoch in training.history], missing)
    plain = {
        "data": {"name": data.name, "source": data.source, "classes": list(data.class_names)},
        "settings": training.settings.to_json(), "parameters": training.state.theta.size,
        "epochs": training.state.epoch, "ending": _ending(training), "interrupted": training.interrupted,
        "cost": history[-1]["cost"] if history else None, "accuracy": accuracies(training, data),
        "seconds": round(seconds, 3), "history": history,
    }  # fmt: skip
    return json.dumps(plain, indent=2, ensure_ascii=False)


def accuracies(training: Training, data: Dataset) -> dict[str, float]:
    """Return the share of right answers on the training and, if there is one, on the test part."""
    parts = {"training": (data.X_train, data.Y_train), "test": (data.X_test, data.Y_test)}
    return {name: training.accuracy(X, Y) for name, (X, Y) in parts.items() if X.shape[1]}


def _ending(training: Training) -> str:
    epoch, best = training.state.epoch, training.state.best
    if training.interrupted:
        return f"Interrupted after epoch {epoch}"
    if best and epoch < training.settings.epochs:
        return f"Stopped early after epoch {epoch}, best was {best.epoch}"
    return f"{epoch} epochs" + (f", best was {best.epoch}" if best else "")


def _history(training: Training) -> list[str]:
    """A line for some of the epochs that were evaluated, or of all if none was."""
    lines = [*enumerate(training.history, start=1)]
    lines = [line for line in lines if not math.isnan(line[1].accuracy)] or lines
    wanted = {round(i * (len(lines) - 1) / (LINES - 1)) for i in range(LINES)} if lines else set()
    columns = [i for i in range(len(Epoch._fields) - 1) if any(not math.isnan(epoch[i]) for _, epoch in lines)]
    names = [Epoch._fields[i].replace("_", " ") for i in columns]
    head = "  ".join(["epoch", *(f"{name:>{max(8, len(name))}}" for name in names)])
    rows = []
    for n, epoch in (lines[k] for k in sorted(wanted)):
        rows.append("  ".join([f"{n:>5}", *(f"{epoch[i]:>{max(8, len(name))}.5g}" for i, name in zip(columns, names))]))
    return [head, *rows]
