"""The fork server, seen from the outside: a bare interpreter with NumPy loaded, forked once for each submission."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from .child import wire

_START = "import sys; sys.path.insert(0, {home!r}); from child import server; server.main()"


class SandboxError(RuntimeError):
    """This system cannot run submissions at all."""


class ForkServer:
    """Forks one process for each submission. A context manager; not to be shared between threads."""

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

    def fork(self, scratch: str, memory: int) -> tuple[int, socket.socket]:
        """Fork a child that works in `scratch`: its process id and our end of its channel."""
        try:
            return self._fork(scratch, memory)
        except (OSError, EOFError):  # where no walls stand a submission can end the server
            self.close()
            self._open()
            return self._fork(scratch, memory)

    def _fork(self, scratch: str, memory: int) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                wire.send(self._control, {"do": "fork", "scratch": scratch, "memory": memory})
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
        """End the server."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _environment() -> dict[str, str]:
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB", "NUMEXPR")}
    return threads | {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
