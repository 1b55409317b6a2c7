"""Pictures: what `draw` returns, a Digraph of the graphviz package that shows and saves itself in every format."""

from __future__ import annotations

import json
import math
import shutil
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import graphviz  # type: ignore[import-untyped]

from ..support.elsewhere import elsewhere
from .collapse import View
from .export import as_data, as_text, descriptions, write_whole
from .layout import FORMATS, LayoutError, LayoutTimeout, accessible, laid_out, size_of

SHARP, PIXELS = 144, 12e6  # dots per inch of a PNG, and its most dots altogether
Formats = Iterable[str] | None  # that a notebook asks for, or leaves out
SUFFIXES = ("svg", "png", "pdf", "dot", "gv", "json", "txt")


class Content(NamedTuple):
    """The data behind a picture."""

    view: View
    title: str  # for screen readers
    timeout: float
    simpler: Callable[[], Picture] | None  # returns the picture to draw where the layout takes too long
    steps: Sequence[Picture] = ()


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A drawn graph.

    In a notebook it shows itself. ``.source`` is its DOT text. The other methods of `graphviz.Digraph` are there, too,
    but not listed by ``dir``. All need a layout engine for SVG, PNG and PDF: the program ``dot`` or pygraphviz. Those
    below keep a time limit, and draw collapsed layers where it is exceeded.
    """

    def __dir__(self) -> list[str]:
        return ["data", "json", "pipe", "render", "rendered", "save_as", "source", "steps", "svg", "text"]

    def pipe(self, format: str | None = None, **options: Any) -> bytes | str:  # noqa: A002 - graphviz calls it so
        """Return what the program ``dot`` makes of the graph; SVG, PNG and PDF without it, too."""
        wanted = (format or self.format).lower()
        if wanted not in FORMATS or shutil.which("dot"):
            return super().pipe(format, **options)  # type: ignore[no-any-return]
        made = self.rendered(wanted)
        return made.decode(options["encoding"]) if options.get("encoding") else made

    def render(self, filename: object = None, directory: object = None, **options: Any) -> str:
        """Save the DOT text and, beside it, the picture that the program ``dot`` makes of it, or `rendered`."""
        if shutil.which("dot"):
            return str(super().render(filename, directory=directory, **options))
        wanted, source = options.get("format") or self.format, self.save(filename, directory=directory)
        return str(write_whole(f"{source}.{wanted}", self.rendered(wanted)))

    def __init__(self, *args: Any, content: Content, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.content = content
        self.steps = content.steps  # where `draw` was asked for them
        self._made: dict[str, bytes] = {}
        self._instead: Picture | None = None  # drawn in its place, since its own layout took too long

    def _copy_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {**super()._copy_kwargs(**kwargs), "content": self.content}

    def save_as(self, path: str | Path) -> Path:
        """Save in the format that the file's name ends with: .svg, .png, .pdf, .dot (or .gv), .json or .txt.

        A file that is there is replaced. Where there are `steps`, it may also be a folder, for 000.svg, 001.svg, ...
        ValueError is raised for other endings, and LayoutError for pictures without a layout engine: it says how to
        install one.
        """
        suffix = Path(path).suffix[1:].lower()
        if self.steps and not suffix:
            Path(path).mkdir(exist_ok=True)
            for k, step in enumerate(self.steps):
                step.save_as(Path(path) / f"{k:03}.svg")
            return Path(path)
        if suffix not in SUFFIXES:
            raise ValueError(f"save_as: {Path(path).name} should end with one of .{', .'.join(SUFFIXES)}")
        if suffix in FORMATS:
            return write_whole(path, self.rendered(suffix))
        text = self.json() if suffix == "json" else f"{self.text()}\n" if suffix == "txt" else self.source
        return write_whole(path, text.encode("utf-8", "backslashreplace"))

    def rendered(self, format: str = "svg") -> bytes:  # noqa: A002 - graphviz calls it so
        """Return the picture as SVG, PNG or PDF; one with collapsed layers, with a warning, if that takes too long."""
        if format in self._made:
            return self._made[format]
        source: str = self.source
        if format == "png":  # fewer dots per inch for a picture that would otherwise fill the memory
            width, height = size_of(self.svg())
            dpi = min(SHARP, 72 * math.sqrt(PIXELS / max(width * height, 1.0)))
            source = source.replace("{", f"{{ graph [dpi={dpi:.0f}]", 1)
        if self._instead is not None:
            return self._instead.rendered(format)
        content = self.content
        try:
            made = laid_out(source, format, content.timeout)
        except LayoutTimeout as error:
            if content.simpler is None:
                raise
            warnings.warn(f"{error}; collapsed layers are drawn instead", RuntimeWarning, stacklevel=3)
            self._instead = content.simpler()
            return self._instead.rendered(format)
        if format == "svg":
            made = accessible(made.decode(), descriptions(content.view), content.title).encode()
        self._made[format] = made
        return made

    def svg(self) -> str:
        """Return the picture as SVG."""
        return self.rendered("svg").decode()

    def text(self) -> str:
        """Return a line for each node and box that is drawn; needs no layout engine."""
        return as_text(self.content.view)

    __repr__ = text

    def json(self) -> str:
        """Return the whole graph as JSON, collapsed or not; needs no layout engine."""
        return json.dumps(self.data(), allow_nan=False)

    def data(self) -> dict[str, Any]:
        """Return the whole graph as dicts and lists, as they are in the JSON."""
        return as_data(self.content.view.graph)

    def _repr_mimebundle_(self, include: Formats = None, exclude: Formats = None, **_: Any) -> dict[str, Any]:
        """Return SVG, PNG for where SVG is not trusted, and text; text alone, with the reason, without an engine."""
        bundle: dict[str, Any] = {"text/plain": self.text()}
        try:
            bundle |= {"image/svg+xml": self.svg(), "image/png": self.rendered("png")}
        except LayoutError as error:
            bundle["text/plain"] += f"\n({error})"
        return selected(bundle, include, exclude)


elsewhere(Picture, "Picture")


def selected(bundle: dict[str, Any], include: Formats, exclude: Formats) -> dict[str, Any]:
    """Return the formats of a bundle that a notebook asks for."""
    wanted = set(bundle if include is None else include) - set(exclude or ())
    return {kind: made for kind, made in bundle.items() if kind in wanted}
