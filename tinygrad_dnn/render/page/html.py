"""One HTML file that makes no request: style sheet, module and data, and a policy that enforces it."""

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from ...derive.formula import spellings
from ...support.text import entities
from ..colours import DARK, LIGHT, Theme
from .ops import table
from .sealed import sealed

SCRIPTS = (
    *("texts", "sealed", "format", "walk", "paths", "scalars", "guess", "formulas", "narration"),
    *("dom", "formula", "picture", "question", "panel", "tools", "links", "controls", "list", "page"),
)
"""The parts of the module, each after its imports."""

_IMPORT = re.compile(r"^import .*?;\n", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^ *(?:// .*|/\*\*.*\*/)\n|^ +", re.MULTILINE)
_START = "\nmount(document.getElementById('page'), JSON.parse(document.getElementById('data').textContent));\n"
_ICON = "data:,"


def page_of(data: dict[str, Any], theme: str) -> str:
    """Return the page as HTML, of data fit for JSON; the theme "auto" follows the reader's system."""
    css, script = style(), module() + _START
    own = f"script-src {script_hash()}; style-src {_hash(css)}"
    policy = f"default-src 'none'; {own}; img-src data:; base-uri 'none'; form-action 'none'"
    chosen = "" if theme == "auto" else f' data-theme="{theme}"'
    return f"""<!doctype html>
<html lang="en"{chosen}><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="{_ICON}">
<title>{entities(data["title"])}</title>
<style>{css}</style></head>
<body><main id="page"><noscript><pre>{entities(data["outline"])}</pre></noscript></main>
<script type="application/json" id="data">{_json(sealed(data))}</script>
<script type="module">{script}</script>
</body></html>
"""


def script_hash() -> str:
    """Return the hash by which a policy names the script; a document that frames the page must allow it too."""
    return _hash(module() + _START)


@cache
def module() -> str:
    """Return the ES module: its parts one after another, without their imports."""
    folder = Path(__file__).parent
    scripts = (_IMPORT.sub("", (folder / f"{name}.js").read_text("utf-8")) for name in SCRIPTS)
    texts = json.dumps(json.loads((folder / "texts.json").read_text("utf-8")), ensure_ascii=False)
    return _COMMENT.sub(
        "",
        "".join(
            [
                table(),
                f"const TEXTS = {texts};\nconst SPELLINGS = {json.dumps(spellings(), ensure_ascii=False)};\n",
                *scripts,
            ]
        ),
    )


@cache
def style() -> str:
    """Return the style sheet, with the colours of the pictures as its variables."""
    dark = _variables(DARK, "dark")
    return (
        f":root {{ {_variables(LIGHT, 'light')} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}\n"
        f":root[data-theme=dark] {{ {dark} }}\n"
        f"@media print {{ :root, :root[data-theme] {{ {_variables(LIGHT, 'light')} }} }}\n"
        f"{Path(__file__).with_name('page.css').read_text('utf-8')}"
    )


def _variables(theme: Theme, scheme: str) -> str:
    return " ".join([f"color-scheme: {scheme};", *(f"--{role}: {colour};" for role, colour in theme.items())])


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(data: Any) -> str:
    """Return JSON in which no tag, comment or entity can begin."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return re.sub(r"<(?=[!/sS])", r"\\u003c", text)
