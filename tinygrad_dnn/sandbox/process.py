"""One submission's process, seen from the outside: all that can go wrong becomes one of two exceptions."""

import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from . import schema
from .bubblewrap import REMEDY
from .child import walls, wire
from .fork_server import ForkServer

_MESSAGES, _ASKED = 20_000, 2000
"""Messages that one answer may take: statements that begin, functions of the course that are asked for."""


class TooSlow(Exception):
    """The submission did not answer within its time."""


class Died(Exception):
    """The submission's process ended, or talks nonsense; the message says how."""


@dataclass(frozen=True)
class Limits:
    """Limits of a submission: seconds for its top-level code, for one call, and for all; bytes of address space."""

    start: float = 20.0
    call: float = 5.0
    total: float = 120.0
    memory: int = 2 * 1024**3


@dataclass
class Returned:
    """The outcome of a call: its value (or the error), and its arguments as they were afterwards."""

    value: Any = None
    args: list[Any] = field(default_factory=list)
    ref: wire.Ref | None = None
    error: str | None = None
    cell: int = 0
    line: int = 0


class Child(AbstractContextManager["Child"]):
    """One submission's process, which leaving the context ends; its `oracle` computes functions that it lacks."""

    def __init__(self, server: ForkServer, limits: Limits, oracle: Callable[..., Any], deadline: float = float("inf")) -> None:
        self._server, self._limits, self._oracle, self._deadline = server, limits, oracle, deadline
        self.at: tuple[int, int] = (0, 0)  # cell and line of the top-level statement that was begun last
        self._pid, self._channel = server.fork(limits.memory, limits.total)
        answer = self._wait(limits.start, schema.WALLS)
        self.walls = server.standing(answer["walls"])

    def run(self, cells: list[dict[str, Any]], name: str, skip: list[list[int]], asserts: bool = True) -> dict[str, Any]:
        """Run the top-level code; the functions it defines and the errors it made."""
        given = {"cells": cells, "name": name, "skip": skip, "asserts": asserts, "budget": self._limits.start / 2}
        return self._wait(self._limits.start, schema.RAN, {"do": "run", "with": given})

    def call(self, function: str, args: list[Any], replace: list[str], before: int = 0) -> Returned:
        """Call one of the submission's functions, after so many calls whose results are forgotten."""
        given = {"function": function, "args": args, "replace": replace, "before": before}
        answer = self._wait(self._limits.call, schema.called, {"do": "call", "with": given})
        if "error" in answer:
            return Returned(error=answer["error"][:500], cell=answer["cell"], line=answer["line"])
        return Returned(answer["value"], list(answer["args"]), wire.Ref(answer["call"]))

    def _wait(self, seconds: float, form: schema.Part, request: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request, if there is one, and return the answer."""
        try:
            if request is not None:
                self._channel.settimeout(seconds)
                wire.send(self._channel, request)
            answer: dict[str, Any] = self._answer(min(time.monotonic() + seconds, self._deadline), form)
            return answer
        except TimeoutError:
            self._end(grace=0)
            raise TooSlow(f"no answer within {seconds:g} seconds") from None
        except (EOFError, OSError):
            raise Died(self._end(grace=1.0)) from None
        except (wire.WireError, schema.Malformed) as error:
            self._end(grace=0)
            raise Died(f"its answer could not be read ({error})") from None

    def _answer(self, deadline: float, form: schema.Part) -> Any:
        asked = 0
        for _ in range(_MESSAGES):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            message = wire.receive(self._channel, True, left)
            about = schema.told(message)
            if about is None:
                return form(message, "its answer")
            if about == "begin":
                begun = schema.BEGIN(message, "the message")
                self.at = begun["cell"], begun["line"]
                continue
            if (asked := asked + 1) > _ASKED:
                raise schema.Malformed(f"it asks more than {_ASKED:,} times for functions that it lacks: define them")
            question = schema.ASK(message, "the question")
            name, module, args, kwargs = (question[part] for part in ("name", "module", "args", "kwargs"))
            try:
                answer = {"value": self._oracle(name, module, tuple(args), kwargs)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"[:500]}
            wire.send(self._channel, answer)
        raise schema.Malformed(f"it sends more than {_MESSAGES:,} messages and no answer")

    def _end(self, grace: float) -> str:
        if self._pid == 0:
            return "its process had already ended"
        self._channel.close()
        pid, self._pid = self._pid, 0
        return how_it_ended(self._server.end(pid, grace))

    def close(self, *error: object) -> None:
        """End the process."""
        self._end(grace=0)

    __exit__ = close


def standing_walls() -> str:
    """Return the walls that stand on this system around other people's code, and what helps where none do."""
    with ForkServer() as server, Child(server, Limits(), lambda *question: None) as child:
        standing = ", ".join(child.walls)
        return standing if server.walls else f"{standing}; bubblewrap does not stand ({server.missing}): {REMEDY}"


def how_it_ended(status: int) -> str:
    """Return a wait status in words."""
    number = status & 0x7F
    if status == walls.BROKEN << 8:
        return "its process can no longer answer; leave out what changes Python or NumPy at its top level"
    if number == 0:
        return f"its process ended itself (exit status {status >> 8})"
    named = number in set(signal.Signals)
    return f"its process was ended by {signal.Signals(number).name if named else f'signal {number}'}"
