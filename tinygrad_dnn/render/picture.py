"""What `draw` hands out: a Digraph of the graphviz package that shows itself and saves itself in every format."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import graphviz

from .collapse import View
from .export import as_data, as_json, as_text, write_whole
from .layout import FORMATS, LayoutError, LayoutTimeout, laid_out
from .svg import accessible

SUFFIXES = ("svg", "png", "pdf", "dot", "gv", "json", "txt")


@dataclass
class Content:
    """What a picture was made from."""

    view: View
    title: str
    descriptions: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 20.0
    simpler: Callable[[], Picture] | None = None


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A drawn graph.

    In a notebook it shows itself. ``.source`` is its DOT text; what `graphviz.Digraph` can do (``.render``, ``.pipe``,
    ``.view``), it can do too, if the program ``dot`` is installed. The methods below need that or pygraphviz, keep a
    time limit, and draw collapsed layers where it is exceeded.
    """

    def __init__(self, *args: Any, content: Content | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.content = content
        self._made: dict[str, bytes] = {}

    def _copy_kwargs(self, **kwargs: Any) -> Any:
        return super()._copy_kwargs(content=self.content, **kwargs)

    def save_as(self, path: str | Path) -> Path:
        """Save in the format that the file's name ends with.

        Parameters
        ----------
        path : str or Path
            Ends with .svg, .png, .pdf, .dot (or .gv), .json or .txt. A file that is there is replaced.

        Returns
        -------
        Path

        Raises
        ------
        ValueError
            If it ends with anything else.
        LayoutError
            For .svg, .png and .pdf without a layout engine; the message says how to install one.
        """
        suffix = Path(path).suffix[1:].lower()
        if suffix in FORMATS:
            return write_whole(path, self.rendered(suffix))
        if suffix in ("dot", "gv"):
            return write_whole(path, self.source.encode())
        if suffix == "json":
            return write_whole(path, self.json().encode())
        if suffix == "txt":
            return write_whole(path, (self.text() + "\n").encode("utf-8", "backslashreplace"))
        raise ValueError(f"save_as: {Path(path).name} should end with one of {', '.join('.' + s for s in SUFFIXES)}")

    def rendered(self, format: str = "svg") -> bytes:  # noqa: A002 - graphviz calls it so
        """Return the picture as SVG, PNG or PDF.

        A layout that takes too long is given up, and one with collapsed layers is returned, with a warning.
        """
        if format not in self._made:
            self._made[format] = self._rendered(format)
        return self._made[format]

    def _rendered(self, format: str) -> bytes:  # noqa: A002
        content = self.content
        try:
            made = laid_out(self.source, format, 20.0 if content is None else content.timeout)
        except LayoutTimeout:
            if content is None or content.simpler is None:
                raise
            warnings.warn(
                f"draw: the layout takes longer than {content.timeout:g} s; collapsed layers are drawn instead",
                RuntimeWarning,
                stacklevel=3,
            )
            return content.simpler().rendered(format)
        if format == "svg" and content is not None:
            made = accessible(made.decode(), content.descriptions, content.title).encode()
        return made

    def svg(self) -> str:
        """Return the picture as SVG."""
        return self.rendered("svg").decode()

    def text(self) -> str:
        """Return a line for each thing that is drawn; needs no layout engine."""
        return self.source if self.content is None else as_text(self.content.view)

    def json(self) -> str:
        """Return the whole graph as JSON, whatever of it is collapsed; needs no layout engine."""
        return as_json(self._content().view.graph)

    def data(self) -> dict[str, Any]:
        """Return the whole graph as dicts and lists, as they are in the JSON."""
        return as_data(self._content().view.graph)

    def _content(self) -> Content:
        if self.content is None:
            raise ValueError("this Picture was not made by draw: it has no graph but its DOT text, .source")
        return self.content

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, Any]:
        """SVG, PNG for where SVG is not trusted, and text; text alone, with the reason, if there can be no picture."""
        bundle: dict[str, Any] = {"text/plain": self.text()}
        try:
            bundle |= {"image/svg+xml": self.svg(), "image/png": self.rendered("png")}
        except LayoutError as error:
            bundle["text/plain"] += f"\n({error})"
        unwanted = set(exclude or ())
        return {
            kind: made for kind, made in bundle.items() if (include is None or kind in include) and kind not in unwanted
        }
