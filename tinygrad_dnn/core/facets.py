"""Facets of an op besides its rule and notation: its spelling for Numba and JavaScript, and why its rule holds."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..support.text import json_beside, reserved
from .notation import Form, Notation

if TYPE_CHECKING:
    from .node import Node
LANGUAGES = ("en", "zh")  # the languages of the sentences
Entry = Form | str | Callable[["Node"], Form | None] | None  # one entry of the result; None: as NumPy has it


class Fold(NamedTuple):
    """A reduction as a loop: what its total starts from, and the form of the next total from total and entry."""

    start: float
    step: Form


_REASONS = {key: (en, zh, *family) for en, zh, keys, *family in json_beside(__file__, "reasons.json") for key in keys.split()}
"""The sentences of the library's own ops, by the name of the op, or by name and place of the input: ``divide.0``; and,
unless the op works entry by entry, how shapes pass through the rule."""
Whys = str | tuple[str | None, ...] | None  # the sentence for every operand, or one for each


class Facets:
    """The facets of an op that other layers ask for.

    Parameters
    ----------
    arity, notation, numpy
        The number of inputs with a rule, how the op is written, and the NumPy functions that it answers.
    elementwise : bool, optional
        True where each entry of the result depends on one entry of each operand; by default for ufuncs.
    fold : Fold, optional
        A reduction as a loop.
    imports : tuple of str
        The import statements that the NumPy source needs besides ``import numpy as np``.
    numba : str, Form, or callable from a Node to a Form or None
        One entry of the result in compiled loops, from the entries of the operands; by default the NumPy source. ZERO
        and ONE stand for these numbers in the result's dtype, and ``math`` is imported.
    javascript : str or Form
        The same in JavaScript, parameters in braces by name; by default the NumPy source, if it is valid there. Of an
        op that is not elementwise: the result for operands of one entry.
    why, why_zh : str, or a tuple with one for each input
        The sentence on why the rule holds, in English and in Chinese, with ``{y}`` for the result, ``{x}`` for the
        operand that the gradient is of, ``d{x}`` for that gradient, and ``{w}`` for the other operand. The library's
        own ops have theirs in a table, reasons.json, each with the ops that it is true of.
    """

    name: str
    vjps: Any

    def __init__(
        self, arity: int, notation: Notation, numpy: tuple[Any, ...], *, elementwise: bool | None = None,
        fold: Fold | None = None, imports: tuple[str, ...] = (), numba: Entry = None,
        javascript: Form | str | None = None, why: Whys = None, why_zh: Whys = None,
    ) -> None:  # fmt: skip
        self.notation, self.numpy, self.fold, self.imports = notation, numpy, fold, imports
        self.why = why, why_zh or why
        self.nin = arity or getattr(next(iter(numpy), None), "nin", 1)
        ufunc = any(isinstance(f, np.ufunc) and f.signature is None for f in numpy)
        reserved.update(imported(imports))
        self.elementwise = ufunc if elementwise is None else elementwise
        form = Form(numba) if isinstance(numba, str) else numba
        self.numba = (lambda node: form) if isinstance(form, Form) else form
        self._javascript = Form(javascript) if isinstance(javascript, str) else javascript

    @cached_property
    def javascript(self) -> Form | None:
        """The spelling in JavaScript, where there is one."""
        if self._javascript is None and self.elementwise:
            with suppress(KeyError):  # the source depends on a parameter
                return in_javascript(self.notation.source(self.nin, {}))
        return self._javascript

    def reason(self, place: int = 0, language: str = "en", *, y: str = "y", x: str = "x", w: str = "w") -> str | None:
        """Return the sentence on why the rule of an input holds, with the reader's names in it, or None."""
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r}: the sentences are written in {' and '.join(LANGUAGES)}")
        why = (self._row(place) or self.why)[LANGUAGES.index(language)]
        sentence = why if not isinstance(why, tuple) else why[place] if place < len(why) else None
        return sentence.format(y=y, x=x, w=w) if sentence else None

    def family(self, place: int = 0) -> str:
        """Return how shapes pass through the rule of an input: "entries", or as its row says; "whole" by default."""
        return "entries" if self.elementwise else next(iter(self._row(place)[2:]), "whole")

    def _row(self, place: int) -> tuple[str, ...]:
        """Return the sentences on the rule of one of the library's own ops, and its family."""
        if self.why != (None, None) or not getattr(self.vjps[place], "__module__", "").startswith("tinygrad_dnn."):
            return ()
        return _REASONS.get(self.name) or _REASONS.get(f"{self.name}.{place}") or ()


_MATH = (
    r"\bnp\.(abs|a?(?:cos|sin|tan)h?|atan2|cbrt|ceil|expm1|exp|floor|hypot|log10|log1p|log2|log|max|min|sign|sqrt"
    r"|trunc)\b"
)
"""The functions of JavaScript's Math with the values of NumPy's, which writes arc for the a of acos."""
_SHARED = re.compile(r"(Math\.\w+|[-+*/(),.\d\s]|\{\d?\})*")


def in_javascript(source: Form) -> Form | None:
    """Translate a NumPy source into JavaScript; None unless it is arithmetic and functions that `Math` has too."""
    template = re.sub(_MATH, r"Math.\1", re.sub(r"np\.(a)rc|np\.(m\w\w)imum", r"np.\1\2", source.template))
    shared = _SHARED.fullmatch(template) and "**" not in template and "//" not in template
    return source._replace(template=template) if shared else None


def imported(statements: Iterable[str]) -> Mapping[str, str]:
    """Return each name that import statements bind, with its statement."""
    return {re.split(r"\bas\b|\bimport\b", statement)[-1].strip(): statement for statement in statements}
