"""The progress bar: epochs, cost, time left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..support.optional import needed

if TYPE_CHECKING:
    from .state import Epoch


def bar(epochs: Iterable[Epoch], total: int, *, done: int = 0) -> Iterator[Epoch]:
    """Hand over epochs, and show on standard error how far they are.

    `total` is how many there will be, `done` how many there have been before. ModuleNotFoundError is raised if rich is
    not installed.
    """
    with needed('the progress bar needs rich: pip install "tinygrad-dnn[train]", or train with progress=False'):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    columns = (
        *(TextColumn("epoch"), MofNCompleteColumn(), BarColumn()),
        *(TextColumn("cost {task.fields[cost]}"), TextColumn("left"), TimeRemainingColumn()),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("training", total=total, completed=done, cost="-")
        for epoch in epochs:
            display.update(task, advance=1, cost=f"{epoch.cost:.6f}")
            yield epoch
