"""`derive`: from a tensor to its derivation."""

from collections.abc import Mapping, Sequence
from functools import partial

from ..core import Tensor, everything
from ..inplace.history import replayed
from ..support.allowed import one_of
from ..support.words import checked_language
from .convention import CONVENTIONS, summed
from .derivation import Derivation
from .listing import listing
from .recognise import Recognised, recognised
from .sheet import Sheet
from .simplify import simplified


def derive(
    y: Tensor, wrt: Sequence[Tensor] | Tensor | None = None, *, simplify: bool = False, cotangent: object = None,
    constants: Mapping[str, float] | None = None, language: str = "en", convention: str | None = None,
) -> Derivation:  # fmt: skip
    """Write the gradient of `y` as formulas, from the same rules that backprop runs.

    Parameters
    ----------
    y : Tensor
        What to differentiate, usually a cost.
    wrt : Tensor or sequence of Tensors, optional
        Only the gradients by these, and what lies between; by default by everything.
    simplify : bool
        Simplify what is computed entry by entry, and state how:
        dZ2 = (A2 - Y) / m from the cross-entropy.
    cotangent : array_like, shape of y, optional
        What the gradient of `y` itself is taken to be; 1 by default.
    constants : dict from names to numbers, optional
        What numbers are called: ``{"m": 5}`` shows the number 5 as m.
    language : {"en", "zh"}
        Of the words around the formulas, and of the sentences on why rules hold.
    convention : {"true", "course"}, optional
        Where the 1/m of a mean over m examples stands: in dZ and dA, the true derivatives of the cost (the default), or
        as in the course in dW and db. A line below says which.

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
    numbers, language = dict(constants or {}), checked_language("derive", language)
    y, *others = replayed([y, *([wrt] if isinstance(wrt, Tensor) else wrt or ())])
    wrt = None if wrt is None else others
    one_of(*CONVENTIONS).read("derive", "convention", convention)
    y, m = summed(y) if convention == "course" else (y, None)
    if m and m not in numbers.values():
        numbers["m"] = m
    made = partial(Derivation, language=language, convention=convention)
    listed = partial(listing, cotangent=cotangent, shared=m)
    sheet = Sheet(listed(y, wrt), numbers)
    if not simplify:
        return made(sheet.listing, sheet.lines(), sheet, Recognised())
    found = recognised(y)
    kept = {x.id for x in everything(found(y))}
    if found(y) is y or not all(found(x).id in kept for x in wrt or ()):
        return made(sheet.listing, simplified(sheet), sheet, Recognised())
    again = Sheet(listed(found(y), wrt and [found(x) for x in wrt]), numbers)
    return made(again.listing, found.explained(sheet, simplified(again)), again, found)
