"""Whether what a function finds outside its arguments is still what it was.

Arrays that it uses as operands are read anew at every call. Everything else that its names lead to, numbers, arrays in
plain NumPy expressions, entries of dicts and lists, attributes of objects, became part of the program: when one of them
is another object than before, or an array has other entries, a new program is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import is_
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from .surroundings import Chosen, Walk


class Watch:
    """The things outside that a function depends on.

    Parameters
    ----------
    roots : list
        The function, and what else is to be followed.
    read : set of int
        Identities of arrays that are read at every call, whose entries may change.
    looked_at : sequence of arrays and Tensors
        Those whose entries may not, though they are read.

    Notes
    -----
    Whether plain NumPy code looks at an array that is read, nobody sees. So small ones are compared too, until it has
    turned out that the program is the same after they have changed (see `learn`).

    Examples
    --------
    >>> course = {"scale": [2.0], "__name__": "course"}
    >>> exec("def f(x): return x * scale[0]", course)
    >>> watch = Watch([course["f"]], set())
    >>> watch.unchanged()
    True
    >>> course["scale"][0] = 3.0
    >>> watch.unchanged()
    False
    """

    def __init__(self, roots: Sequence[Any], read: set[int], looked_at: Sequence[Any] = ()) -> None:
        self._free: list[Any] = []
        self._wholes: list[tuple[Callable[[Any], Iterable[Any]], Any, tuple[Any, ...]]] = []
        walk = Walk(roots, read)
        self._operands = [(x, _content(x)) for x in walk.operands]
        self._contents = [(x, _content(x)) for x in {id(x): x for x in (*walk.arrays, *looked_at)}.values()]
        places: list[tuple[Any, str]] = []
        for parts, whole in walk.wholes:
            if isinstance(parts, Chosen) and parts.are_in(whole):
                places += [(whole, name) for name in parts.names]
            else:
                self._wholes.append((parts, whole, tuple(parts(whole))))
        self.names_stand = _standing(places)

    def __bool__(self) -> bool:
        return not self.is_plain or self.names_stand is not _nothing

    @property
    def is_plain(self) -> bool:
        """Whether `names_stand` says it all."""
        return not (self._wholes or self._contents or self._operands)

    def unchanged(self) -> bool:
        """Whether everything is what it was."""
        if not self.names_stand():
            return False
        for parts, whole, before in self._wholes:
            now = tuple(parts(whole))
            if len(now) != len(before) or not all(map(is_, now, before)):
                return False
        return all(_content(x) == content for x, content in (*self._contents, *self._operands))

    def learn(self, before: Watch) -> None:
        """Let those operands change from now on that have changed since `before`, which watched the same program."""
        changed = [x for x, content in before._operands if _content(x) != content]
        self._free = [*before._free, *changed]
        free = set(map(id, self._free))
        self._operands = [(x, content) for x, content in self._operands if id(x) not in free]


def _content(x: Any) -> Any:
    array = np.asarray(x.array if isinstance(x, Tensor) else x)
    return array.shape, array.dtype, array.tobytes()


def _nothing() -> bool:
    return True


def _standing(places: list[tuple[Any, str]]) -> Callable[[], bool]:
    """Write a function that says whether names in dicts stand for what they do now: it is asked at every call."""
    if not places:
        return _nothing
    spaces = {f"space{i}": space for i, (space, _) in enumerate(places)}
    values = {f"value{i}": space[name] for i, (space, name) in enumerate(places)}
    tests = " and ".join(f"space{i}[{name!r}] is value{i}" for i, (_, name) in enumerate(places))
    text = f"def standing():\n    try:\n        return {tests}\n    except KeyError:\n        return False\n"
    made: dict[str, Any] = {**spaces, **values}
    exec(text, made)
    return made["standing"]  # type: ignore[no-any-return]
