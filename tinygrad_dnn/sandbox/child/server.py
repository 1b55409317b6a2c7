"""The process that has NumPy loaded and forks one child for each submission: with channel, scratch folder and walls."""

import contextlib
import gc
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from typing import Any, NoReturn

import numpy.linalg
import numpy.random  # noqa: F401  (loaded before the fork, so that no child has to)

from . import answering, walls, wire


def main(control: socket.socket, isolated: bool) -> None:
    """Obey the judge until it closes the socket; `isolated` says that this is the first process inside bubblewrap."""
    server = Server(control, isolated)
    gc.freeze()
    wire.send(control, {"ready": True})
    devices = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(devices, stream)
    os.close(devices)
    with contextlib.suppress(EOFError, OSError):
        while True:
            request = wire.receive(control)
            wire.send(control, getattr(server, request["do"])(**request["with"]))
    for pid in list(server.scratch):
        server.end(pid, 0)
    if not isolated:
        with contextlib.suppress(OSError):
            os.rmdir(tempfile.gettempdir())  # the judge's, who may be gone


class Server:
    """Forks children and ends them."""

    def __init__(self, control: socket.socket, isolated: bool) -> None:
        self.control, self.isolated = control, isolated
        self.scratch: dict[int, str] = {}  # folder of each child; "" where it vanishes with the child

    def fork(self, **request: Any) -> dict[str, Any]:
        """Fork a child for one submission."""
        _, fds, _, _ = socket.recv_fds(self.control, 1, 1)
        folder = "" if self.isolated else os.path.realpath(tempfile.mkdtemp(prefix="tinygrad-dnn-"))
        report, told = os.pipe()
        pid = os.fork()
        if pid == 0:
            self.control.close()
            os.close(report)
            self.child(fds[0], told, folder, request)
        os.close(fds[0])
        os.close(told)
        with open(report, "rb") as file:
            inner = file.read()
        if inner:  # it forked once more, into its own namespaces, and left its child to this process
            os.waitpid(pid, 0)
            (pid,) = struct.unpack("<i", inner)
        self.scratch[pid] = folder
        return {"pid": pid}

    def child(self, fd: int, told: int, folder: str, request: dict[str, Any]) -> NoReturn:
        """Enter namespaces where there is a sandbox for them, then live."""
        try:
            os.setsid()
            isolated = self.isolated and walls.enter_namespaces()
            if isolated and (inner := os.fork()):
                os.write(told, struct.pack("<i", inner))
                os._exit(0)
            os.close(told)
            if isolated:
                walls.mount_scratch()
            live(socket.socket(fileno=fd), folder or walls.SCRATCH, isolated, request)
        except BaseException:
            os._exit(walls.BROKEN)
        os._exit(0)

    def end(self, pid: int, grace: float) -> dict[str, Any]:
        """Give a child `grace` seconds to finish dying, then kill it; its status as `os.waitpid` gives it."""
        deadline = time.monotonic() + grace
        folder = self.scratch.pop(pid)
        try:
            while not (ended := os.waitpid(pid, os.WNOHANG))[0] and time.monotonic() < deadline:
                time.sleep(0.001)
            if not ended[0]:
                for kill in (os.killpg, os.kill):
                    with contextlib.suppress(ProcessLookupError):
                        kill(pid, signal.SIGKILL)
                ended = os.waitpid(pid, 0)
            return {"status": ended[1]}
        finally:
            if folder:
                shutil.rmtree(folder, ignore_errors=True)


def live(channel: socket.socket, folder: str, isolated: bool, request: dict[str, Any]) -> None:
    """Wall this process in, then answer about its submission until it is ended."""
    os.chdir(folder)
    os.environ.update(HOME=folder, TMPDIR=folder)
    tempfile.tempdir = None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    standing = walls.raise_walls(**request, isolated=isolated)
    wire.send(channel, {"walls": [*(["namespaces"] if isolated else []), *standing]})
    answering.Answering(channel).serve()


def alone(port: int, token: str, folder: str, request: dict[str, Any]) -> None:
    """Serve one submission where nothing can be forked: by a local port, until standard input, a pipe, is closed."""
    channel = socket.create_connection(("127.0.0.1", port))
    channel.sendall(token.encode())

    def follow() -> None:
        while sys.stdin.buffer.read(1):
            pass
        os.chdir(os.path.dirname(folder))
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    threading.Thread(target=follow, daemon=True).start()
    live(channel, folder, False, request)
