"""`derive`: from a tensor to its derivation, and what that can be asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from ..core import Tensor, everything
from ..inplace.history import replayed
from ..support.allowed import one_of
from ..support.elsewhere import elsewhere
from ..support.text import entities
from ..support.words import checked_language
from .convention import CONVENTIONS, examples_of, note, summed
from .listing import listing
from .mathml import as_one
from .program import Program
from .reasons import shape_text
from .same import Same, same
from .sheet import Sheet
from .simplify import Recognised, recognised, simplified
from .steps import as_text


@dataclass(eq=False, repr=False)
class Derivation(Program):
    """The chain rule for one tensor, as formulas: text, LaTeX, MathML and a NumPy program.

    Attributes
    ----------
    steps : list of Step
        Forward, then backward in the order in which backprop computes.
    text, latex, mathml, numpy : str
        All of it. The program is given the leaves and constants and assigns each gradient to ``dNAME``.
    leaves, constants : dict of ndarrays
        The inputs of the program: what the gradients are by, and the rest, c0, c1, ... for arrays without a name.
    """

    language: str = "en"
    note: str = ""  # on the form that is shown, where there are two

    @cached_property
    def text(self) -> str:
        """Legend, forward pass and backward pass, a line for each quantity with its shape beside it."""
        return self.explained(rules=False)

    def explained(self, *, rules: bool = True, numbers: bool = False) -> str:
        r"""Return the text with more under each line.

        Parameters
        ----------
        rules, numbers : bool
            The rules that a gradient comes from, why each holds and which shapes meet; the formula with its numbers.

        Examples
        --------
        >>> from tinygrad_dnn import Tensor, derive
        >>> w, x = Tensor(2.0, name="w"), Tensor(3.0, name="x")
        >>> print(derive((w * x).named("z"), w).explained(numbers=True).split("Backward\n")[1])
          dz = 1       number
               why: z changes exactly as much as itself, so the walk back starts with 1.
               1
          dw = dz * x  number
               rule: z = x * y gives dx = dz * y
               why: w is multiplied by x, so a change in w counts x times in z, and so does what comes back.
               1 * 3 = 3
        """
        return as_text(self.legend, self.steps, rules, numbers, self.language) + f"\n\n{self.note}" * bool(self.note)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Derivation of {self.listing.symbols[self.listing.root.id].text}, {len(self.steps)} steps>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print the text in a console of IPython."""
        printer.text(self.text)

    @cached_property
    def latex(self) -> str:
        """An ``aligned`` environment: equations with their shapes."""
        sizes = (r" \times ".join(map(str, s.shape)) for s in self.steps)
        shapes = (rf"\scriptstyle ({size})" if size else "" for size in sizes)
        rows = [rf"{s.symbol.latex} &= {s.latex} && {shape}" for s, shape in zip(self.steps, shapes)]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle\n{self.latex}\n$"

    def _repr_html_(self) -> str:
        """Return MathML, which a page shows without a script."""
        return self.mathml + f"<p>{entities(self.note)}</p>" * bool(self.note)

    @cached_property
    def mathml(self) -> str:
        """A ``math`` element with a table of the equations."""
        rows = ""
        for s in self.steps:
            shape = f"<mtext>{entities(shape_text(s.shape, self.language))}</mtext>"
            cells = ("right", as_one(s.symbol.latex)), ("left", f"<mo>=</mo>{as_one(s.latex)}"), ("left", shape)
            styled = (f'<mtd style="text-align:{side}">{content}</mtd>' for side, content in cells)
            rows += f"<mtr>{''.join(styled)}</mtr>"  # styled, as browsers do not know columnalign
        table = f'<mtable columnalign="right left left" displaystyle="true">{rows}</mtable>'
        return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{table}</math>'

    def same(self, formula: str) -> Same:
        """Compare a formula of yours, in NumPy's or the course's notation, with the derived one.

        FormulaError is raised if it cannot be read, or names something unknown.

        Parameters
        ----------
        formula : str
            ``"NAME = expression"``, for any quantity or gradient: ``"dW2 = 1/m * np.dot(dZ2, A1.T)"``, or
            ``"dW^{[2]} = 1/m dZ^{[2]} A^{[1]T}"``.

        Returns
        -------
        Same
            True where the formula is proved. It prints the chain of identities from the derived formula to yours; or
            the smallest numbers on which they differ, and where they part; or that they are equal on many draws.

        Examples
        --------
        >>> from tinygrad_dnn import Tensor, derive
        >>> a, b, c = Tensor(5.0, name="a"), Tensor(3.0, name="b"), Tensor(2.0, name="c")
        >>> print(derive((3 * (a + b * c)).named("J")).same("dc = 3 b"))
        dc = 3 b: yes, for all values
            dc = da * b    [derived]
            = 3 * b    [put in da]
            = 3 b    [yours]
        """
        return same(self, formula)

    def as_dict(self) -> dict[str, Any]:
        """Return the derivation in types that JSON can hold."""
        keys = ("name", "text", "latex", "shape", "kind")
        legend = [dict(zip(keys, (*symbol[:3], shape, kind))) for symbol, shape, kind in self.legend]
        steps = [step.as_dict() for step in self.steps]
        return {"legend": legend, "steps": steps, "program": self.numpy, "note": self.note}


elsewhere(Derivation, "Derivation")


def derive(
    y: Tensor, wrt: Sequence[Tensor] | Tensor | None = None, *, simplify: bool = False, cotangent: object = None,
    constants: Mapping[str, float] | None = None, language: str = "en", convention: str | None = None,
) -> Derivation:  # fmt: skip
    """Write the gradient of `y` as formulas, from the same rules that backprop runs.

    DetachedError is raised if nothing that `y` depends on requires a gradient, and StaleError if a leaf has been
    changed since `y` was computed.

    Parameters
    ----------
    y : Tensor
        What to differentiate, usually a cost.
    wrt : Tensor or sequence of Tensors, optional
        Only the gradients by these, and what lies between; by default by everything.
    simplify : bool
        Simplify what is computed entry by entry, and state how: dZ2 = (A2 - Y) / m from the cross-entropy.
    cotangent : array_like, shape of y, optional
        What the gradient of `y` itself is taken to be; 1 by default.
    constants : dict from names to numbers, optional
        What numbers are called: ``{"m": 5}`` shows the number 5 as m.
    language : {"en", "zh"}
        Of the words around the formulas, and of the sentences on why rules hold.
    convention : {"true", "course"}, optional
        Where the 1/m of a mean over m examples stands: in dZ and dA, the true derivatives of the cost (the default), or
        as in the course in dW and db. A line below says which, and why both give the same dW and db.

    Returns
    -------
    Derivation
        ``print`` it, show it in a notebook, or take ``.text``, ``.latex``, ``.mathml``, ``.numpy``, ``.steps``.

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
    if not isinstance(y, Tensor):
        raise TypeError(f"derive: {y!r:.80} is not a Tensor; give one that was computed from Tensors, such as a cost")
    numbers, language = dict(constants or {}), checked_language("derive", language)
    y, *others = replayed([y, *([wrt] if isinstance(wrt, Tensor) else wrt or ())])
    wrt = None if wrt is None else others
    one_of(*CONVENTIONS).read("derive", "convention", convention)
    course = convention == "course"
    y, examples = summed(y) if course else (y, examples_of(y) if cotangent is None else None)
    m = examples.m if course and examples else None
    # the 2 of a square is not the 2 of two examples
    plain = (v for x in everything(y) for i, v in zip(x.inputs, x.operands) if not isinstance(i, Tensor))
    if m and m not in numbers.values() and all(np.ndim(v) or v != m for v in plain):
        numbers["m"] = m
    made = partial(Derivation, language=language, note=note(convention, examples, language))
    listed = partial(listing, cotangent=cotangent, shared=m)
    sheeted = partial(Sheet, numbers=numbers, language=language, examples=examples if course else None)
    sheet = sheeted(listed(y, wrt))
    if not simplify:
        return made(sheet.listing, sheet.lines(), sheet, Recognised())
    found = recognised(y)
    kept = {x.id for x in everything(found(y))}
    if found(y) is y or not all(found(x).id in kept for x in wrt or ()):
        return made(sheet.listing, simplified(sheet), sheet, Recognised())
    again = sheeted(listed(found(y), wrt and [found(x) for x in wrt]))
    return made(again.listing, found.explained(sheet, simplified(again)), again, found)
