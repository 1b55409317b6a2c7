"""Names of tensors as identifiers, as text and in LaTeX: readable, unique, the same in formulas and pictures."""

import re
from collections.abc import Iterable, Sequence
from html import entities
from itertools import count
from typing import NamedTuple

from ..core import Tensor, everything
from ..support.text import allowed, identifier

LONGEST, WHOLE = 40, 20_000  # characters of a name that formulas show, the rest being dots; and that are kept at all
GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega"
    "|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
_MATHS = {"\\": r"\backslash ", "{": r"\{", "}": r"\}", "^": r"\wedge ", "~": r"\sim ", "<": "{<}", ">": "{>}"}
_MATHS.update({c: "\\" + c for c in "$&#%_"})
LETTERS = {entities.html5[f"{name};"]: name for name in GREEK.pattern.split("|")}
_MATHS.update({letter: f"\\{name} " for letter, name in LETTERS.items()})


class Symbol(NamedTuple):
    """A name in each notation; `title` is the unshortened, unescaped name."""

    python: str
    text: str
    latex: str
    title: str = ""


def plain(name: str) -> str:
    """Return `name` on one line, with control characters spelled out; in quotes unless it is one word."""
    shown = re.sub(r"(?<=\w)\^?\{?(\[\w+\])\}?$", r"\1", _one_line(name))
    return shown if re.fullmatch(r"\w+(\[\w+\])?", shown) else f"'{shown}'"


def _one_line(name: str) -> str:
    short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in short)


def latex(name: str) -> str:
    """Return `name` in LaTeX's mathematics, with digits at its end as an index."""
    spelled = LETTERS.get(name[:1], name[:1]) + name[1:] if not name[1:2].isalpha() else name
    word = re.fullmatch(r"([A-Za-z]+)(?:_?(\d*)|\^?\{?(\[\w+\]|\(\w+\))\}?)", spelled)
    if word is None or len(name) > LONGEST:
        special = re.escape("".join(_MATHS))
        runs = re.findall(f"[{special}]|[^{special}]+", _one_line(name))
        return "".join(_MATHS.get(run) or rf"\text{{{run}}}" for run in runs) or r"\text{ }"
    letters, index, layer = word.groups()
    if GREEK.fullmatch(letters):
        letters = "\\" + letters
    elif len(letters) > 2:
        letters = rf"\mathrm{{{letters}}}"
    return f"{{{letters}^{{{layer}}}}}" if layer else letters + (f"_{{{index}}}" if index else "")


class Namer:
    """Gives out symbols, each only once: a graph decides on the order, and so always gets the same names."""

    def __init__(self, functions: Iterable[str] = ()) -> None:
        self._taken = {(0, name) for name in functions}  # which notation, and what is taken in it
        self._next: dict[str, count[int]] = {}

    def symbol(self, name: str) -> Symbol:
        """Return a symbol for something called `name`."""
        name = name if len(name) <= WHOLE else f"{name[: WHOLE - 1]}…"
        return self._unique(Symbol(identifier(name), plain(name), latex(name), name))

    def differential(self, of: Symbol) -> Symbol:
        """Return a symbol for the cotangent of the tensor whose symbol is `of`."""
        if of.title == of.python or identifier(of.title) != of.python:
            python = allowed("d" + of.python)
        else:
            python = identifier("d" + of.title)
        return self._unique(Symbol(python, *("d" + part for part in of[1:])))

    def numbered(self, prefix: str, start: int = 0) -> Symbol:
        """Return the first symbol of ``prefix0, prefix1, ...`` that is free."""
        numbers = self._next.setdefault(prefix, count(start))
        tries = (Symbol(f"{prefix}{n}", f"{prefix}{n}", f"{prefix}_{{{n}}}", f"{prefix}{n}") for n in numbers)
        free = next(symbol for symbol in tries if self._taken.isdisjoint(enumerate(symbol)))
        self._taken.update(enumerate(free))
        return free

    def _unique(self, wanted: Symbol) -> Symbol:
        free = list[str]()
        for notation, name in zip(Symbol._fields, wanted):
            form = "{{{0}^{{({1})}}}}" if notation == "latex" else "{0}_{1}"
            tries = (form.format(name, n) if n > 1 else name for n in count(1))
            free.append(next(x for x in tries if (len(free), x) not in self._taken))
        self._taken.update(enumerate(free))
        return Symbol(*free)


class Titles(NamedTuple):
    """The symbols of a graph, by serial numbers, and the namer that knows which names are taken."""

    symbols: dict[int, Symbol]  # of every tensor
    differentials: dict[int, Symbol]  # of the cotangents of those that require a gradient
    namer: Namer


def has_name(x: Tensor) -> bool:
    """Return True for a tensor with a visible name."""
    return bool(x.name and not x.name.isspace())


def titles(outputs: Sequence[Tensor]) -> Titles:
    """Give a symbol to each tensor that `outputs` are made of: the name that it has (a second W is W_2), or else y for
    the result, x for leaves, c0, c1, ... for constants, and v1, v2, ... in the order of computation.
    """
    tensors, ends = everything(*outputs), {x.id for x in outputs}
    found = Titles({}, {}, Namer(x.op.notation.function for x in tensors if x.op))
    symbols, differentials, namer = found
    kinds: dict[str, list[Tensor]] = {"y": [], "x": [], "c": [], "v": []}
    for x in tensors:
        if has_name(x):
            symbols[x.id] = namer.symbol(str(x.name))
        else:
            kinds["y" if x.id in ends else "v" if x.op else "x" if x.requires_grad else "c"].append(x)
    for kind, members in kinds.items():
        for x in members:
            alone = kind in "yx" and len(members) == 1
            symbols[x.id] = namer.symbol(kind) if alone else namer.numbered(kind, 0 if kind == "c" else 1)
    differentials.update((x.id, namer.differential(symbols[x.id])) for x in tensors if x.requires_grad)
    return found
