"""One submission under judgement: its process, what it defines, and which of its functions are known to be wrong.

A call that kills or hangs the process costs only that call: the submission is run again in a new one. The course's
functions, computed outside the sandbox, stand in for callees that it lacks or has wrong, never for what is judged.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..dnn import manual
from ..sandbox import Child, Died, ForkServer, Limits, Returned, TooSlow
from ..sandbox.child.stand_ins import HELPER_FILES
from ..support.text import json_beside
from .load import Cell, place
from .words import worded

# Submissions that define one of these expect activations to return (A, cache).
_WITH_CACHES = frozenset(("linear_activation_forward", "linear_activation_backward", "L_model_forward"))


class Session(contextlib.AbstractContextManager["Session"]):
    """Calls the functions of one submission."""

    def __init__(
        self, server: ForkServer, cells: list[Cell], name: str, limits: Limits, deadline: float, asserts: bool = True
    ) -> None:
        self._server, self._limits, self._name, self._asserts = server, limits, name, asserts
        self._twin: Session | None = None
        self._loaded, self._cells = cells, [{"code": cell.code, "number": cell.number} for cell in cells]
        self._child: Child | None = None
        self._skip: list[list[int]] = []
        self._allowed: frozenset[str] = frozenset()
        self.deadline = deadline
        self.functions: dict[str, dict[str, Any]] = {}
        self.errors: list[dict[str, Any]] = []  # statements of its top level that failed
        self.stopped: list[tuple[str, str]] = []  # those that ended the process or took too long: (kind, message)
        self.walls: list[str] = []
        self.imports: dict[str, str] = {}  # the modules behind its names
        self.classes: dict[str, list[str]] = {}  # with their methods
        self.derives: list[str] = []  # functions and classes that compute gradients
        self.supplied: list[str] = []  # functions of the course that it takes from modules
        self._spelling, self._back = dict[str, str](), dict[str, str]()
        self.unusable: set[str] = set()  # functions that hang or end the process
        self.alone: set[str] = set()  # activations without a cache
        self.unsteady = False  # it runs only once
        self.before: dict[str, int] = {}  # the calls to make of a function before its next one, unseen

    def start(self) -> bool:
        """Run the top-level code, leaving out statements that end the process; False where nothing helps."""
        for _ in range(4):
            self._allowed = frozenset()  # a file that is being loaded could ask for right values and keep them
            try:
                self._child = Child(self._server, self._limits, self._answer, self.deadline)
                self.walls = self._child.walls
                ran = self._child.run(self._cells, self._name, self._skip, self._asserts)
            except (TooSlow, Died) as error:
                kind = "timeout" if isinstance(error, TooSlow) else "crashed"
                cell, line = self._child.at if self._child is not None else (0, 0)
                self._stop()
                self.stopped.append((kind, f"{place(cell, line)} was left out: {error}"))
                if line == 0 or [cell, line] in self._skip or time.monotonic() > self.deadline:
                    return False
                self._skip.append([cell, line])
                continue
            vars(self).update(ran)  # its functions, classes, imports, errors, ...
            self._spelling = spelling_of(self.functions)
            self._back = {own: stem for stem, own in self._spelling.items()}
            if not _WITH_CACHES & set(self.functions):
                self.alone |= {"sigmoid", "relu"}
            return True
        return False

    def learn_from(self, other: "Session") -> None:
        """Take over what another session on the same file has found out about its functions."""
        self.unusable, self.alone = set(other.unusable), set(other.alone)
        slow = ([error["cell"], error["line"]] for error in other.errors if str(error["error"]).startswith("OutOfTime"))
        self._skip = [*other._skip, *slow]

    def without_asserts(self) -> "Session | None":
        """Return a session on the same file in which no assert is left; None if it does not start."""
        if self._twin is None:
            self._twin = Session(self._server, self._loaded, self._name, self._limits, self.deadline, asserts=False)
            self._twin.learn_from(self)
            self._twin.start()
        return self._twin if self._twin.functions else None

    def text(self, cell: int, first: int, last: int | None = None) -> str:
        """Return lines of the submission, as they stand there."""
        lines = next((one.code.split("\n") for one in self._loaded if one.number == cell), [])
        return "\n".join(lines[max(first - 1, 0) : last or first])

    def call(
        self, function: str, args: list[Any], replaced: frozenset[str] = frozenset(), callees: Sequence[str] = (),
    ) -> Returned:  # fmt: skip
        """Call a function of the submission; missing and `replaced` callees, and `callees`, are lent to it."""
        if time.monotonic() > self.deadline:
            raise TooSlow("the time for this submission is used up")
        if self._child is None and not self.start():
            raise Died("the submission can no longer be run")
        assert self._child is not None
        lent = (*CALLEES.get(function, ()), *callees)
        supplied = [name for name in lent if name in replaced or name not in self.functions]
        self._allowed = frozenset(supplied)
        try:
            before = self.before.get(function, 0)
            self.before[function] = min(before, 1)  # later ones are made twice
            returned = self._child.call(function, respelt(args, self._spelling), supplied, before)
        except (TooSlow, Died):
            self.unusable.add(function)
            self._stop()
            raise
        returned.value, returned.args = respelt(returned.value, self._back), respelt(returned.args, self._back)
        return returned

    def _answer(self, name: str, module: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if name not in self._allowed:
            raise PermissionError(f"{name} is not supplied here")
        args, kwargs = respelt(args, self._back), respelt(kwargs, self._back)
        value = supply(name, module, args, kwargs, alone=name in self.alone)
        return respelt(value, self._spelling)

    def _stop(self, *error: object) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None
        if self._twin is not None:
            self._twin._stop()

    __exit__ = _stop


@dataclass(frozen=True)
class Submission:
    """A submission some of whose functions are replaced by right ones."""

    session: Session
    replaced: frozenset[str] = frozenset()

    def call(self, function: str, args: list[Any]) -> Returned:
        """Call a function of the submission; its callees in `replaced` are the course's."""
        return self.session.call(function, args, self.replaced)

    def has(self, name: str) -> bool:
        """Return True for a function that it defines and that can be called."""
        return name in self.session.functions and name not in self.session.unusable


_STEMS = ("W", "b", "A", "Z", "dW", "db", "dA", "dZ")  # of keys, which a submission may write otherwise, as ``w1``


def spelling_of(functions: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the stems that these functions write otherwise than the course, with their own."""
    texts = {text.rstrip("0123456789") for about in functions.values() for text in about["texts"]}
    whole = {"W": ("weight", "weights"), "b": ("bias", "biases")}
    words = {stem: [stem[:-1] + word for word in whole.get(stem[-1], ())] for stem in _STEMS}
    others = {s: (s.lower(), f"{s}_", f"{s.lower()}_", *words[s]) for s in _STEMS if s not in texts}
    found = {stem: next((own for own in forms if own in texts - {*_STEMS}), "") for stem, forms in others.items()}
    return {stem: own for stem, own in found.items() if own}


def respelt(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value in which the keys of dicts have other stems."""
    if not names:
        return value
    if isinstance(value, dict):
        stems = {key: key.rstrip("0123456789") if isinstance(key, str) else key for key in value}
        return {k if (stem := stems[k]) == k else names.get(stem, stem) + k[len(stem) :]: x for k, x in value.items()}
    if type(value) in (list, tuple):
        return type(value)(respelt(item, names) for item in value)
    return value


CALLEES: dict[str, list[str]] = json_beside(__file__, "callees.json")
"""The functions that each may call; it gets the right one where the submission's is missing or wrong."""
_LARGEST, _LAYERS = 300, 50  # rows, columns and units, and layers, that are computed for a submission


def _check_size(name: str, given: object) -> None:
    """Refuse arguments that cost the judge more than a moment; those of the referee itself are tiny."""
    waiting: list[Any] = [given]
    for value in waiting:
        if isinstance(value, (dict, list, tuple)):
            small = len(value) <= 2 * _LAYERS
            waiting += value.values() if isinstance(value, dict) else value if small else ()
        elif name.startswith("initialize") and isinstance(value, (int, float, np.ndarray)):  # sizes of layers
            small = np.size(value) <= _LAYERS and bool(np.all(np.abs(value) <= _LARGEST))
        else:
            small = not isinstance(value, np.ndarray) or (value.ndim <= 2 and max(value.shape, default=0) <= _LARGEST)
        if not small:
            given = f"an array of shape {np.shape(value)}" if np.ndim(value) else "larger ones"
            raise ValueError(worded("too large", name=name, most=_LARGEST, layers=_LAYERS, given=given))


def supply(name: str, module: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], alone: bool = False) -> Any:
    """Return what the course's function from `module` returns; `alone`: of activations, without a cache."""
    _check_size(name, (args, dict(kwargs)))
    value = getattr(manual, name)(*args, **kwargs)
    if name not in ("sigmoid", "relu") or module.startswith(HELPER_FILES[0]):  # there both return A with a cache
        return value[0] if name == "softmax" else value
    return value[0] if alone or module.startswith(HELPER_FILES[1:]) else value
