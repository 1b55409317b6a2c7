"""MathML from the forms of the ops: a small reader of the LaTeX that notations are written in.

Each template is read once, with holes where its operands go; what users choose as names never passes through it.
"""

import re
from functools import lru_cache
from html.entities import html5

from ..core.notation import Form
from ..support.text import entities
from .names import GREEK, Symbol

_WORD = re.compile(r"\\(text|operatorname|mathrm|mathbf|begin|end)\s*\{([^{}]*)\}")
_TOKEN = re.compile(rf"\\hole\d+|{_WORD.pattern}|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[^\s]")
_OPERATORS = {
    "odot": "⊙", "cdot": "⋅", "times": "×", "sum": "∑", "prod": "∏", "le": "≤", "ge": "≥", "ne": "≠", "land": "∧",
    "lor": "∨", "lnot": "¬", "oplus": "⊕", "wedge": "∧", "sim": "∼", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈",
    "rceil": "⌉", "lVert": "‖", "rVert": "‖", "backslash": "\\", "bmod": "mod", "-": "−", "*": "∗",
}  # fmt: skip
_LETTERS = {name: html5[f"{name};"] for name in GREEK.pattern.split("|")} | {"infty": "∞"}
_LEFT_OUT = str.maketrans("", "", "\\ ")
_HOLE = "\0{}\0"
_LEAF = "<m[in]>[^<]*</m[in]>"
_OVER_INDEX = re.compile(f"<msup><mrow>(<mi>d</mi>)?<msub>({_LEAF})({_LEAF})</msub></mrow>({_LEAF})</msup>")
_SPACE = "\u00a0"  # one that is kept at the end of a text
_BESIDE = re.compile(r"(\\hole\d+)\s+(?=\\hole)")  # a product without a sign: dz y^T would read as one word
_FENCE, _LEVEL = '<mo fence="true">', '<mo fence="true" stretchy="false">'
_TALL = ("<mfrac", "<mtable", "<munder", "<msqrt", "<mroot")
"""What parentheses should grow with. Around anything else the larger ones of a font only look lost."""


def fill(form: Form, operands: list[tuple[str, int]]) -> str:
    r"""Put operands, each MathML and its precedence, into a form given in LaTeX."""
    needs = form.needs if isinstance(form.needs, tuple) else (form.needs,) * len(operands)
    filled = [row(text) if binds >= need else parenthesised(text) for (text, binds), need in zip(operands, needs)]
    template = _read_template(form.template, len(operands))
    if not _is_tall("".join([template, *filled])):
        template = template.replace(_FENCE, _LEVEL)
    made = "".join(filled[int(part)] if i % 2 else part for i, part in enumerate(template.split("\0")))
    return _OVER_INDEX.sub(r"<mrow>\1<msubsup>\2\3\4</msubsup></mrow>", made)


def parenthesised(text: str) -> str:
    """Put a formula in parentheses, as tall as it is."""
    fence = _FENCE if _is_tall(text) else _LEVEL
    return f"<mrow>{fence}(</mo>{text}{fence})</mo></mrow>"


def _is_tall(text: str) -> bool:
    return any(tag in text for tag in _TALL)


def row(text: str) -> str:
    """Make one element of several; a leaf, a hole that will be filled with one, and a row are one already."""
    if text.count("<") in (0, 2):
        is_one = text.count("\0") in (0, 2)
    else:
        is_one = text.startswith("<mrow>") and text.find("</mrow>") == len(text) - 7
    return text if is_one else f"<mrow>{text}</mrow>"


def symbol(name: Symbol) -> str:
    """Write a name."""
    if "\\text" in name.latex or re.search(r"\\[^A-Za-z]", name.latex):
        return f"<mtext>{entities(name.text)}</mtext>"
    return row(read(name.latex))


@lru_cache(maxsize=4096)
def _read_template(template: str, arity: int) -> str:
    return read(_BESIDE.sub(r"\1 \\, ", template.format(*(f"\\hole{i} " for i in range(arity)))))


@lru_cache(maxsize=4096)
def read(latex: str) -> str:
    """Write LaTeX as MathML, in as many elements as it has parts."""
    return _Reader(latex).sequence()


class _Reader:
    """Reads the few constructions that the notations use; a command it does not know is shown by its name."""

    def __init__(self, latex: str) -> None:
        self.tokens = [token[0] for token in _TOKEN.finditer(latex)][::-1]

    def sequence(self, *ends: str) -> str:
        """Read up to one of the tokens `ends`, or to the end of the text."""
        items: list[str] = []
        while self.tokens and self.tokens[-1] not in ends:
            if self.tokens[-1] in ("_", "^"):
                items.append(self._script(items.pop() if items else "<mrow></mrow>", self._next()))
            else:
                items.append(self._item())
        return "".join(items)

    def _script(self, base: str, sign: str) -> str:
        script = row(self._item())
        if self.tokens[-1:] == ["^" if sign == "_" else "_"]:
            self._next()
            other = row(self._item())
            below, above = (script, other) if sign == "_" else (other, script)
            return f"<msubsup>{base}{below}{above}</msubsup>"
        kind = "munder" if base in ("<mo>∑</mo>", "<mo>∏</mo>") else "msub" if sign == "_" else "msup"
        return f"<{kind}>{row(base)}{script}</{kind}>"

    def _next(self) -> str:
        return self.tokens.pop() if self.tokens else ""

    def _until(self, *ends: str) -> str:
        inner = self.sequence(*ends)
        self._next()
        return inner

    def _fence(self) -> str:
        token = self._next()
        return f"{_FENCE}{entities(_OPERATORS.get(token[1:], token))}</mo>"

    def _item(self) -> str:
        token = self._next()
        command, word = found.groups() if (found := _WORD.fullmatch(token)) else (token, "")
        name = token.removeprefix("\\")
        match command:
            case "{":
                return row(self._until("}"))
            case r"\frac":
                return f"<mfrac>{row(self._item())}{row(self._item())}</mfrac>"
            case r"\sqrt" if self.tokens[-1:] == ["["]:
                self._next()
                degree = row(self._until("]"))
                return f"<mroot>{row(self._item())}{degree}</mroot>"
            case r"\sqrt":
                return f"<msqrt>{self._item()}</msqrt>"
            case "text":
                return f"<mtext>{entities(word).replace(' ', _SPACE)}</mtext>"
            case "operatorname" | "mathrm":
                return f"<mi>{entities(word.translate(_LEFT_OUT))}</mi>"
            case "mathbf":
                return f"<mn>{word.replace('1', '𝟏')}</mn>"
            case r"\left":
                opening, inner = self._fence(), self._until(r"\right")
                return f"<mrow>{opening}{inner}{self._fence()}</mrow>"
            case "begin":  # cases: rows of a value and its condition
                rows, end = "", r"\\"
                while end == r"\\":
                    value, condition = self._until("&"), self.sequence(r"\\", rf"\end{{{word}}}")
                    rows += f"<mtr><mtd>{value}</mtd><mtd>{condition}</mtd></mtr>"
                    end = self._next()
                return f"<mrow>{_FENCE}{{</mo><mtable>{rows}</mtable></mrow>"
        if name.startswith("hole"):
            return _HOLE.format(name[4:])
        if name != token and name in (",", ";", "!", " ", ":"):
            return '<mspace width="0.2em"/>'
        if name[:1].isdigit():
            return f"<mn>{name}</mn>"
        if name.isalpha() and name not in _OPERATORS:
            return f"<mi>{_LETTERS.get(name) or entities(name)}</mi>"
        return f"<mo>{entities(_OPERATORS.get(name, name))}</mo>"
