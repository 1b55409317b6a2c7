"""`explore`: a recorded graph as a page to walk through, forward and backward."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..core import StaleError, Tensor
from ..derive import derive
from ..derive.question import points
from ..support.elsewhere import elsewhere
from ..support.text import shortened, text_beside
from ..support.words import LANGUAGES, said
from .annotate import Overlay, add_contributions
from .collapse import LIMIT, view_of
from .draw import DESCRIPTION, Options, annotated, draw
from .export import as_text
from .markup import visible
from .page import html
from .page.data import data_of, pulled
from .page.html import HtmlPage
from .page.layouts import pictures
from .picture import Formats, Picture, selected
from .rules import Formulas, add_rules

RULES = 400  # nodes up to which the page has the rule of every edge, drawn or not
DERIVED = 150  # nodes up to which the page has the whole derivation too
HEADING = 200  # characters of a title that are shown


@dataclass(eq=False)
class Page(HtmlPage):
    """A page that walks through a graph. In a notebook it shows itself."""

    data: dict[str, Any]  # fit for JSON: nodes, edges, formulas, pictures, paths
    theme: str  # "auto", "light" or "dark"
    _still: Callable[[], Picture]
    caller: ClassVar[str] = "explore"
    height: ClassVar[int] = 760

    @cached_property
    def html(self) -> str:
        """The page: one HTML file that makes no request."""
        data = {key: found for key, found in self.data.items() if key != "summary"}
        css, script = text_beside(html.__file__, "page.css"), html.module() + html.START
        return html.document(data, self.theme, css, script, self.data["outline"])

    def __repr__(self) -> str:
        return str(self.data["summary"])

    def _repr_mimebundle_(self, include: Formats = None, exclude: Formats = None) -> dict[str, Any]:
        """Return the frame, a picture for where frames are not trusted, and text."""
        still = self._still()._repr_mimebundle_(include=("image/png", "text/plain"))
        return selected({"text/html": self._repr_html_(), **still}, include, exclude)


elsewhere(Page, "Page")


def explore(
    y: Tensor | Sequence[Tensor], *, depth: int | None = None, roll: bool | None = None,
    cotangent: ArrayLike | None = None, constants: str = "named", checks: Overlay | None = None,
    against: Overlay | None = None, theme: str = "auto", title: str | None = None, limit: int = LIMIT,
    timeout: float = 20.0, simplify: bool = False, language: str = "en", convention: str | None = None,
) -> Page:  # fmt: skip
    """Make a page that walks through the graph of a tensor, forward and backward, step by step.

    Each step shows the general rule, the rule with your names, and with your numbers. Gradients can be guessed before
    they are shown, followed along single paths and, where everything is a number, seen to change with the inputs.

    TypeError or ValueError is raised if an argument is none of these.

    Parameters
    ----------
    y : Tensor, or sequence of Tensors
        The result, for instance the cost J. The gradients are those of the first.
    {options}
    theme : {"auto", "light", "dark"}
        "auto" follows the reader's system.

    Returns
    -------
    Page
        A notebook shows it; ``.save(path)`` writes it to one HTML file, which needs no network. Without a layout engine
        the page has the steps and the formulas, and says how to get the picture.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor, explore
    >>> a, b, c = Tensor(5.0, name="a"), Tensor(3.0, name="b"), Tensor(2.0, name="c")
    >>> page = explore((3 * (a + (b * c).named("u")).named("v")).named("J"), title="The chain rule")
    >>> print(str(page).splitlines()[-1])
    J = 3 * v  scalar  33  dJ = 1
    >>> page.save("chain.html")  # doctest: +SKIP
    """
    shared = depth, roll, cotangent, constants, checks, against, theme, title, limit, timeout, simplify
    options = Options("explore", y, *shared, language, convention)
    graph = annotated(options, True)
    add_contributions(graph, graph.edges)
    scalar = not graph.course and all(np.size(node.value) == 1 for node in graph.nodes)
    formulas = Formulas(scalar, graph.examples, graph.course)
    if len(graph.nodes) <= RULES:
        add_rules(graph, graph.edges, formulas)
    names = ", ".join(shortened(visible(graph.nodes[i].title)) for i in graph.outputs)
    heading = shortened(visible(title), HEADING) if title else said("step by step", language, names=names)
    data, view = data_of(graph, heading, formulas), view_of(graph, depth, roll, limit)
    data |= {"summary": as_text(view), "outline": as_text(view, gradients=False)}
    data["titles"] = {} if title else {each: said("step by step", each, names=names) for each in LANGUAGES}
    data["note"] = {each: options.note(each) for each in LANGUAGES}
    data["pictures"], data["why"] = pictures(graph, options)
    root = options.outputs[0]
    if convention is None and graph.examples:
        data["examples"] = graph.examples.m
        data["forms"] = {each: said("course", each) for each in LANGUAGES}
    if root.requires_grad:
        data["pulls"] = {} if data["scalar"] else pulled(graph, cotangent)
        data["derivation"] = data["points"] = None
        if len(graph.nodes) <= DERIVED:
            with suppress(StaleError):  # a leaf has another value by now; the page shows the one that was computed with
                derived = partial(derive, options.given[0], cotangent=cotangent, simplify=simplify)
                forms = (convention, "course") if "forms" in data else (convention,)
                shown = [derived(language=language, convention=form) for form in forms]
                # The policy of the page allows the styles of its sheet only.
                tables = [re.sub(r' style="[^"]*"', "", found.mathml) for found in shown]
                data["derivation"] = [{"mathml": t, "latex": found.latex} for t, found in zip(tables, shown)]
                data["points"] = points(derived() if convention == "course" else shown[0])
    still = partial(draw, y, depth=depth, roll=roll, cotangent=cotangent, constants=constants, timeout=timeout,
                    simplify=simplify, language=language, convention=convention, gradients=True)  # fmt: skip
    return Page(data, theme, still)


explore.__doc__ = str(explore.__doc__).replace("    {options}", DESCRIPTION)
