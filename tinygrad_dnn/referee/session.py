"""One submission under judgement: its process, what it defines, and which of its functions are known to be wrong.

A call that kills or hangs the process costs only that call: the submission is run again in a new process.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ..sandbox import Child, Died, ForkServer, Limits, Returned, TooSlow
from .load import Cell
from .supplied import CALLEES, supply

_ATTEMPTS = 4
_WITH_CACHES = frozenset(("linear_activation_forward", "linear_activation_backward", "L_model_forward"))
"""Where one of these is defined, activations are expected to return (A, cache)."""


class Session:
    """Calls the functions of one submission. A context manager.

    Attributes
    ----------
    functions : dict
        What the submission defines: parameters, line, cell, ... by name.
    errors : list of dict
        Top-level statements that failed.
    stopped : list of (kind, message)
        Top-level statements that ended the process ("crashed") or never ended ("timeout"); they were left out.
    unusable : set of str
        Functions that hang or end the process: not to be called again.
    alone : set of str
        Activations that return A without a cache.
    """

    def __init__(
        self, server: ForkServer, cells: list[Cell], name: str, limits: Limits, deadline: float | None = None
    ) -> None:
        self._server, self._limits, self._name = server, limits, name
        self._cells = [{"code": cell.code, "number": cell.number} for cell in cells]
        self._child: Child | None = None
        self._skip: list[list[int]] = []
        self._allowed: frozenset[str] = frozenset()
        self._deadline = deadline or time.monotonic() + limits.total
        self.functions: dict[str, dict[str, Any]] = {}
        self.errors: list[dict[str, Any]] = []
        self.stopped: list[tuple[str, str]] = []
        self.walls: list[str] = []
        self.unusable: set[str] = set()
        self.alone: set[str] = set()
        self.serial = 0

    def start(self) -> bool:
        """Run the top-level code, leaving out statements that end the process; False where nothing helps."""
        for _ in range(_ATTEMPTS):
            self._allowed = frozenset()  # a file that is being loaded could ask for right values and keep them
            try:
                self._child = Child(self._server, self._limits, self._answer, self._deadline)
                self.serial += 1
                self.walls = self._child.walls
                ran = self._child.run(self._cells, self._name, self._skip)
            except (TooSlow, Died) as error:
                kind = "timeout" if isinstance(error, TooSlow) else "crashed"
                cell, line = self._child.at if self._child is not None else (0, 0)
                self._stop()
                self.stopped.append((kind, f"{_place(cell, line)} was left out: {error}"))
                if line == 0 or [cell, line] in self._skip or time.monotonic() > self._deadline:
                    return False
                self._skip.append([cell, line])
                continue
            self.functions = ran["functions"]
            if not _WITH_CACHES & set(self.functions):
                self.alone |= {"sigmoid", "relu"}
            self.errors = ran["errors"]
            return True
        return False

    def learn_from(self, other: Session) -> None:
        """Take over what another session on the same file has found out about its functions."""
        self.unusable, self.alone = set(other.unusable), set(other.alone)

    def call(self, function: str, args: list[Any], replaced: frozenset[str] = frozenset()) -> Returned:
        """Call a function of the submission on `args`; missing callees and those in `replaced` are the course's.

        Raises
        ------
        TooSlow, Died
            The process is gone; the next call starts a new one.
        """
        if time.monotonic() > self._deadline:
            raise TooSlow("the time for this submission is used up")
        if self._child is None and not self.start():
            raise Died("the submission can no longer be run")
        assert self._child is not None
        callees = CALLEES.get(function, ())
        supplied = [name for name in callees if name in replaced or name not in self.functions]
        self._allowed = frozenset(supplied)
        try:
            return self._child.call(function, args, {}, supplied)
        except (TooSlow, Died):
            self.unusable.add(function)
            self._stop()
            raise

    def _answer(self, name: str, module: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if name not in self._allowed:
            raise PermissionError(f"{name} is not supplied here")
        return supply(name, module, args, kwargs, alone=name in self.alone)

    def _stop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()


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


def _place(cell: int, line: int) -> str:
    if line == 0:
        return "the code"
    return f"cell {cell}, line {line}" if cell else f"line {line}"
