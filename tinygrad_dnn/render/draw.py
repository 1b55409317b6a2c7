"""`draw`: a recorded graph as a picture, and the options that it shares with `explore`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from textwrap import wrap
from typing import Any

from numpy.typing import ArrayLike

from ..core.tensor import Tensor
from ..derive.convention import CONVENTIONS, Examples, examples_of, note, summed
from ..derive.simplify import recognised
from ..inplace.history import replayed
from ..support.allowed import one_of, optional, whole
from ..support.text import text_beside
from ..support.words import checked_language, said
from .annotate import Overlay, add_contributions, add_gradients, badges, lay_over
from .collapse import LIMIT, Box, View, view_of
from .labels import Labels, Step
from .layout import dot_of
from .markup import THEMES
from .model import CONSTANTS, Graph, graph_of
from .picture import Content, Picture
from .rules import add_rules

CHOICES = {"draw": (*THEMES,), "explore": ("auto", *THEMES)}  # the themes of each function; "auto" is the reader's own
DESCRIPTION = text_beside(__file__, "draw.txt").rstrip("\n")
RULES = 60  # drawn nodes up to which the rules stand on the edges by default
SIMPLE = 40  # drawn nodes where the layout of more takes too long


@dataclass
class Options:
    """The arguments of one call of `draw` or `explore`, which is the caller, as in `DESCRIPTION`."""

    caller: str
    y: Tensor | Sequence[Tensor]
    depth: int | None = None
    roll: bool | None = None
    cotangent: ArrayLike | None = None
    constants: str = "named"
    checks: Overlay | None = None
    against: Overlay | None = None
    theme: str = "light"
    title: str | None = None
    limit: int = LIMIT
    timeout: float = 20.0
    simplify: bool = False
    language: str = "en"
    convention: str | None = None
    examples: Examples | None = field(default=None, init=False)  # that the first output is a mean over

    def __post_init__(self) -> None:
        self.given: list[Any] = list(self.y) if isinstance(self.y, (list, tuple)) else [self.y]
        if not self.given:
            raise ValueError(f"{self.caller}: got an empty list; give the Tensor that was computed")
        for kind in {type(x).__name__ for x in self.given if not isinstance(x, Tensor)}:
            raise TypeError(f"{self.caller}: got {kind}; give the Tensor that was computed, or a list of Tensors")
        one_of(*CHOICES[self.caller]).read(self.caller, "theme", self.theme)
        optional(whole(at_least=0)).read(self.caller, "depth", self.depth)
        one_of(*CONSTANTS).read(self.caller, "constants", self.constants)
        one_of(*CONVENTIONS).read(self.caller, "convention", self.convention)
        checked_language(self.caller, self.language)

    @cached_property
    def outputs(self) -> list[Tensor]:
        """The Tensors to show, the one that gradients are of first."""
        given = replayed(self.given)
        found = [*map(recognised(*given), given)] if self.simplify else given
        if self.convention == "course":
            found[0], self.examples = summed(found[0], self.caller)
        elif self.convention is None and self.cotangent is None:
            self.examples = examples_of(found[0])
        return found

    def note(self, language: str) -> str:
        """Return the words on the form that is shown, if there are two."""
        course = f" (m = {self.examples.m})" if self.examples and self.convention == "course" else ""
        return note(self.convention, self.examples, language) + course


def annotated(options: Options, gradients: bool | None) -> Graph:
    """Return the model of a graph with badges, overlays and gradients: all (True), those there (False), none (None)."""
    graph, output = graph_of(options.outputs, options.constants), options.outputs[0]
    graph.language, graph.examples, graph.course = options.language, options.examples, options.convention == "course"
    if gradients and output.requires_grad:
        add_gradients(graph, output, options.cotangent, options.caller)
    elif gradients is not None:
        for node in graph.nodes:  # before a backward pass nothing is shown, not 0
            node.gradient = None if node.tensor is None else vars(node.tensor).get("grad")
    for node in graph.nodes:
        node.badges = badges(node, graph.language)
    for name, other in (("checks", options.checks), ("against", options.against)):
        if other is not None:
            lay_over(graph, other, f"{options.caller}: {name}")
    return graph


def draw(
    y: Tensor | Sequence[Tensor], *, depth: int | None = None, roll: bool | None = None, values: bool = True,
    rules: bool | None = None, gradients: bool | None = None, backward: bool = False,
    cotangent: ArrayLike | None = None, constants: str = "named", checks: Overlay | None = None,
    against: Overlay | None = None, theme: str = "light", direction: str | None = None, title: str | None = None,
    legend: bool = False, limit: int = LIMIT, timeout: float = 20.0, simplify: bool = False,
    language: str = "en", convention: str | None = None, steps: bool = False,
) -> Picture:  # fmt: skip
    """Draw the graph that a tensor was computed by.

    TypeError or ValueError is raised if an argument is none of these.

    Parameters
    ----------
    y : Tensor, or sequence of Tensors
        The result, for instance the cost J.
    {options}
    values, rules : bool, optional
        Show the numbers, cell by cell up to 6×6, beyond that a thumbnail and a summary; write the chain rule on each
        edge, by default up to 60 nodes.
    gradients : bool, optional
        True computes them for every node and changes no ``.grad``. By default those are shown that a ``backward()``
        has left. False shows none.
    backward : bool
        Show the backward pass: on each edge upstream × local = contribution, and on each node the sum of its paths.
    theme : {"light", "dark"}
    direction : {"LR", "TB", "RL", "BT"}, optional
        From left to right, from top to bottom, or the reverse. By default long graphs go from top to bottom.
    legend : bool
        Explain the signs of the picture below it.
    steps : bool
        Draw a picture for each step too, forward and then backward, all of one layout: ``.steps`` is a list of them,
        and ``.save_as("folder")`` writes 000.svg, 001.svg, ... for slides.

    Returns
    -------
    Picture
        A `graphviz.Digraph`, which a notebook shows. ``.save_as(path)`` saves SVG, PNG, PDF, DOT, JSON or text.

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
    shared = depth, roll, cotangent, constants, checks, against, theme, title, limit, timeout, simplify
    options = Options("draw", y, *shared, language, convention)
    one_of(None, "LR", "TB", "RL", "BT").read("draw", "direction", direction)
    backward = backward or steps
    compares = checks is not None or against is not None
    computed = None if gradients is False else bool(backward or compares or gradients or convention == "course")
    graph = annotated(options, computed)
    labels = Labels(graph, graph.uses(), THEMES[theme], values, backward)

    def picture(view: View, simpler: Callable[[], Picture] | None = None) -> Picture:
        if view.is_full and backward:
            add_contributions(graph, view.edges)
        if view.is_full and (rules or (rules is None and len(view.items) <= RULES)):
            add_rules(graph, view.edges)
        caption = [line for line in (title, view.note, said("legend", language) if legend else None) if line]
        if computed or convention:
            caption += wrap(options.note(language), 110 if language == "en" else 55)
        name = title or said("graph of", language, names=", ".join(graph.nodes[i].title for i in graph.outputs))

        def drawn(step: Step | None, slides: Sequence[Picture] = ()) -> Picture:
            body = dot_of(view, replace(labels, step=step), direction, caption)
            return Picture("graph", body=body, content=Content(view, name, timeout, simpler, slides))

        return drawn(None, [*map(drawn, _steps(view))] if steps else ())

    def simpler() -> Picture:
        view = view_of(graph, limit=min(limit, SIMPLE), most=limit)
        return picture(replace(view, note=said("too slow", language)))

    return picture(view_of(graph, depth, roll, limit), simpler)


draw.__doc__ = str(draw.__doc__).replace("    {options}", DESCRIPTION)


def _steps(view: View) -> Iterator[Step]:
    """Yield the steps of a view: what is given, then each result, then each gradient from the end back."""
    members = {item.key: item.members if isinstance(item, Box) else [item] for item in view.items}
    made = [key for key, nodes in members.items() if not all(node.is_leaf for node in nodes)]
    given = set(members) - set(made)
    for k in range(len(made) + 1):
        yield Step(made[k - 1] if k else "", given | set(made[:k]))
    back = [key for key, nodes in reversed(members.items()) if any(node.gradient is not None for node in nodes)]
    for k, key in enumerate(back):
        yield Step(key, set(members), set(back[: k + 1]))
