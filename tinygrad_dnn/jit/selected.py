"""Selected: the entries of an array at a mask that depends on an argument, whose number a program does not know.

They are computed for all entries. What is computed of each one alone, totals, and a write to the same mask (as in
``a[mask] *= c``) do not need their number; everything else is refused.
"""

import operator
from typing import Any, NoReturn

import numpy as np

from ..core import NO_PARAMS, Tensor, current, make
from ..ops import ARRAY, mean_
from ..rewrite.matching import same
from ..transforms.observe import calling_line


class Selected(Tensor):
    """Stands for ``x[index]``: `full` has all entries, and `wide` is the mask in as many axes."""

    __slots__ = ()
    full: Any
    place: tuple[Any, Any, int, Any]  # the mask, the index, the axes after those of the mask, and how to refuse

    def refused(self, *args: object) -> NoReturn:
        """Refuse whatever needs to know how many entries there are."""
        raise self.place[3](self)

    array = _shared = property(refused)
    dtype = property(lambda self: self.full.dtype)
    requires_grad = property(lambda self: self.full.requires_grad)
    title = property(lambda self: "the array of the entries that a mask selects (made by getitem)")
    __len__ = __iter__ = __getitem__ = __setitem__ = __array__ = __bool__ = __float__ = refused  # type: ignore[assignment]

    def applied(self, op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply an op to inputs of which one is Selected."""
        total = params.get("axis") is None and not params.get("keepdims")
        if op.elementwise or op.name.startswith("astype"):
            return _made(op(*map(self.whole, inputs), **params), self.place)
        if total and op.fold:
            return op(np.where(self.place[0], self.full, op.fold.start), **params)
        if total and op is mean_:
            mask = np.broadcast_to(self.place[0], self.full.shape)
            return np.sum(np.where(mask, self.full, 0.0), **params) / np.count_nonzero(mask)
        return self.refused()

    def whole(self, x: Any) -> Any:
        """Return what goes with all entries where x goes with those selected."""
        if not isinstance(x, Selected):
            x = x[0] if np.shape(x) == (1,) else x
            return x if np.ndim(x) <= self.place[2] else self.refused()
        return x.full if x.place[1:3] == self.place[1:3] and same(x.place[0], self.place[0]) else self.refused()

    def changed(self, other: "Selected") -> "Selected":
        """Change in place."""
        self.full = other.full
        return self

    def replaced_by(self, value: object) -> Any:
        """Return the array after ``x[index] = value``."""
        return np.where(self.place[0], self.whole(value), self.full)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    _function = getattr(operator, f"__{_name}__")
    setattr(Selected, f"__i{_name}__", lambda self, other, f=_function: self.changed(f(self, other)))


def _made(full: object, place: tuple[Any, Any, int, Any]) -> Selected:
    made = make(Selected, None, (), (), NO_PARAMS, None, current())
    made.full, made.place, made.line = full, place, calling_line()
    return made


def selected(x: Any, parts: tuple[Any, ...], arrays: list[Any], refuse: Any) -> Selected | None:
    """Return ``x[index]`` for a mask, which whole axes may precede; None for another index."""
    place = parts.index(ARRAY)
    [mask], rest = arrays[:1], np.ndim(x) - place - arrays[0].ndim
    if len(arrays) > 1 or any(part != slice(None) for part in (*parts[:place], *parts[place + 1 :])):
        return None
    if mask.dtype.kind != "b" or rest < 0 or mask.shape != x.shape[place : place + mask.ndim]:
        return None
    return _made(x, (np.reshape(mask, mask.shape + (1,) * rest), parts, rest, refuse))
