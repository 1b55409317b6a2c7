"""`explore`: a recorded graph as a page to walk through, forward and backward."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from pathlib import Path
from typing import Any

from ..core.errors import StaleError
from ..core.tensor import Tensor
from ..derive import derive
from ..support.allowed import one_of
from .backward import show_contributions, show_rules
from .collapse import LIMIT, view_of
from .draw import draw, outputs_of, studied
from .escape import shortened, visible
from .export import as_text, write_whole
from .graph import CONSTANTS
from .layout import LayoutError
from .model import Graph
from .page import data_of, page_of, pictures, pulled
from .picture import Picture

THEMES = ("auto", "light", "dark")

RULES = 400
"""Nodes up to which the rule on every edge is in the page, drawn or not."""

DERIVED = 150
"""Nodes up to which the page has the whole derivation too."""

HEADING = 200
"""Characters of a title that are shown."""

HEIGHT = 760
"""Of the frame in a notebook, in pixels."""


@dataclass(eq=False)
class Page:
    """A page to walk through a graph. In a notebook it shows itself.

    Attributes
    ----------
    data : dict
        What the page knows, as JSON can hold it: nodes, edges, formulas, pictures, paths.
    theme : {"auto", "light", "dark"}
    """

    data: dict[str, Any]
    theme: str
    _still: Callable[[], Picture]

    @cached_property
    def html(self) -> str:
        """The page: one HTML file that asks nothing of the network."""
        return page_of(self.data, self.theme)

    def save(self, path: str | Path) -> Path:
        """Save the page; a file that is there is replaced, whole or not at all.

        Parameters
        ----------
        path : str or Path
            Its folder must exist.

        Returns
        -------
        Path
        """
        return write_whole(path, self.html.encode("utf-8"), "explore")

    def __repr__(self) -> str:
        text: str = self.data["summary"]
        return text

    def _repr_html_(self) -> str:
        """Return a frame that may run the page's script and nothing else."""
        return (
            f'<iframe sandbox="allow-scripts" title="{escape(self.data["title"])}" width="100%" height="{HEIGHT}" '
            f'style="border:0" srcdoc="{escape(self.html)}"></iframe>'
        )

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """The frame; for where frames are not trusted a picture; and text."""
        still = self._still()._repr_mimebundle_(include=("image/png", "text/plain"))
        bundle = {"text/html": self._repr_html_(), **still}
        unwanted = set(exclude or ())
        return {
            kind: made for kind, made in bundle.items() if (include is None or kind in include) and kind not in unwanted
        }


def explore(
    y: Tensor | Sequence[Tensor],
    *,
    depth: int | None = None,
    roll: bool | None = None,
    cotangent: Any = None,
    constants: str = "named",
    checks: Any = None,
    against: Any = None,
    theme: str = "auto",
    title: str | None = None,
    limit: int = LIMIT,
    timeout: float = 20.0,
) -> Page:
    """Make a page on which to walk through the graph of a tensor, forward and backward, step by step.

    Each step shows the general rule, the rule with your names, and with your numbers. Gradients can be guessed before
    they are shown, followed along single paths and, where everything is a number, seen to change with the inputs.

    Parameters
    ----------
    y : Tensor, or sequence of Tensors
        The result, for instance the cost J. The gradients are those of the first.
    depth : int, optional
        How many levels of `scope` are open at first; the page has the others too.
    roll : bool, optional
        Draw equal neighbours once, as ×N. By default where the picture would be too large.
    cotangent : array_like, shape of y, optional
        What the backward pass starts with; 1 for a scalar.
    constants : {"named", "all", "none"}
        Which constants are steps of their own; the others stand in the formulas alone.
    checks, against : dict of arrays, Tensor, or comparison, optional
        What to compare with, as for `draw`: each quantity is marked ✓ or ✗, with the entry where the two differ most.
    theme : {"auto", "light", "dark"}
        "auto" is what the reader's system has.
    title : str, optional
        The heading.
    limit : int
        Things that the first picture may have before something is collapsed by itself.
    timeout : float
        Seconds that the layout of a picture may take; then collapsed layers are drawn.

    Returns
    -------
    Page
        A notebook shows it; ``.save(path)`` writes it to one HTML file, which needs no network. Without a layout engine
        the page has the steps and the formulas, and says how to get the picture.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of the above.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor, explore
    >>> a, b, c = Tensor(5.0, name="a"), Tensor(3.0, name="b"), Tensor(2.0, name="c")
    >>> page = explore((3 * (a + (b * c).named("u")).named("v")).named("J"), title="The chain rule")
    >>> page
    a          scalar  5   da = 3
    b          scalar  3   db = 6
    c          scalar  2   dc = 9
    u = b * c  scalar  6   du = 3
    v = a + u  scalar  11  dv = 3
    J = 3 * v  scalar  33  dJ = 1
    >>> page.save("chain.html")  # doctest: +SKIP
    """
    outputs = outputs_of(y, "explore")
    one_of(*THEMES).read("explore", "theme", theme)
    one_of(*CONSTANTS).read("explore", "constants", constants)
    graph, shown = studied(outputs, constants, True, cotangent, {"checks": checks, "against": against}, "explore")
    show_contributions(graph, shown, graph.edges)
    if len(graph.nodes) <= RULES:
        show_rules(graph, shown, graph.edges)
    root = outputs[0]
    names = ", ".join(shortened(visible(graph.nodes[i].title)) for i in graph.outputs)
    data = data_of(graph, shown, shortened(visible(title), HEADING) if title else f"{names}, step by step")
    data["summary"] = as_text(view_of(graph, depth, roll, limit))
    data["pictures"], data["why"] = _pictures(graph, shown, depth, roll, limit, timeout)
    if root.requires_grad:
        data["pulls"] = {} if data["scalar"] else pulled(graph, shown, cotangent)
        data["derivation"] = _derivation(graph, root, cotangent)
    how: dict[str, Any] = {"depth": depth, "roll": roll, "cotangent": cotangent, "constants": constants}
    return Page(data, theme, partial(draw, y, gradients=True, timeout=timeout, **how))


def _pictures(graph: Graph, *how: Any) -> tuple[list[dict[str, Any]], str]:
    """The pictures, or why there are none."""
    try:
        return list(pictures(graph, *how)), ""
    except LayoutError as error:
        return [], str(error)


def _derivation(graph: Graph, root: Tensor, cotangent: Any) -> dict[str, str] | None:
    """The whole chain rule as formulas."""
    if len(graph.nodes) > DERIVED:
        return None
    try:
        found = derive(root, cotangent=cotangent)
    except StaleError:  # a leaf has another value by now; the page shows the one that was computed with
        return None
    table = re.sub(r' style="[^"]*"', "", found.mathml)  # the page's policy allows no styles but those of its sheet
    return {"mathml": table, "latex": found.latex, "text": found.text}
