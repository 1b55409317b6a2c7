"""Ctrl-C: no command answers with a traceback, from its first instant on, and nothing of a submission goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tinygrad_dnn.sandbox.bubblewrap import found

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
COMMANDS = [("tinygrad_dnn", "derive", "p.py"), ("viz.demo", "--epochs", "9999")]
FIRST = ("viz/demo/__init__", "tinygrad_dnn/__init__", "support/__init__", "support/interrupts")
"""What is loaded before Ctrl-C is heeded; until then Python itself is starting."""
PROGRAM = "import numpy as np\nfrom tinygrad_dnn import Tensor\nJ = np.sum(Tensor([1.0, 2.0], name='w') ** 2)\n"


def started(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", *arguments]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "TMPDIR": str(cwd)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=cwd, env=environment, preexec_fn=_heed_signals)


def _heed_signals() -> None:
    """Undo what nohup and jobs in the background leave behind: a command ignores a signal that its parent ignores."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("seconds", [0.15, 0.25, 0.5, 1.2])
@pytest.mark.parametrize("arguments", COMMANDS)
def test_no_traceback(tmp_path: Path, arguments: tuple[str, ...], seconds: float) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    process = started(*arguments, cwd=tmp_path)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=300)
    ours = [line for line in errors.splitlines() if str(Path(__file__).parents[1]) in line]
    assert [line for line in ours if not any(f"{first}.py" in line for first in FIRST)] == [], errors
    assert "Traceback" not in output


def children(parent: int) -> list[int]:
    """Return the processes that descend from one."""
    found, waiting = [], [parent]
    while waiting:
        pid = waiting.pop()
        for task in Path("/proc", str(pid), "task").glob("*/children"):
            waiting += (below := [int(word) for word in task.read_text().split()])
            found += below
    return found


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.slow
@pytest.mark.parametrize("walls", ["auto", "outer"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_check_ends_with_all_it_started(tmp_path: Path, number: signal.Signals, walls: str) -> None:
    if walls == "auto" and found() is None:
        pytest.skip("needs bubblewrap")
    (tmp_path / "loop.py").write_text("while True: pass\n")
    process = started("tinygrad_dnn", "check", "loop.py", "--walls", walls, cwd=tmp_path)
    below: list[int] = []
    deadline = time.monotonic() + 300
    while len(below) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
        below = children(process.pid)
    time.sleep(0.3)
    process.send_signal(number)
    begun = time.monotonic()
    _, errors = process.communicate(timeout=300)
    assert process.returncode == (130 if number == signal.SIGINT else -number)  # and so it did not come to its end
    assert "Traceback" not in errors
    while any(Path("/proc", str(pid)).exists() for pid in below) and time.monotonic() - begun < 300:
        time.sleep(0.05)
    assert [pid for pid in below if Path("/proc", str(pid)).exists()] == []
    assert [name for name in os.listdir(tmp_path) if name.startswith("tinygrad-dnn-")] == []
