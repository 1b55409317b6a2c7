"""Notation: the spelling of an op in NumPy, as text and in LaTeX. Each op declares its own.

A form is a template with one pair of braces for each operand. `binds` is the precedence of the form's
outermost operator, and `needs` the lowest precedence with which each operand goes without parentheses.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..support.text import shortened

ANY, COMPARE, ADD, MULTIPLY, NEGATE, POWER, ATOM = range(7)  # precedences of Python's operators, loosest first


class Form(NamedTuple):
    """A template such as ``"{} * {}"`` with its precedences."""

    template: str
    binds: int = ATOM
    needs: tuple[int, ...] | int = ANY

    def fill(self, operands: list[tuple[str, int]], brackets: tuple[str, str] = ("(", ")")) -> str:
        """Put operands, each a text and its precedence, into the template."""
        needs = self.needs if isinstance(self.needs, tuple) else (self.needs,) * len(operands)
        left, right = brackets
        written = (text if binds >= need else left + text + right for (text, binds), need in zip(operands, needs))
        return self.template.format(*written)


Writer = Callable[[int, Mapping[str, Any]], Form]  # from the number of operands and the parameters to the form
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Notation:
    """The notations of an op: NumPy source, LaTeX and text.

    `fitted` may give another form where the shapes of the operands ask for one: from "source", "latex" or "text", the
    shapes and the parameters to the form, or None. `function` is the name that a call in the source begins with.
    """

    source: Writer
    latex: Writer
    text: Writer
    fitted: Callable[[str, Sequence[Shape], Mapping[str, Any]], Form | None] | None = None
    function: str = ""

    def form(self, kind: str, shapes: Sequence[Shape], params: Mapping[str, Any]) -> Form:
        """Return the form for operands of these shapes."""
        special = self.fitted(kind, shapes, params) if self.fitted else None
        writer: Writer = getattr(self, kind)
        return special or writer(len(shapes), params)


def infix(symbol: str, latex: str, binds: int, *, right: int | None = None) -> Notation:
    """Write an operator between its two operands; `right` is the precedence the right one needs, one more by default.

    The source always needs one more, because a + (b + c) and (a + b) + c round differently.
    """
    strict = binds + 1
    loose = strict if right is None else right

    def form(sign: str, need: int) -> Writer:
        return lambda arity, params: Form(f"{{}} {sign} {{}}", binds, (binds, need))

    return Notation(form(symbol, strict), form(latex, loose), form(symbol, loose))


_PARAMETER = re.compile(r"(?<!\{)\{([a-z_]+)\}(?!\})")


def forms(source: Form | str, latex: Form | str, text: Form | str | None = None) -> Notation:
    """Write with fixed forms, parameters in braces by name; by default the text is the source without ``np.``."""

    def always(form: Form | str) -> Writer:
        fixed = form if isinstance(form, Form) else Form(form)
        if not _PARAMETER.search(fixed.template):
            return lambda arity, params: fixed

        def filled(arity: int, params: Mapping[str, Any]) -> Form:
            def value(name: re.Match[str]) -> str:  # braces around anything else are LaTeX's own
                return _braced(repr(params[name[1]])) if name[1] in params else f"{{{name[0]}}}"

            return fixed._replace(template=_PARAMETER.sub(value, fixed.template))

        return filled

    plain = source if isinstance(source, Form) else Form(source)
    return Notation(always(source), always(latex), always(text or plain._replace(template=_bare(plain.template))))


def call(function: str, latex: str | Form | Writer | None = None, listed: tuple[str, str] = ("", ""), **defaults: Any) -> Notation:
    """Write as a call of `function`; parameters that equal their `defaults` are left out.

    The text leaves out keepdims too, since it shows shapes. `listed` are brackets around the operands.
    """

    def written(name: str, *silent: str) -> Writer:
        def form(arity: int, params: Mapping[str, Any]) -> Form:
            said = {k: v for k, v in params.items() if k not in silent and (k not in defaults or defaults[k] != v)}
            named = (v if k == "axis" and isinstance(v, str) else f"{k}={v!r}" for k, v in said.items())
            given = [*map(_braced, named)]  # an axis may be given in words
            operands = ["{}"] * arity if not listed[0] else [f"{listed[0]}{', '.join(['{}'] * arity)}{listed[1]}"]
            return Form(f"{name}({', '.join(operands + given)})")

        return form

    def formula(arity: int, params: Mapping[str, Any]) -> Form:
        bare = shortened(_bare(function), 100).replace("_", r"\_")
        default = f"\\{bare}" if bare in _LATEX else rf"\operatorname{{{bare}}}"
        name = latex if isinstance(latex, str) else default
        return Form(rf"{_braced(name)}\left({', '.join(['{}'] * arity)}\right)")

    own = latex if callable(latex) else (lambda arity, params: latex) if isinstance(latex, Form) else formula
    return Notation(written(function), own, written(shortened(_bare(function), 100), "keepdims"), function=function)


def named_by(name: Callable[[Mapping[str, Any]], str]) -> Notation:
    """Write as a call of a function that the parameters name."""

    def written(kind: str) -> Writer:
        return lambda arity, params: getattr(call(name(params)), kind)(arity, {})

    return Notation(written("source"), written("latex"), written("text"))


_LATEX = {"sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "max", "min", "det"}
"""Functions that LaTeX has commands for."""


def _bare(source: str) -> str:
    return source.replace("np.linalg.", "").replace("np.", "")


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
