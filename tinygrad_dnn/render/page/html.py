"""One HTML file that makes no request: style sheet, module and data, and a policy that enforces it.

What a reader of the page may be asked is sealed: it stands in the file in a form that nobody reads by accident.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, ClassVar

from ...core.primitive import Primitive, declared
from ...derive.formula import spellings
from ...support.text import entities, json_beside, text_beside
from ..export import write_whole
from ..markup import DARK, LIGHT, Theme

SCRIPTS = (  # the parts of the module, each after its imports
    *("texts", "sealed", "format", "convention", "walk", "paths", "scalars", "guess", "formulas", "narration"),
    *("dom", "formula", "picture", "question", "panel", "tools", "links", "controls", "list", "present"),
    "page",
)

_IMPORT = re.compile(r"^import .*?;\n", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^ *(?:// .*|/\*\*.*\*/)\n|^ +|\n(?=\n)", re.MULTILINE)
_PLAIN = re.compile(r"""^(?!export)[^'"`/\n]+$""", re.MULTILINE)  # no strings, no expressions: spaces mean little
_SPACED = re.compile(r" ?([=(){},;:?]|=>|&&|\|\||[!=]==) ?")
START = "\nmount(document.getElementById('page'), JSON.parse(document.getElementById('data').textContent));\n"

LANGUAGE = {"en": "en", "zh": "zh-Hans"}  # of the page, as browsers call it
SEALED = {"nodes": ("gradient", "steepest", "compared"), "edges": ("local", "contribution")}
_TEXT = re.compile(r'(<text [^>]*fill="var\(--(?:gradient|flow|local|back|odd|wrong|right)\)"[^>]*>)([^<]*)(</text>)')


class HtmlPage:
    """A page in one HTML file that makes no request. In a notebook it shows itself."""

    caller: ClassVar[str]
    height: ClassVar[int]  # of the frame in a notebook, in pixels
    data: dict[str, Any]  # fit for JSON
    html: Any  # the page: a property of each kind

    def save(self, path: str | Path) -> Path:
        """Save the page in an existing folder, whole or not at all, and return its path."""
        return write_whole(path, self.html.encode("utf-8"), self.caller)

    def _repr_html_(self) -> str:
        """Return a frame that may run the page's script and nothing else."""
        return (
            f'<iframe sandbox="allow-scripts" title="{entities(self.data["title"])}" width="100%" '
            f'height="{self.height}" style="border:0" srcdoc="{entities(self.html)}"></iframe>'
        )


def document(data: dict[str, Any], theme: str, css: str, script: str, outline: str) -> str:
    """Return an HTML file that makes no request: only its own script and style sheet are allowed to act."""
    css = colours() + css
    dumped = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    dumped = re.sub(r"<(?=[!/sS])", r"\\u003c", dumped)  # no tag, comment or entity can begin
    own = f"script-src {hash_of(script)}; style-src {hash_of(css)}"
    policy = f"default-src 'none'; {own}; img-src data:; base-uri 'none'; form-action 'none'"
    chosen = "" if theme == "auto" else f' data-theme="{theme}"'
    return f"""<!doctype html>
<html lang="{LANGUAGE[data["language"]]}"{chosen}><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{entities(data["title"])}</title>
<style>{css}</style></head>
<body><main id="page"><noscript><pre>{entities(outline)}</pre></noscript></main>
<script type="application/json" id="data">{dumped}</script>
<script type="module">{script}</script>
</body></html>
"""


@cache
def module() -> str:
    """Return the ES module: its parts one after another, without their imports."""
    entries = "".join(f"  {op.name}: {function(op)},\n" for op in declared if op.shipped and op.javascript)
    tables = {"TEXTS": json_beside(__file__, "texts.json"), "SPELLINGS": spellings()}
    written = (f"const {name} = {json.dumps(table, ensure_ascii=False)};\n" for name, table in tables.items())
    return joined([f"export const OPS = {{\n{entries}}};\n", *written, *map(part, SCRIPTS)])


def part(name: str) -> str:
    """Return a part of the module, as it stands in its file."""
    return text_beside(__file__, f"{name}.js")


def joined(scripts: Iterable[str]) -> str:
    """Return scripts as one, without comments, imports and most spaces."""
    script = _COMMENT.sub("", "".join(_IMPORT.sub("", script) for script in scripts))
    return _PLAIN.sub(lambda line: _SPACED.sub(r"\1", line[0]), script)


def function(op: Primitive) -> str:
    """Write an op on single numbers as a function in JavaScript, of its operands and an object of its parameters."""
    template = op.javascript.template if op.javascript else ""
    fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    params = {field: f"p.{field}" for field in fields if field.isidentifier()}
    arity = max(fields.count(""), *(int(field) + 1 for field in fields if field.isdecimal()), 0)
    operands = [f"x{i}" for i in range(arity)]
    return f"({', '.join(operands + ['p'] * bool(params))}) => {template.format(*operands, **params)}"


@cache
def colours() -> str:
    """Return the colours of the pictures as variables of a style sheet."""

    def variables(theme: Theme, scheme: str) -> str:
        return " ".join([f"color-scheme: {scheme};", *(f"--{role}: {colour};" for role, colour in theme.items())])

    light, dark = variables(LIGHT, "light"), variables(DARK, "dark")
    return (
        f":root {{ {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}\n"
        f":root[data-theme=dark] {{ {dark} }}\n"
        f"@media print {{ :root, :root[data-theme] {{ {light} }} }}\n"
    )


def hash_of(text: str) -> str:
    """Return the hash by which a policy names a script or a style sheet."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def seal(value: object) -> str:
    """Return JSON of which each letter has moved by a step that depends on its place."""
    text = json.dumps(value, separators=(",", ":"))
    return "".join(chr(32 + (ord(letter) - 32 + (k * 31 + 17) % 95) % 95) for k, letter in enumerate(text))


def sealed(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with gradients, local derivatives and contributions sealed, in the pictures too."""
    found = {key: value for key, value in data.items() if key != "summary"}
    for part, keys in SEALED.items():
        found[part] = [
            {k: v for k, v in x.items() if k not in keys} | {"sealed": {k: seal(x[k]) for k in keys if k in x}}
            for x in data[part]
        ]
    for key in ("pulls", "derivation", "points"):
        if data.get(key) is not None:
            found[key] = seal(data[key])
    found["pictures"] = []
    for drawn in data["pictures"]:
        svg = _TEXT.sub(r"\1\3", drawn["svg"]).replace('"', "'")  # which JSON need not escape
        found["pictures"].append(drawn | {"svg": svg, "texts": seal([t for _, t, _ in _TEXT.findall(drawn["svg"])])})
    return found
