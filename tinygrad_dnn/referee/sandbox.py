"""A process for each submission, seen from the outside.

`Nursery` starts a bare interpreter that has NumPy loaded; `Nursery.bear` forks a walled-in child for one submission
(a few milliseconds). `Child` speaks with it through `inside.wire` and turns everything that can go wrong (too slow,
dead, nonsense on the channel) into two exceptions.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from .inside import wire

_START = "import sys; sys.path.insert(0, {home!r}); from inside import nursery; nursery.main()"


class TooSlow(Exception):
    """The submission did not answer within its time."""


class Died(Exception):
    """The submission's process ended, or talks nonsense; the message says how."""


class SandboxError(RuntimeError):
    """This system cannot run submissions at all."""


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


class Nursery:
    """Brings forth one child a submission. A context manager; not to be shared between threads."""

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            raise SandboxError("submissions are run in forked processes: a POSIX system (Linux, macOS, WSL) is needed")
        self._open()

    def _open(self) -> None:
        ours, theirs = socket.socketpair()
        command = [
            sys.executable,
            "-I",
            "-c",
            _START.format(home=str(Path(__file__).parent)),
            str(theirs.fileno()),
        ]
        nothing = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            env=_environment(),
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._control = ours
        self._control.settimeout(60)

    def bear(self, scratch: str, memory: int) -> tuple[int, socket.socket]:
        """Fork a child that works in `scratch`: its process id and our end of its channel."""
        try:
            return self._bear(scratch, memory)
        except (OSError, EOFError):  # where no walls stand a submission can end the nursery
            self.close()
            self._open()
            return self._bear(scratch, memory)

    def _bear(self, scratch: str, memory: int) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                wire.send(self._control, {"do": "bear", "scratch": scratch, "memory": memory})
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
                return wire.receive(self._control)["pid"], ours
        except BaseException:
            ours.close()
            raise

    def end(self, pid: int, grace: float) -> int:
        """End a child; its wait status."""
        try:
            wire.send(self._control, {"do": "end", "pid": pid, "grace": grace})
            return int(wire.receive(self._control)["status"])
        except (OSError, EOFError):
            return signal.SIGKILL

    def close(self) -> None:
        """End the nursery."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Child:
    """One submission's process. A context manager: leaving it ends the process and removes its folder."""

    def __init__(self, nursery: Nursery, limits: Limits, oracle: Oracle) -> None:
        self._nursery, self._limits, self._oracle = nursery, limits, oracle
        self.at: tuple[int, int] = (0, 0)
        """Cell and line of the top-level statement that was begun last."""
        self.scratch = os.path.realpath(tempfile.mkdtemp(prefix="tinygrad-dnn-"))
        self._pid, self._channel = nursery.bear(self.scratch, limits.memory)
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
        return how_it_ended(self._nursery.end(pid, grace))

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


def _environment() -> dict[str, str]:
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB", "NUMEXPR")}
    return threads | {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
