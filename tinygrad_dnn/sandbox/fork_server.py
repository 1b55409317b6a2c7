"""The fork server, seen from the outside: a bare interpreter with NumPy loaded, forked once for each submission."""

import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, Literal

from ..support.files import remove_leftovers
from ..support.text import json_beside
from . import bubblewrap, schema
from .child import bundle, wire

Walls = Literal["any", "bubblewrap", "outer"]
"""Walls that are asked for: what there is; bubblewrap or an error; none, for there is a container around all this."""
_START = "import sys; exec(sys.stdin.buffer.read(int(sys.argv[1])))"
_FORKING = "import socket, _sandbox; _sandbox.server.main(socket.socket(fileno={fd}), {isolated})"
_ALONE = "import _sandbox; _sandbox.server.alone({port}, {token!r}, {folder!r}, {request!r})"
_SECONDS = 60
CALLS: dict[str, dict[str, Any]] = json_beside(__file__, "calls.json")
"""The numbers of system calls on each kind of processor, for the filter: those denied, and those allowed in part."""
_BROKEN = (OSError, EOFError, wire.WireError, schema.Malformed)


class SandboxError(RuntimeError):
    """This system cannot run submissions in the way that is asked for; the message says what helps."""


class ForkServer(AbstractContextManager["ForkServer"]):
    """Forks one process for each submission. A context manager; not to be shared between threads.

    `walls`: "any" takes bubblewrap where it works and goes on without; "bubblewrap" raises SandboxError then;
    "outer" goes without, since the whole program runs in a container or a virtual machine that is thrown away.
    """

    def __init__(self, walls: Walls = "any") -> None:
        self.walls: list[str] = ["outer"] if walls == "outer" else []  # around all processes of this server
        self.missing = "not asked for"  # the reason why bubblewrap does not stand, where it does not
        self._alone: dict[int, tuple[subprocess.Popen[bytes], str]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._fresh = self._closed = False
        if walls != "outer":
            try:
                self.missing = "it is not installed"
                if bwrap := bubblewrap.found():
                    self._open(bubblewrap.command(bwrap))
                    self.walls = ["bubblewrap"]
            except SandboxError as error:
                self.missing = str(error)
            if walls == "bubblewrap" and self._process is None:
                raise SandboxError(
                    f"submissions of other people need walls, and bubblewrap does not stand ({self.missing}): "
                    f"{bubblewrap.REMEDY}, or say --walls outer where each run has a container or virtual machine of "
                    "its own that is thrown away"
                )
        if self._process is None and hasattr(os, "fork"):
            self._open([])

    def _open(self, prefix: list[str]) -> None:
        self._prefix = prefix
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_SECONDS)
        self._scratch = "" if prefix else _scratch_folder()  # around those of submissions without a file system
        with theirs:
            program = _FORKING.format(fd=theirs.fileno(), isolated=bool(prefix))
            self._process = _started(prefix, program, [theirs.fileno()], self._scratch)
        try:
            schema.READY(wire.receive(self._control, hostile=True), "the server's greeting")
        except _BROKEN:
            self._process.kill()
            said = self._process.stderr.read(10_000).decode(errors="replace") if self._process.stderr else ""
            self._end_server()
            self._process = None
            reason = " ".join(said.strip().splitlines()[-1:])[:300]
            raise SandboxError(reason or "it ends without a word") from None

    def fork(self, memory: int, seconds: float) -> tuple[int, socket.socket]:
        """Start a process with so much memory and processor time: its number, and our end of its channel."""
        request = {"memory": memory, "seconds": int(seconds) + 2, "calls": CALLS.get(platform.machine(), {})}
        if self._process is None:
            return self._start_alone(request)
        try:
            return self._fork(request)
        except _BROKEN:  # a submission without walls can end its server
            self._open_again()
            return self._fork(request)

    def _open_again(self) -> None:
        if self._closed:
            raise SandboxError("the server is closed")
        self._end_server()
        self._open(self._prefix)

    def _fork(self, request: dict[str, Any]) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                wire.send(self._control, {"do": "fork", "with": request})
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
                return schema.FORKED(wire.receive(self._control, hostile=True), "the server")["pid"], ours
        except BaseException:
            ours.close()
            raise

    def _start_alone(self, request: dict[str, Any]) -> tuple[int, socket.socket]:
        token, folder = secrets.token_hex(16), _scratch_folder()
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(_SECONDS)
            program = _ALONE.format(port=server.getsockname()[1], token=token, folder=folder, request=request)
            process = _started([], program, [], "")
            self._alone[process.pid] = process, folder
            channel, _ = server.accept()
        channel.settimeout(_SECONDS)
        if wire.exactly(channel, len(token)) != token.encode():
            channel.close()
            self.end(process.pid, 0)
            raise SandboxError("another program answered on the port that was opened for the submission")
        return process.pid, channel

    def end(self, pid: int, grace: float) -> int:
        """End a process; its wait status."""
        if self._process is None:
            return _ended(*self._alone.pop(pid), grace)
        try:
            wire.send(self._control, {"do": "end", "with": {"pid": pid, "grace": grace}})
            status: int = schema.ENDED(wire.receive(self._control, hostile=True), "the server")["status"]
        except _BROKEN:
            return signal.SIGTERM
        if self._fresh:
            self._open_again()
        return status

    def standing(self, walls: Sequence[str]) -> list[str]:
        """Return all walls around a process that reported `walls`; without namespaces it is the last one here."""
        self._fresh = "bubblewrap" in self.walls and "namespaces" not in walls
        return [*self.walls, *walls] or ["none"]

    def close(self, *error: object) -> None:
        """End the server and all its processes, at once; other threads that wait for an answer get an error."""
        self._closed = True
        for process, folder in list(self._alone.values()):
            _ended(process, folder, 0)
        self._end_server()

    __exit__ = close

    def _end_server(self) -> None:
        if self._process is None:
            return
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for an answer
        self._control.close()
        if self._prefix:
            self._process.kill()  # the rest dies with it
        _closed(self._process, 5)
        shutil.rmtree(self._scratch, ignore_errors=True)


def _scratch_folder() -> str:
    remove_leftovers(tempfile.gettempdir(), "tinygrad-dnn-")
    return os.path.realpath(tempfile.mkdtemp(prefix=f"tinygrad-dnn-{os.getpid()}.", suffix=".tmp"))


def _started(prefix: list[str], program: str, fds: list[int], scratch: str) -> subprocess.Popen[bytes]:
    text = f"import sys; sys.path += {bubblewrap.homes()!r}\n{bundle()}{program}\n".encode()
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB", "NUMEXPR")}
    environment = threads | {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
    if prefix:
        environment["LD_LIBRARY_PATH"] = ":".join(sorted({*map(os.path.dirname, bubblewrap.libraries())}))
    else:
        kept = ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH")  # Windows starts no program without its root
        environment |= {x: os.environ[x] for x in kept if x in os.environ} | ({"TMPDIR": scratch} if scratch else {})
    process = subprocess.Popen(
        [*prefix, bubblewrap.interpreter(), "-I", "-S", "-c", _START, str(len(text))], env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE if fds else subprocess.DEVNULL,
        start_new_session=True, pass_fds=fds,
    )  # fmt: skip
    assert process.stdin is not None
    with suppress(OSError):  # it ended already: the reader of its answer says so
        process.stdin.write(text)
        process.stdin.flush()
    return process


def _ended(process: subprocess.Popen[bytes], folder: str, grace: float) -> int:
    with suppress(subprocess.TimeoutExpired):
        process.wait(grace)
    code = _closed(process, 0.5)
    shutil.rmtree(folder, ignore_errors=True)
    return -code if code < 0 else code << 8


def _closed(process: subprocess.Popen[bytes], seconds: float) -> int:
    for stream in filter(None, (process.stdin, process.stderr)):
        with suppress(OSError):
            stream.close()  # it ends then
    with suppress(subprocess.TimeoutExpired):
        return process.wait(seconds)
    process.kill()
    return process.wait()
