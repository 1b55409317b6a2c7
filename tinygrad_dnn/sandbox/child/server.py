"""The process that has NumPy loaded and forks one child for each submission, in milliseconds.

It talks to the referee over the socket whose number is its first argument. A child gets a channel of its own (passed
as a file descriptor), a scratch folder as working directory, its walls, and nothing else that is open.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import time
from typing import Any, NoReturn

import numpy.linalg
import numpy.random  # noqa: F401  (loaded before the fork, so that no child has to)

from . import answering, walls, wire


def main() -> None:
    """Serve ``{"do": "fork"}`` and ``{"do": "end"}`` until the referee closes the socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    sys.path[:] = [place for place in sys.path if not os.path.isdir(os.path.join(place, "child"))]
    gc.freeze()
    while True:
        try:
            request = wire.receive(control)
        except EOFError:
            return
        forking = request["do"] == "fork"
        wire.send(control, fork(control, request) if forking else end(request["pid"], request["grace"]))


def fork(control: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
    """Fork a child for one submission."""
    _, fds, _, _ = socket.recv_fds(control, 1, 1)
    pid = os.fork()
    if pid == 0:
        live(control, fds[0], request)
    os.close(fds[0])
    return {"pid": pid}


def live(control: socket.socket, fd: int, request: dict[str, Any]) -> NoReturn:
    """The child: wall itself in, then answer about its submission until it is ended."""
    try:
        control.close()
        os.setsid()
        os.chdir(request["scratch"])
        os.environ.update(HOME=request["scratch"], TMPDIR=request["scratch"])
        channel = socket.socket(fileno=fd)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        wire.send(channel, {"walls": walls.raise_walls(request["scratch"], request["memory"])})
        answering.Answering(channel).serve()
    except BaseException:
        os._exit(70)
    os._exit(0)


def end(pid: int, grace: float) -> dict[str, Any]:
    """Give a child `grace` seconds to finish dying, then kill it and its group; its status as `os.waitpid` gives it."""
    deadline = time.monotonic() + grace
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return {"status": status}
        if time.monotonic() >= deadline:
            break
        time.sleep(0.001)
    for target in (-pid, pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(target, signal.SIGKILL)
    return {"status": os.waitpid(pid, 0)[1]}


if __name__ == "__main__":
    main()
