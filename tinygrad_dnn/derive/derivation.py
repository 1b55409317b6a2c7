"""The derivation of a gradient: what `derive` returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import numpy as np

from ..ops.rule_source import body_of
from ..tensor import Tensor
from . import mathml
from .listing import Listing, listing
from .names import Symbol
from .sheet import Line, Sheet
from .simplify import simplified


@dataclass(frozen=True)
class Rule:
    """The general rule of an op, of which a step is an instance.

    Attributes
    ----------
    op : str
    formula : str or None
        The expression in the cotangent ``y_bar``, the result and the inputs; None if the rule is a longer program.
    """

    op: str
    formula: str | None


@dataclass(frozen=True, eq=False)
class Step:
    """One line of a derivation.

    Attributes
    ----------
    target : str
        The name of the quantity.
    text, latex, mathml, numpy : str
        What it is equal to, in each notation.
    shape : tuple of int
    backward : bool
        Whether it is a gradient; else it is computed on the way to the cost.
    rules : tuple of Rule
        The rules it comes from, one for each path by which the cost depends on the tensor.
    value : ndarray
        The numbers.
    scope : tuple of str
        The layer it belongs to.
    line : (file name, line number) or None
        The source line that made the tensor, noted under `trace_lines`.
    how : tuple of str
        The formula before it was simplified, and what was done to it.
    """

    target: str
    symbol: Symbol
    text: str
    latex: str
    mathml: str
    numpy: str
    shape: tuple[int, ...]
    backward: bool
    rules: tuple[Rule, ...]
    value: np.ndarray
    scope: tuple[str, ...]
    line: tuple[str, int] | None
    how: tuple[str, ...]
    _in_numbers: Callable[[], str]

    @property
    def numbers(self) -> str:
        """The formula with the numbers in it, ``-0.5 * 0.25``, before any simplification."""
        return self._in_numbers()

    def __str__(self) -> str:
        return f"{self.symbol.text} = {self.text}"

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can hold, without the numbers."""
        plain = ("target", "text", "latex", "mathml", "numpy", "shape", "backward", "scope", "line", "how")
        rules = [{"op": rule.op, "formula": rule.formula} for rule in self.rules]
        return {**{key: getattr(self, key) for key in plain}, "rules": rules}


class Derivation:
    """The chain rule for one tensor, as formulas: text, LaTeX, MathML and a NumPy program.

    Attributes
    ----------
    steps : list of Step
        Forward, then backward in the order in which backprop computes.
    text, latex, mathml, numpy : str
        All of it. The program is given the leaves and constants and assigns each gradient to ``dNAME``.
    constants : dict of ndarrays
        What the program is given besides the leaves: named constants, and c0, c1, ... for arrays without a name.
    leaves : dict of ndarrays
        What the gradients are by.
    """

    def __init__(self, found: Listing, constants: Mapping[str, float] | None = None, simplify: bool = False) -> None:
        self.listing = found
        self.simplify = simplify
        self._sheet = Sheet(found, dict(constants or {}))
        self._lines = simplified(self._sheet) if simplify else self._sheet.lines("text")

    # --- the given

    @cached_property
    def leaves(self) -> dict[str, Any]:
        """The leaves by their names, with their values."""
        return {self.listing.symbols[x._serial].python: x._array for x in self.listing.leaves}

    @cached_property
    def constants(self) -> dict[str, Any]:
        """The constants by their names, with their values."""
        return {self.listing.symbols[x._serial].python: x._array for x in self.listing.constants}

    def name_of(self, x: Tensor) -> str:
        """Return the name of the gradient by a tensor.

        Raises
        ------
        KeyError
            If the derivation has no such gradient.
        """
        return self.listing.differentials[x._serial].python

    # --- the notations

    @cached_property
    def steps(self) -> list[Step]:
        """The lines that formulas show."""
        return [self._step(line) for line in self._lines]

    def _step(self, line: Line) -> Step:
        tensor = line.value if isinstance(line.value, Tensor) else None
        origin = line.of.of if line.of else tensor
        rules = tuple(_rule(node, i) for node, i in line.of.paths) if line.of else ()
        written = line.written
        return Step(
            line.symbol.python,
            line.symbol,
            written["text"],
            written["latex"],
            written["mathml"],
            written["source"],
            np.shape(getattr(line.value, "_array", line.value)),
            line.backward,
            rules,
            np.asarray(getattr(line.value, "_array", line.value)),
            origin.scope if origin is not None else (),
            origin.line if origin is not None else None,
            line.how,
            lambda: self._sheet.in_numbers(line),
        )

    @cached_property
    def legend(self) -> list[tuple[Symbol, tuple[int, ...], str]]:
        """The symbols with shape and kind: what is given first, then what is computed."""
        found = self.listing
        entries: list[tuple[Symbol, tuple[int, ...], str]] = []
        entries += [(found.symbols[x._serial], x.shape, "differentiated by") for x in found.leaves]
        entries += [(found.symbols[x._serial], x.shape, "constant") for x in found.constants]
        entries += [(symbol, (), f"constant, {value}") for (_, value), symbol in self._sheet.numbers.items()]
        entries += [(step.symbol, step.shape, "gradient" if step.backward else "computed") for step in self.steps]
        return entries

    @cached_property
    def text(self) -> str:
        """Legend, forward pass and backward pass, a line for each quantity with its shape beside it."""
        given = [entry for entry in self.legend if entry[2] not in ("gradient", "computed")]
        width = max([len(symbol.text) for symbol, _, _ in self.legend], default=0)
        parts = ["Given", *(f"  {s.text:<{width}}  {_shape(shape):<10} {kind}" for s, shape, kind in given)]
        for title, backward in (("Forward", False), ("Backward", True)):
            steps = [step for step in self.steps if step.backward is backward]
            column = min(max([len(str(step)) for step in steps], default=0), 72)
            parts += ["", title]
            for step in steps:
                parts.append(f"  {step!s:<{column}}  {_shape(step.shape)}")
                parts += [f"    = {how}" for how in step.how[:1]] + [f"      {how}" for how in step.how[1:]]
        return "\n".join(parts)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Derivation of {self._root.text}, {len(self.steps)} steps>"

    @property
    def _root(self) -> Symbol:
        return self.listing.symbols[self.listing.root._serial]

    @cached_property
    def latex(self) -> str:
        """An ``aligned`` environment: equations with their shapes."""
        rows = [rf"{s.symbol.latex} &= {s.latex} && {_tex_shape(s.shape)}" for s in self.steps]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle\n{self.latex}\n$"

    @cached_property
    def mathml(self) -> str:
        """A ``math`` element with a table of the equations."""
        rows = "".join(
            f"<mtr><mtd>{mathml.symbol(s.symbol)}</mtd><mtd><mo>=</mo>{mathml.row(s.mathml)}</mtd>"
            f"<mtd><mtext>{escape(_shape(s.shape))}</mtext></mtd></mtr>"
            for s in self.steps
        )
        return (
            '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'
            f'<mtable displaystyle="true" columnalign="right left left">{rows}</mtable></math>'
        )

    @cached_property
    def numpy(self) -> str:
        """A program that computes the gradients, exactly as backprop does."""
        given = [
            f"#   {s.python}: {_shape(shape)}" for s, shape, kind in self.legend if kind not in ("gradient", "computed")
        ]
        lines = ["import numpy as np", "", "# given", *given]
        lines += [f"{symbol.python} = {value!r}" for (_, value), symbol in self._sheet.numbers.items()]
        titles = {False: "# forward", True: "# backward"}
        before: bool | None = None
        for line in self._sheet.lines("source"):
            if line.backward is not before:
                lines += ["", titles[line.backward]]
                before = line.backward
            shape = np.shape(getattr(line.value, "_array", line.value))
            lines.append(f"{line.symbol.python} = {self._as_asked(line)}  # {_shape(shape)}")
        return "\n".join(lines) + "\n"

    def _as_asked(self, line: Line) -> str:
        """The expression, in the dtype of the tensor whose gradient it is."""
        source = line.written["source"]
        if line.of is None or line.of.of._primitive is not None:
            return source
        wanted, made = line.of.of.dtype, np.asarray(getattr(line.value, "_array", line.value)).dtype
        return source if wanted == made else f"np.asarray({source}, np.{wanted.name})"

    def run(self, **values: Any) -> dict[str, Any]:
        """Run the program and return all that it computes.

        Parameters
        ----------
        **values : arrays
            Other values for leaves or constants; the rest are what the derivation was made with.

        Returns
        -------
        dict
            From names to values: ``derive(J).run()["dW1"]``.
        """
        space: dict[str, Any] = {**self.constants, **self.leaves, **values}
        with np.errstate(all="ignore"):
            exec(compile(self.numpy, f"<derivation of {self._root.python}>", "exec"), space)
        return {name: value for name, value in space.items() if name not in ("__builtins__", "np")}

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as what JSON can hold."""
        legend = [
            {"name": s.python, "text": s.text, "latex": s.latex, "shape": h, "kind": k} for s, h, k in self.legend
        ]
        return {"legend": legend, "steps": [step.as_dict() for step in self.steps], "program": self.numpy}


def _rule(node: Tensor, i: int) -> Rule:
    return Rule(node._primitive.name, body_of(node._primitive.vjps[i]))


def _shape(shape: tuple[int, ...]) -> str:
    return "number" if shape == () else str(shape)


def _tex_shape(shape: tuple[int, ...]) -> str:
    return "" if shape == () else r"\scriptstyle (" + r" \times ".join(map(str, shape)) + ")"


def derive(
    y: Tensor,
    wrt: Sequence[Tensor] | Tensor | None = None,
    *,
    simplify: bool = False,
    cotangent: Any = None,
    constants: Mapping[str, float] | None = None,
) -> Derivation:
    """Write the gradient of `y` as formulas, from the same rules that backprop runs.

    Parameters
    ----------
    y : Tensor
        What to differentiate, usually a cost.
    wrt : Tensor or sequence of Tensors, optional
        Only the gradients by these, and what lies between; by default by everything.
    simplify : bool
        Simplify what is computed entry by entry, with SymPy, and state how:
        dZ2 = (A2 - Y) / m from the cross-entropy.
    cotangent : array_like, shape of y, optional
        What the gradient of `y` itself is taken to be; 1 by default.
    constants : dict from names to numbers, optional
        What numbers are called: ``{"m": 5}`` shows the number 5 as m.

    Returns
    -------
    Derivation
        ``print`` it, show it in a notebook, or take ``.text``, ``.latex``, ``.mathml``, ``.numpy``, ``.steps``.

    Raises
    ------
    DetachedError
        If nothing that `y` depends on requires a gradient.
    StaleError
        If a leaf has been changed since `y` was computed.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor
    >>> a, b, c = Tensor(5.0, name="a"), Tensor(3.0, name="b"), Tensor(2.0, name="c")
    >>> u = (b * c).named("u")
    >>> v = (a + u).named("v")
    >>> J = (3 * v).named("J")
    >>> print(*(step for step in derive(J).steps if step.backward), sep="; ")
    dJ = 1; dv = dJ * 3; du = dv; da = dv; db = du * c; dc = du * b
    """
    return Derivation(listing(y, wrt, cotangent=cotangent), constants, simplify)
