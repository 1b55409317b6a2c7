"""Which walls are asked for, which stand, and what is said where they do not: other systems are played on this one."""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.referee_corpus import BASE
from benchmarks.referee_styles import plain
from tinygrad_dnn.cli.commands import app
from tinygrad_dnn.referee.check import check
from tinygrad_dnn.referee.verdict import Verdict
from tinygrad_dnn.sandbox import Child, ForkServer, Limits, SandboxError, bubblewrap, fork_server, standing_walls

from .walls_seen import documented, inside

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "hw.py").write_text(plain(BASE))

    def invoked(*arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["check", *map(str, arguments)])
        return result.exit_code, result.output

    return invoked


@pytest.fixture
def no_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "found", lambda: None)


@pytest.fixture
def windows(no_bubblewrap: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No fork, no limits, no filter of calls, no file locks and no signals beyond those of C."""
    CliRunner().invoke(app, ["check", "nowhere"])  # Typer is loaded on the system that is really there
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "fcntl", None)
    for module, names in ((os, ("fork", "killpg", "setsid")), (signal, ("SIGALRM", "setitimer"))):
        for name in names:
            monkeypatch.delattr(module, name)
    missing = "import os, sys, signal; sys.modules['resource'] = None; sys.platform = 'win32'; "
    missing += "del os.fork, os.killpg, os.setsid, signal.SIGKILL, signal.SIGALRM, signal.setitimer; "
    monkeypatch.setattr(fork_server, "_ALONE", missing + fork_server._ALONE)


@pytest.mark.usefixtures("no_bubblewrap")
def test_a_folder_needs_walls_and_one_file_does_not(run: Run, tmp_path: Path) -> None:
    status, output = run(tmp_path)
    assert status == 2
    assert all(words in output for words in ("bubblewrap does not stand", "apt install bubblewrap", "--walls outer"))
    status, output = run(tmp_path / "hw.py", "--json", "--walls", "outer")
    assert status == 0
    assert json.loads(output)[0]["walls"][0] == "outer"
    status, output = run(tmp_path / "hw.py")
    assert status == 0
    assert "ran with your own rights" in output
    assert "bubblewrap does not stand" in standing_walls()
    with pytest.raises(SandboxError, match="it is not installed"):
        ForkServer("bubblewrap")


@pytest.mark.usefixtures("windows")
def test_one_file_is_checked_on_windows(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    verdict = check(tmp_path / "hw.py")
    assert (verdict.verdict, verdict.walls) == ("right", ["none"])
    (tmp_path / "loop.py").write_text("def relu(Z):\n    while True: pass\n")
    assert check(tmp_path / "loop.py", limits=Limits(call=0.5)).verdict == "timeout"
    assert list(scratch.iterdir()) == []
    assert run(tmp_path)[0] == 2
    status, output = run(tmp_path / "hw.py", "--csv", tmp_path / "grades.csv")
    assert (status, "ran with your own rights" in output) == (0, True), output
    assert standing_walls().startswith("none; bubblewrap does not stand (it is not installed)")


LACKING: dict[str, tuple[str, list[str]]] = {
    "fork": ("import os; del os.fork, os.killpg, os.setsid; ", ["limits", "calls"]),
    "resource": ("import sys; sys.modules['resource'] = None; ", ["calls"]),
    "fork and resource": ("import os, sys; del os.fork; sys.modules['resource'] = None; ", ["calls"]),
    "numbers of its calls": ("", ["limits"]),
    "Linux": (
        "import resource, sys; sys.platform = 'darwin'; set_limit = resource.setrlimit\n"
        "def refusing(which, bounds):\n"
        "    if which == resource.RLIMIT_AS: raise ValueError('current limit exceeds maximum limit')\n"
        "    set_limit(which, bounds)\n"
        "resource.setrlimit = refusing; del resource.RLIMIT_NPROC; import _sandbox\n"
        "_sandbox.walls._libc = None  # the calls of Linux are not there\n",
        ["limits"],
    ),
}
"""What a system lacks, how that is played inside, and the walls that are left."""


@pytest.mark.parametrize("lacking", LACKING)
@pytest.mark.parametrize("outer", [True, False])
def test_a_system_that_lacks_something(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_bubblewrap: None, lacking: str, outer: bool
) -> None:
    played, left = LACKING[lacking]
    for name in ("_ALONE", "_FORKING"):
        monkeypatch.setattr(fork_server, name, played.replace("{", "{{").replace("}", "}}") + getattr(fork_server, name))
    if "fork" in lacking:
        monkeypatch.delattr(os, "fork")
    if lacking == "Linux":
        monkeypatch.setattr(sys, "platform", "darwin")
    if lacking == "numbers of its calls":
        monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    loop = "def relu(Z):\n    while True: pass\nimport os\nos.mkdir('made')\n"
    (tmp_path / "loop.py").write_text(loop)
    if outer:
        status, output = run(tmp_path, "--walls", "outer", "--json", "--timeout", 1)
        found = {Path(entry["path"]).name: entry for entry in json.loads(output)}
        assert status == 1
        assert {name: entry["walls"] for name, entry in found.items()} == {name: ["outer", *left] for name in found}
        assert {name: entry["verdict"] for name, entry in found.items()} == {"hw.py": "right", "loop.py": "timeout"}
    else:
        assert run(tmp_path)[0] == 2  # a folder
        status, output = run(tmp_path / "hw.py")
        assert (status, f"with your own rights (walls: {', '.join(left)})" in output.replace("\n", " ")) == (0, True)
    assert list(scratch.iterdir()) == []


@pytest.mark.usefixtures("windows")
def test_another_program_cannot_play_the_submission(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where nothing is forked: the port is of this machine alone, and who does not know the token is refused."""
    create, places = socket.create_server, list[str]()
    strangers = list[socket.socket]()

    def opened(address: tuple[str, int]) -> socket.socket:
        server = create(address)
        places.append(server.getsockname()[0])
        strangers.append(socket.create_connection(server.getsockname()))  # the first in the queue
        strangers[-1].sendall(b"0" * 64)
        return server

    monkeypatch.setattr(socket, "create_server", opened)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with ForkServer() as server, pytest.raises(SandboxError, match="another program answered on the port"):
        Child(server, Limits(), lambda *question: None)
    strangers[0].close()
    assert places == ["127.0.0.1"]
    assert list(tmp_path.iterdir()) == []


def test_a_bubblewrap_that_does_not_work_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import sys; sys.exit('bwrap: No permissions to create a new namespace')"
    monkeypatch.setattr(bubblewrap, "found", lambda: sys.executable)
    monkeypatch.setattr(bubblewrap, "command", lambda bwrap: [bwrap, "-c", script])
    with pytest.raises(SandboxError, match="No permissions to create a new namespace"):
        ForkServer("bubblewrap")
    with ForkServer() as server:
        assert server.walls == []


@pytest.mark.skipif(bubblewrap.found() is None, reason="needs bubblewrap")
def test_without_namespaces_of_its_own_a_submission_has_a_server_of_its_own(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden = "import _sandbox; _sandbox.walls.enter_namespaces = lambda: False; "
    monkeypatch.setattr(fork_server, "_FORKING", forbidden + fork_server._FORKING)
    with ForkServer("bubblewrap") as server:
        first = server._process
        for _ in range(2):
            verdict = check(tmp_path / "hw.py", server=server)
            assert verdict.verdict == "right"
            assert "namespaces" not in verdict.walls
        assert server._process is not first


@pytest.mark.skipif(bubblewrap.found() is None or platform.machine() != "x86_64", reason="needs bubblewrap")
def test_the_walls_seen_from_inside_are_those_of_the_table() -> None:
    calls, paths = inside()
    assert len(calls) >= 60 <= len(paths)
    assert set(calls.values()) == {"EPERM"}
    told = documented()
    assert told.keys() == calls.keys() | paths.keys()
    shown = {n for n in paths if any(f"{place}/".startswith(n.rstrip("/") + "/") for place in bubblewrap._mounts())}
    assert {name: told[name] for name in paths if name not in shown} == {n: paths[n] for n in paths if n not in shown}
    writable = {name for name, result in paths.items() if "write" in result}
    assert writable == {"/dev/null", "/dev/urandom", "/dev/zero", "/scratch"}


@pytest.mark.skipif(bubblewrap.found() is None, reason="needs bubblewrap")
def test_no_other_packages_can_be_seen() -> None:
    code = "import glob, os\ndef packages(): return glob.glob(os.path.dirname(os.__file__) + '/*-packages/*')"
    with ForkServer("bubblewrap") as server, Child(server, Limits(), lambda *question: None) as child:
        child.run([{"code": code, "number": 0}], "submission", [])
        found = child.call("packages", [], [])
    assert {path.rpartition("/")[2] for path in found.value} <= {"numpy", "numpy.libs", "scipy", "scipy.libs"}


def test_the_same_seed_gives_the_same_words(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text(plain(BASE).replace("np.maximum", "np.minimum"))
    first, second, other = (run(tmp_path / "hw.py", "--json", "--seed", seed)[1] for seed in ("a", "a", "b"))
    assert first == second != other
    assert json.loads(first)[0]["seed"] == "a"


@pytest.mark.parametrize(
    ("option", "name", "lock"),
    [
        ("--csv", "grades.csv", "grades.csv.partial.lock"),
        ("--html", "pages", "pages/.partial.lock"),
        ("--jsonl", "part.jsonl", "part.jsonl.lock"),
    ],
)
def test_two_runs_into_one_place_do_not_mix(run: Run, tmp_path: Path, option: str, name: str, lock: str) -> None:
    fcntl = pytest.importorskip("fcntl")
    (tmp_path / lock).parent.mkdir(exist_ok=True)
    with (tmp_path / lock).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        status, output = run(tmp_path / "hw.py", option, tmp_path / name)
    assert status == 2
    assert "another run writes here" in output
    assert run(tmp_path / "hw.py", option, tmp_path / name)[0] == 0


def test_a_name_is_no_markup_in_the_progress_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tinygrad_dnn.cli.check import _progress

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    names = ["[/b].py", "[link=http://x]y.py", "{task.total}", "[red]"]
    with _progress(len(names)) as told:
        for name in names:
            told(Verdict(name, "right"))
    shown = capsys.readouterr().err
    assert names[-1] in shown


def test_a_full_disk_names_the_file_and_loses_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "grades.csv"
    table.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    status, output = run(tmp_path / "hw.py", "--csv", table)
    assert status == 2
    assert "No space left on device" in output.replace("\n", "")
    assert "grades.csv" in output
    assert table.read_text() == "old"
    assert not list(tmp_path.glob(".*.tmp"))
