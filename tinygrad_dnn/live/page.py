"""The page of `play`: its script, style sheet, words and data in one HTML file."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from ..render.page.html import colours, document, joined

FOLDER = Path(__file__).parent
RENDER = FOLDER.parent / "render" / "page"

START = "\nplay(document.getElementById('page'), JSON.parse(document.getElementById('data').textContent));\n"


def page_of(data: dict[str, Any], programs: dict[str, str], theme: str) -> str:
    """Return the page as HTML, of data fit for JSON and of programs in JavaScript by name."""
    absent = "".join(
        f"const {name} = undefined;\n" for name in ("one", "small", "held", "grid") if name not in programs
    )
    script = "".join([_text("product.js"), absent, *programs.values(), _module(), START])
    language = {"zh": "zh-Hans"}.get(data["language"], data["language"])
    css = colours() + _text("page.css")
    return document(data["title"], theme, css, script, data, outline="This page needs JavaScript.", language=language)


@cache
def _module() -> str:
    words = f"const TEXTS = {json.dumps(json.loads(_text('texts.json')), ensure_ascii=False)};\n"
    shared = ((RENDER / name).read_text("utf-8") for name in ("texts.js", "format.js", "dom.js"))
    return joined([words, *shared, *map(_text, ("engine.js", "charts.js", "tables.js", "page.js"))])


def _text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
