"""`draw`: a recorded graph as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.tensor import Tensor
from ..support.allowed import one_of
from .backward import show_contributions, show_gradients, show_kept_gradients, show_rules
from .badges import badges
from .collapse import LIMIT, View, view_of
from .collector import uncollected
from .colours import THEMES, Theme
from .dot import attributes, statements
from .escape import lettered, shortened
from .graph import CONSTANTS, graph_of
from .labels import Labels
from .model import Edge, Graph, Node
from .overlay import lay_over
from .picture import Content, Picture

RULES = 60
"""Drawn nodes up to which the rules stand on the edges by themselves."""

WIDE = 7
"""Edges in a row that are drawn from left to right; longer graphs go from top to bottom."""

_LEGEND = "rounded: parameter · dashed: data · double line: result · shaded tab: collapsed · ← flows back"


@uncollected()
def draw(
    y: Tensor | Sequence[Tensor],
    *,
    depth: int | None = None,
    roll: bool | None = None,
    values: bool = True,
    rules: bool | None = None,
    gradients: bool | None = None,
    backward: bool = False,
    cotangent: Any = None,
    constants: str = "named",
    checks: Any = None,
    against: Any = None,
    theme: str = "light",
    direction: str | None = None,
    title: str | None = None,
    legend: bool = False,
    limit: int = LIMIT,
    timeout: float = 20.0,
) -> Picture:
    """Draw the graph that a tensor was computed by.

    Parameters
    ----------
    y : Tensor, or sequence of Tensors
        The result, for instance the cost J.
    depth : int, optional
        How many levels of `scope` are open: 0 draws each outermost one as a box. By default as many as leave at most
        `limit` nodes.
    roll : bool, optional
        Draw equal neighbours (layers, rounds of a loop) once, as ×N. By default where the picture would be too large.
    values : bool
        Show the numbers, cell by cell up to 6×6, beyond that a thumbnail and a summary.
    rules : bool, optional
        Write the chain rule on each edge. By default up to 60 nodes.
    gradients : bool, optional
        True computes them for every node and touches no ``.grad``. By default those are shown that a ``backward()``
        has left. False shows none.
    backward : bool
        Show the backward pass: on each edge upstream × local = contribution, and on each node the sum of its paths.
    cotangent : array_like, shape of y, optional
        What the backward pass starts with; 1 for a scalar.
    constants : {"named", "all", "none"}
        Which constants are drawn as nodes; the others stand in the expressions alone.
    checks, against : dict of arrays, Tensor, or comparison, optional
        What to lay over the picture: gradients by another way (``{"dW1": ...}``), another run of the same program (its
        result), or what the functions of `tinygrad_dnn.referee` return. Each quantity is marked ✓ or ✗, with the
        entry where the two differ most.
    theme : {"light", "dark"}
    direction : {"LR", "TB", "RL", "BT"}, optional
        From left to right, from top to bottom, or the reverse. By default long graphs go from top to bottom.
    title : str, optional
        Stands under the picture.
    legend : bool
        Say under the picture what its signs mean.
    limit : int
        Nodes that a picture may have before something is collapsed by itself.
    timeout : float
        Seconds that the layout may take; then collapsed layers are drawn.

    Returns
    -------
    Picture
        A `graphviz.Digraph`, which a notebook shows. ``.save_as(path)`` saves SVG, PNG, PDF, DOT, JSON or text.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of the above.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor, draw
    >>> a, b, c = Tensor(5.0, name="a"), Tensor(3.0, name="b"), Tensor(2.0, name="c")
    >>> J = (3 * (a + (b * c).named("u")).named("v")).named("J")
    >>> print(draw(J, gradients=True).text())
    a          scalar  5   da = 3
    b          scalar  3   db = 6
    c          scalar  2   dc = 9
    u = b * c  scalar  6   du = 3
    v = a + u  scalar  11  dv = 3
    J = 3 * v  scalar  33  dJ = 1
    """
    outputs = outputs_of(y, "draw")
    one_of(*THEMES).read("draw", "theme", theme)
    one_of(None, "LR", "TB", "RL", "BT").read("draw", "direction", direction)
    one_of(*CONSTANTS).read("draw", "constants", constants)
    compares = checks is not None or against is not None
    all_of_them = bool(backward or compares or gradients) if gradients is not False else None
    graph, shown = studied(outputs, constants, all_of_them, cotangent, {"checks": checks, "against": against}, "draw")

    def picture(view: View, wait: float, note: str) -> Picture:
        full = len(view.items) <= limit
        drawn = drawn_edges(view)
        if full and backward:
            show_contributions(graph, shown, drawn)
        if full and (rules or (rules is None and len(view.items) <= RULES)):
            show_rules(graph, shown, drawn)
        way = direction or ("LR" if full and view.length() <= WIDE else "TB")
        view = replace(view, note=note or note_on(view))
        labels = Labels(THEMES[theme], values, backward, graph.uses(), graph.nodes)
        caption = [title, view.note, _LEGEND if legend else None]
        told = title or f"computation graph of {', '.join(graph.nodes[i].title for i in graph.outputs)}"
        made = Content(view, told, wait)
        return Picture(
            "graph",
            body=body_of(view, labels, THEMES[theme], way, full, [line for line in caption if line]),
            content=made,
        )

    chosen = picture(view_of(graph, depth, roll, limit), timeout, "")
    assert chosen.content is not None
    chosen.content.simpler = lambda: picture(
        view_of(graph, None, None, min(limit, 40)), timeout, "collapsed: the layout of more took too long"
    )
    return chosen


def studied(
    outputs: Sequence[Tensor],
    constants: str,
    gradients: bool | None,
    cotangent: Any,
    overlays: Mapping[str, Any],
    caller: str,
) -> tuple[Graph, list[Tensor | None]]:
    """Return the model of a graph with gradients, badges and overlays, and the Tensor behind each of its nodes.

    Parameters
    ----------
    outputs : sequence of Tensors
    constants : {"named", "all", "none"}
    gradients : bool, optional
        True computes those by every node, False shows those that a ``backward()`` has left, None shows none.
    cotangent : array_like, optional
    overlays : dict
        From the names of the arguments to what is laid over.
    caller : str
        For the messages.
    """
    graph, shown = graph_of(outputs, constants)
    if gradients and outputs[0].requires_grad:
        show_gradients(graph, shown, outputs[0], cotangent, caller)
    elif gradients is not None:
        show_kept_gradients(graph, shown)
    for node in graph.nodes:
        node.badges = badges(node)
    for what, overlay in overlays.items():
        if overlay is not None:
            lay_over(graph, overlay, what)
    return graph, shown


def outputs_of(y: Any, caller: str) -> list[Tensor]:
    """Return the Tensors that somebody wants to see."""
    outputs = list(y) if isinstance(y, (list, tuple)) else [y]
    for x in outputs:
        if not isinstance(x, Tensor):
            raise TypeError(
                f"{caller}: got a {type(x).__name__}; give the Tensor that was computed, or a list of Tensors"
            )
    if not outputs:
        raise ValueError(f"{caller}: got an empty list; give the Tensor that was computed")
    return outputs


def drawn_edges(view: View) -> list[Edge]:
    """The edges that can carry a rule or a number: those of nodes that are drawn themselves."""
    drawn = {item.id for item in view.items if isinstance(item, Node)}
    return [edge for edge in view.graph.edges if edge.source in drawn]


def note_on(view: View) -> str:
    """Say what is not drawn as it is."""
    if len(view.items) == len(view.graph.nodes):
        return ""
    return f"{len(view.graph.nodes):,} nodes, drawn as {len(view.items):,}"


def body_of(view: View, labels: Labels, theme: Theme, direction: str, full: bool, caption: list[str]) -> list[str]:
    """Write a view as the lines of a DOT text."""
    written = '<br align="left"/>'.join(lettered(shortened(line, 160)) for line in caption)
    given = attributes(theme, direction, full, written and f'{written}<br align="left"/>')
    heads = [f"\t{kind} [{' '.join(parts)}]\n" for kind, parts in given.items()]
    return heads + [f"\t{statement}\n" for statement in statements(view, labels, theme, full)]
