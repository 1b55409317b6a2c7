"""One submission's process, seen from the outside.

`Child` talks to it through `child.wire`; everything that can go wrong (too slow, dead, nonsense on the channel) becomes
one of two exceptions.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from .child import wire
from .fork_server import ForkServer


class TooSlow(Exception):
    """The submission did not answer within its time."""


class Died(Exception):
    """The submission's process ended, or talks nonsense; the message says how."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes
    ----------
    start, call : float
        Seconds for all of its top-level code, and for one call of one function.
    total : float
        Seconds for everything together.
    memory : int
        Bytes of address space.
    """

    start: float = 20.0
    call: float = 5.0
    total: float = 120.0
    memory: int = 2 * 1024**3


@dataclass
class Returned:
    """What a call came to: its value (or the error), and its arguments as they were afterwards."""

    value: Any = None
    args: list[Any] = field(default_factory=list)
    ref: wire.Ref | None = None
    error: str | None = None
    line: int = 0


Oracle = Callable[[str, str, tuple[Any, ...], dict[str, Any]], Any]


class Child:
    """One submission's process. A context manager: leaving it ends the process and removes its folder."""

    def __init__(self, server: ForkServer, limits: Limits, oracle: Oracle) -> None:
        self._server, self._limits, self._oracle = server, limits, oracle
        self.at: tuple[int, int] = (0, 0)
        """Cell and line of the top-level statement that was begun last."""
        self.scratch = os.path.realpath(tempfile.mkdtemp(prefix="tinygrad-dnn-"))
        self._pid, self._channel = server.fork(self.scratch, limits.memory)
        self.walls: list[str] = self._wait(limits.start)["walls"]

    def run(self, cells: list[dict[str, Any]], name: str, skip: list[list[int]]) -> dict[str, Any]:
        """Run the top-level code; the functions it defines and the errors it made."""
        answer = self._request("run", self._limits.start, cells=cells, name=name, skip=skip)
        return dict(answer)

    def call(self, function: str, args: list[Any], kwargs: dict[str, Any], replace: list[str]) -> Returned:
        """Call one of the submission's functions."""
        answer = self._request("call", self._limits.call, function=function, args=args, kwargs=kwargs, replace=replace)
        if "error" in answer:
            return Returned(error=str(answer["error"])[:500], line=int(answer.get("line") or 0))
        return Returned(answer["value"], list(answer["args"]), wire.Ref(int(answer["call"])))

    def _request(self, what: str, seconds: float, **arguments: Any) -> Any:
        try:
            self._channel.settimeout(seconds)
            wire.send(self._channel, {"do": what, "with": arguments})
        except OSError:
            raise Died(self._end(grace=1.0)) from None
        return self._wait(seconds)

    def _wait(self, seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        try:
            while True:
                self._channel.settimeout(max(deadline - time.monotonic(), 0.001))
                message = wire.receive(self._channel)
                if not isinstance(message, dict):
                    raise wire.WireError("not an answer")
                if "say" not in message:
                    return message
                self._heed(message)
        except TimeoutError:
            self._end(grace=0)
            raise TooSlow(f"no answer within {seconds:g} seconds") from None
        except (EOFError, OSError):
            raise Died(self._end(grace=1.0)) from None
        except (wire.WireError, KeyError, TypeError, ValueError) as error:
            self._end(grace=0)
            raise Died(f"its answer could not be read ({error})") from None

    def _heed(self, message: dict[str, Any]) -> None:
        if message["say"] == "begin":
            self.at = int(message["cell"]), int(message["line"])
            return
        try:
            name, module = str(message["name"]), str(message["module"])
            answer = {"value": self._oracle(name, module, tuple(message["args"]), dict(message["kwargs"]))}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        wire.send(self._channel, answer)

    def _end(self, grace: float) -> str:
        if self._pid == 0:
            return "its process had already ended"
        self._channel.close()
        pid, self._pid = self._pid, 0
        return how_it_ended(self._server.end(pid, grace))

    def close(self) -> None:
        """End the process and remove its folder."""
        self._end(grace=0)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def how_it_ended(status: int) -> str:
    """A wait status in words.

    >>> how_it_ended(signal.SIGSEGV)
    'its process was ended by SIGSEGV'
    >>> how_it_ended(3 << 8)
    'its process ended itself (exit status 3)'
    """
    if os.WIFSIGNALED(status):
        return f"its process was ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"its process ended itself (exit status {os.WEXITSTATUS(status)})"
