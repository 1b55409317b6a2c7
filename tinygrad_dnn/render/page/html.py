"""One HTML file that makes no request: style sheet, module and data, and a policy that enforces it.

Module and data are packed, so that the file is small, and the answers cannot be read in its source by accident.
"""

import base64
import hashlib
import json
import re
import zlib
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
    *("texts", "lazy", "format", "convention", "walk", "paths", "scalars", "guess", "formulas", "narration", "dom"),
    *("random", "formula", "algebra", "same", "picture", "question", "panel", "tools", "links", "controls", "list"),
    *("present", "page"),
)
_UNSENT = re.compile(  # imports, comments, and indentation
    r"^import [^;]*;\n|^ *//[^\n]*\n|(?<=[;,{]) // [^\n]*|^ */\*\*.*?\*/\n|^ +", re.MULTILINE | re.DOTALL
)
LOADER = text_beside(__file__, "loader.js")
START = "\nmount(document.getElementById('page'), globalThis.given);\n"  # the loader has left the data there


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
    own = f"{scripts_of(script)}; style-src {hash_of(css)}"
    policy = f"default-src 'none'; {own}; img-src data:; base-uri 'none'; form-action 'none'"
    chosen = "" if theme == "auto" else f' data-theme="{theme}"'
    language = "zh-Hans" if data["language"] == "zh" else "en"
    return text_beside(__file__, "page.html").format(
        language=language, theme=chosen, policy=policy, title=entities(data["title"]), css=css,
        outline=entities(outline), data=packed(dumped), module=packed(script), loader=LOADER,
    )  # fmt: skip


def packed(text: str) -> str:
    """Return a text compressed, as base64."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def scripts_of(script: str) -> str:
    """Return the policy's directive that lets a page unpack its script and run it, and nothing else."""
    return f"script-src {hash_of(LOADER)} {hash_of(script)}"


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
    """Return scripts as one, without their imports, comments and indentation."""
    return "".join(_UNSENT.sub("", script) for script in scripts)


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
