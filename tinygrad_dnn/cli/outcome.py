"""The folder that a training leaves with --out: network, curves, decision boundary, summary as HTML and JSON."""

from pathlib import Path

from ..dnn.data.dataset import Dataset
from ..dnn.summary import as_json, as_text
from ..dnn.training import Training
from ..render import plots
from ..render.decision import decision_boundary
from ..support.files import write_atomically
from ..support.optional import needed
from ..support.text import entities

NETWORK = "network.safetensors"

_PAGE = Path(__file__).with_suffix(".html").read_text("utf-8")


def prepare(folder: Path) -> None:
    """Make the folder, and ask for Matplotlib before the training and not after it."""
    with needed('--out draws with Matplotlib, which is not installed: pip install "tinygrad-dnn[plot]"'):
        import matplotlib.figure  # noqa: F401
    folder.mkdir(parents=True, exist_ok=True)


def write_outcome(folder: Path, training: Training, data: Dataset, seconds: float) -> None:
    """Write all of it; the network itself is the training's checkpoint."""
    figures = _figures(training, data)
    for name, svg in figures.items():
        write_atomically(folder / f"{name}.svg", svg.encode())
    page = _PAGE.format(
        title=f"A network for {entities(data.name)}",
        text=entities(as_text(training, data, seconds)),
        figures="".join(f"<figure>{svg[svg.index('<svg') :]}</figure>" for svg in figures.values()),
        network=NETWORK,
    )
    write_atomically(folder / "summary.html", page.encode())
    write_atomically(folder / "summary.json", as_json(training, data, seconds).encode())


def _figures(training: Training, data: Dataset) -> dict[str, str]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    plots.cost_curve(left, training.history)
    plots.accuracy_curve(right, training.history)
    drawn = {"curves": plots.as_svg(figure)}
    if data.n_features == 2 and data.n_outputs == 1:
        figure = Figure(figsize=(6, 4.5), layout="constrained")
        decision_boundary(figure.subplots(), training.probabilities, data.X_train, data.Y_train)
        drawn["boundary"] = plots.as_svg(figure)
    return drawn
