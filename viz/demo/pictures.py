"""Pictures of the report: curves, the computation graph, the derivation."""

from __future__ import annotations

from typing import NamedTuple

from tinygrad_dnn.core.tensor import Tensor
from tinygrad_dnn.derive import derive
from tinygrad_dnn.dnn import cost, tensors
from tinygrad_dnn.render import LayoutError, Page, draw, explore
from tinygrad_dnn.render.markup import GREEN
from tinygrad_dnn.render.plots import accuracy_curve, as_svg, cost_curve

from .story import Story


class Graph(NamedTuple):
    """The picture of the computation graph; without a layout engine, the graph as text, and the reason."""

    svg: str | None
    text: str
    why: str = ""


def final_cost(story: Story) -> Tensor:
    """Return the cost of the trained network on the training part, with its record."""
    settings, data = story.training.settings, story.data
    parameters = tensors(story.training.parameters)
    return cost(parameters, data.X_train, data.Y_train, settings.activations, lambd=settings.lambd)


def curves(story: Story) -> str:
    """Draw cost and accuracy side by side, as SVG; vertical lines mark where gradients were compared."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, draw_curve in zip(figure.subplots(1, 2), (cost_curve, accuracy_curve)):
        draw_curve(axes, story.training.history)
        for epoch in story.comparisons:
            axes.axvline(epoch, color=GREEN, linestyle=":", linewidth=1)
    return as_svg(figure)


def graph(story: Story) -> Graph:
    """Draw the computation graph of the cost, each gradient marked as the referee judged it."""
    picture = draw(final_cost(story), checks=story.comparisons[story.training.state.epoch], legend=True)
    try:
        return Graph(picture.svg(), picture.text())
    except LayoutError as error:
        return Graph(None, picture.text(), str(error))


def stepper(story: Story) -> Page:
    """Return the page that walks through that graph, forward and backward."""
    checks = story.comparisons[story.training.state.epoch]
    return explore(final_cost(story), checks=checks, title="The trained network, step by step")


def derivation(story: Story) -> str:
    """Return the chain rule for the cost as formulas."""
    return str(derive(final_cost(story)))
