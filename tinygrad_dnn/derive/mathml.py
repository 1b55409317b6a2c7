"""MathML from the LaTeX of a formula: a small reader of what the notations of the ops and of names are written in."""

import re
from functools import lru_cache

from ..support.text import entities, json_beside
from .names import LETTERS

_WORD = re.compile(r"\\(text|operatorname|mathrm|mathbf|begin|end)\s*\{([^{}]*)\}")
_TOKEN = re.compile(rf"{_WORD.pattern}|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|\S")
_OPERATORS: dict[str, str] = json_beside(__file__, "signs.json")
_GREEK = {name: letter for letter, name in LETTERS.items()} | {"infty": "∞"}
_LEFT_OUT = str.maketrans("", "", "\\ ")
_SPACE = "\u00a0"  # one that is kept at the end of a text
_THIN = '<mspace width="0.2em"/>'
_TALL = ("<mfrac", "<mtable", "<munder", "<msqrt", "<mroot")
"""Elements that the parentheses around them grow with; around anything else they keep their size."""


@lru_cache(maxsize=4096)
def read(latex: str) -> str:
    """Write LaTeX as MathML, in as many elements as it has parts; private characters, which a page fills, stay."""
    return "".join(_Reader(latex).sequence())


def as_one(latex: str) -> str:
    """Write LaTeX as one element of MathML."""
    return _row(_Reader(latex).sequence())


def _row(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"<mrow>{''.join(items)}</mrow>"


def _is_apart(item: str) -> bool:
    """Return True for what has a space of its own beside it."""
    return item.startswith(("<mo", "<mspace", "<munder")) or item.endswith(f"{_SPACE}</mtext>")


class _Reader:
    """Reads the few constructions that the notations use; a command it does not know is shown by its name."""

    def __init__(self, latex: str) -> None:
        self.tokens = [token[0] for token in _TOKEN.finditer(latex)][::-1]

    def sequence(self, *ends: str) -> list[str]:
        """Read up to one of the tokens `ends`, or to the end of the text."""
        items: list[str] = []
        blank = False
        while self.tokens and self.tokens[-1] not in ends:
            if self.tokens[-1].isspace():
                blank = bool(self.tokens.pop())
                continue
            if self.tokens[-1] in ("_", "^"):
                items.append(self._script(items.pop() if items else "<mrow></mrow>", self._next()))
            else:
                item = self._item()  # dz y^T, a product without a sign, would read as one word
                items += [_THIN] if blank and items and not (_is_apart(items[-1]) or _is_apart(item)) else []
                items.append(item)
            blank = False
        return items

    def _script(self, base: str, sign: str) -> str:
        script = self._item()
        if self.tokens[-1:] == ["^" if sign == "_" else "_"]:
            self._next()
            other = self._item()
            below, above = (script, other) if sign == "_" else (other, script)
            return f"<msubsup>{base}{below}{above}</msubsup>"
        kind = "munder" if base in ("<mo>∑</mo>", "<mo>∏</mo>") else "msub" if sign == "_" else "msup"
        return f"<{kind}>{base}{script}</{kind}>"

    def _next(self) -> str:
        token = self.tokens.pop() if self.tokens else ""
        return self._next() if token.isspace() else token

    def _until(self, *ends: str) -> list[str]:
        inner = self.sequence(*ends)
        self._next()
        return inner

    def _sign(self) -> str:
        token = self._next()
        return entities(_OPERATORS.get(token[1:], token))

    def _item(self) -> str:
        token = self._next()
        command, word = found.groups() if (found := _WORD.fullmatch(token)) else (token, "")
        name = token.removeprefix("\\")
        match command:
            case "{":
                return _row(self._until("}"))
            case r"\frac":
                return f"<mfrac>{self._item()}{self._item()}</mfrac>"
            case r"\sqrt" if self.tokens[-1:] == ["["]:
                self._next()
                degree = _row(self._until("]"))
                return f"<mroot>{self._item()}{degree}</mroot>"
            case r"\sqrt":
                return f"<msqrt>{self._item()}</msqrt>"
            case "text":
                return f"<mtext>{entities(word).replace(' ', _SPACE)}</mtext>"
            case "operatorname" | "mathrm":
                return f"<mi>{entities(word.translate(_LEFT_OUT))}</mi>"
            case "mathbf":
                return f"<mn>{word.replace('1', '𝟏')}</mn>"
            case r"\left":
                opening, inner, closing = self._sign(), "".join(self._until(r"\right")), self._sign()
                level = "" if any(tag in inner for tag in _TALL) else ' stretchy="false"'
                fence = f'<mo fence="true"{level}>'
                return f"<mrow>{fence}{opening}</mo>{inner}{fence}{closing}</mo></mrow>"
            case "begin":  # cases: rows of a value and its condition
                rows, end = "", r"\\"
                while end == r"\\":
                    cells = map("".join, (self._until("&"), self.sequence(r"\\", rf"\end{{{word}}}")))
                    rows += f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in cells)}</mtr>"
                    end = self._next()
                return f'<mrow><mo fence="true">{{</mo><mtable>{rows}</mtable></mrow>'
        if "\ue000" <= token <= "\ue0ff":
            return token
        if name != token and name in (",", ";", "!", " ", ":"):
            return _THIN
        if name[:1].isdigit():
            return f"<mn>{name}</mn>"
        if name.isalpha() and name not in _OPERATORS:
            return f"<mi>{_GREEK.get(name) or entities(name)}</mi>"
        return f"<mo>{entities(_OPERATORS.get(name, name))}</mo>"
