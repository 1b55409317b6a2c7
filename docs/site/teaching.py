"""Additions to Sphinx: folded text, the sentence to keep, the other language, Chinese search, dark pictures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jieba
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx import search
from sphinx.search.zh import SearchChinese
from sphinx.util import logging
from words import FURNITURE

import tinygrad_dnn.referee
from tinygrad_dnn.render.markup import DARK, LIGHT

logger = logging.getLogger(__name__)

GLOSSARY = Path(__file__).parents[2] / "lessons" / "zh" / "glossary.md"
OTHER = {"en": ("zh", "中文"), "zh": ("en", "English")}


def tag(html: str) -> nodes.raw:
    """Return a node that stands for a tag."""
    return nodes.raw("", html, format="html")


class Fold(Directive):
    """Text that stays closed until the reader opens it; on paper it stays closed.

    ``{fold} The question`` with the answer as its content.
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Put the content between the tags of a `details` element."""
        title, _ = self.state.inline_text(self.arguments[0], self.lineno)
        inside = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, inside)
        summary = [tag('<details class="fold"><summary>'), nodes.inline("", "", *title), tag("</summary>")]
        return [*summary, *inside.children, tag("</details>")]


class Block(Directive):
    """A block with the directive's name as its class.

    ``keep`` holds the one sentence of a lesson that is worth keeping, ``blank`` tables whose last column is to be
    filled in; the page shows it at its fragment ``#answers``. ``answer`` speaks of what the cell before it hides, and
    is seen once that is open.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make a block of its own."""
        block = nodes.container(classes=[self.name])
        self.state.nested_parse(self.content, self.content_offset, block)
        return [block]


class WorkingChinese(SearchChinese):
    """Chinese search that knows the words of the glossary, and whose page finds its stemmer.

    Sphinx 9.0 looks for the stemmer under the language's name.
    """

    language_name = "English"

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        for row in GLOSSARY.read_text(encoding="utf-8").splitlines():
            if row.startswith("| "):
                jieba.add_word(row.split("|")[2].strip())


def link_other_language(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the page's template the address of its twin, if there is one."""
    code = Path(app.srcdir).name
    other, label = OTHER[code]
    if any((Path(app.srcdir).parent / other / f"{page}{suffix}").exists() for suffix in (".md", ".rst")):
        context["twin"] = {"href": f"{'../' * (page.count('/') + 1)}{other}/{page}.html", "lang": other, "label": label}


def translate_theme(app: Any) -> None:
    """Let the theme's templates find its words in Chinese."""
    if Path(app.srcdir).name == "zh" and app.builder.format == "html":
        environment = app.builder.templates.environment
        known = environment.globals["gettext"]

        def translated(text: str) -> str:
            return FURNITURE.get(" ".join(text.split())) or str(known(text))

        environment.install_gettext_callables(translated, environment.globals["ngettext"])
        environment.globals["_"] = translated


def check_reference(app: Any, env: Any) -> None:
    """Warn of public names that no page documents."""
    if Path(app.srcdir).name == "en":
        documented = {name.rpartition(".")[2] for name in env.get_domain("py").objects}
        missing = {*tinygrad_dnn.__all__, *tinygrad_dnn.referee.__all__} - documented
        if missing:
            logger.warning("no page of the reference has: %s", ", ".join(sorted(missing)))


def darken_pictures(app: Any, exception: Exception | None) -> None:
    """Give each picture that `draw` made the colours of the dark theme, for readers whose page is dark."""
    colours = {LIGHT[role].lower(): DARK[role] for role in LIGHT}
    rules = (f'[{kind}="{old}" i]{{{kind}:{new}}}' for old, new in colours.items() for kind in ("fill", "stroke"))
    style = f"<style>@media (prefers-color-scheme: dark){{{''.join(rules)}}}</style>"
    for path in Path(app.outdir, "_images").glob("*.svg") if exception is None else ():
        text = path.read_text(encoding="utf-8")
        if 'role="graphics-document document"' in text and style not in text:
            path.write_text(re.sub(r"(<svg [^>]*>)", rf"\1{style}", text, count=1), encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Register all of it."""
    search.languages["zh"] = WorkingChinese
    app.add_directive("fold", Fold)
    for name in ("keep", "blank", "answer"):
        app.add_directive(name, Block)
    app.connect("builder-inited", translate_theme)
    app.connect("env-check-consistency", check_reference)
    app.connect("build-finished", darken_pictures)
    app.connect("html-page-context", link_other_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
