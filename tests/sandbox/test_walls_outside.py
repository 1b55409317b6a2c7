"""The walls seen from outside: what the kernel says of a submission's process, and what the filter answers."""

from __future__ import annotations

import os
import re
import signal
import struct
import time
from pathlib import Path

import pytest

from tinygrad_dnn.sandbox import Child, ForkServer, Limits, SandboxError, bubblewrap
from tinygrad_dnn.sandbox.child import walls
from tinygrad_dnn.sandbox.fork_server import CALLS

pytestmark = pytest.mark.skipif(not Path("/proc/self/ns").exists(), reason="needs /proc")
LIMITS = Limits(memory=512 * 2**20, total=90.0)
ALL = ["user", "pid", "ipc", "mnt", "net", "uts"]
SEEN = ["bubblewrap", "outer"] if bubblewrap.found() else ["outer"]


def descendants(parent: int) -> list[int]:
    """Return the processes below one, those last that were started last."""
    below = [int(word) for task in Path(f"/proc/{parent}/task").glob("*/children") for word in task.read_text().split()]
    return below + [pid for child in below for pid in descendants(child)]


def child_of(server: ForkServer) -> int:
    """Return the number by which the kernel knows the submission that was started last."""
    assert server._process is not None
    return descendants(server._process.pid)[-1]


def told(pid: int, what: str) -> str:
    return Path(f"/proc/{pid}/{what}").read_text()


def idle(server: ForkServer) -> Child:
    return Child(server, LIMITS, lambda *question: None)


@pytest.mark.parametrize("kind", SEEN)
def test_rights_and_limits(kind: str) -> None:
    with ForkServer(kind) as server, idle(server) as child:  # type: ignore[arg-type]
        assert child.walls[-2:] == ["limits", "calls"]
        pid = child_of(server)
        status, limits = told(pid, "status"), told(pid, "limits")
    for said in ("NoNewPrivs:\t1", "Seccomp:\t2", *(f"Cap{which}:\t{0:016x}" for which in ("Inh", "Prm", "Eff"))):
        assert said in status
    found = {name: {*both} for name, *both in re.findall(r"^Max ([a-z ]+?) {2,}(\S+) +(\S+) ", limits, re.MULTILINE)}
    bounds = {"address space": 512 * 2**20, "cpu time": 92, "file size": 16 * 2**20, "open files": 64}
    bounds["core file size"] = 0
    assert {name: found[name] for name in bounds} == {name: {str(most)} for name, most in bounds.items()}
    ours = re.search(r"^Max processes +(\S+) +(\S+)", Path("/proc/self/limits").read_text(), re.MULTILINE)
    assert ours is not None
    # without namespaces, the user's other processes count, too
    assert found["processes"] == ({"64"} if kind == "bubblewrap" else {*ours.groups()})


@pytest.mark.parametrize("kind", SEEN)
def test_nothing_is_inherited(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an environment variable, nor an open file, nor Ctrl-C, nor what the judge keeps to itself."""
    monkeypatch.setenv("TOKEN_OF_THE_JUDGE", "3.14159")
    with open(os.devnull) as file, ForkServer(kind) as server:  # type: ignore[arg-type]
        os.set_inheritable(file.fileno(), True)
        with ForkServer(kind) as later, idle(later) as child:  # type: ignore[arg-type]
            child.run([{"code": "import os\ndef seen(): return dict(os.environ)", "number": 0}], "submission", [])
            pid = child_of(later)
            seen = child.call("seen", [], []).value
            held = {os.readlink(f"/proc/{pid}/fd/{fd}").partition(":")[0] for fd in os.listdir(f"/proc/{pid}/fd")}
            ignored = int(re.findall(r"^SigIgn:\t(\w+)", told(pid, "status"), re.MULTILINE)[0], 16)
            sessions = {os.getsid(of) for of in (pid, 0, later._process.pid)}  # type: ignore[union-attr]
            texts = told(pid, "environ") + told(pid, "cmdline")
        assert server.walls  # an older server keeps no later one alive
    libraries = {f"{name}_NUM_THREADS" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB", "NUMEXPR")}
    folders = {"HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PWD"}
    assert {*seen} <= {*libraries, *folders, "PATH", "LANG", "PYTHONHASHSEED", "LD_LIBRARY_PATH", "LC_CTYPE"}
    assert "3.14159" not in texts
    assert held == {"/dev/null", "socket"}
    assert ignored >> (signal.SIGINT - 1) & 1
    assert len(sessions) == 3


@pytest.mark.parametrize("kind", SEEN)
def test_a_closed_server_stays_closed(kind: str) -> None:
    server = ForkServer(kind)  # type: ignore[arg-type]
    server.close()
    with pytest.raises(SandboxError, match="the server is closed"):
        idle(server)


@pytest.mark.skipif(bubblewrap.found() is None, reason="needs bubblewrap")
def test_namespaces_and_mounts() -> None:
    def spaces(pid: int | str) -> dict[str, str]:
        return {name: os.readlink(f"/proc/{pid}/ns/{name}") for name in ALL}

    with ForkServer("bubblewrap") as server, idle(server):
        assert server._process is not None
        first, outer = child_of(server), descendants(server._process.pid)[0]
        with idle(server):
            second = child_of(server)
            ours, one, other = spaces("self"), spaces(first), spaces(second)
            assert not [name for name in ALL if ours[name] == spaces(outer)[name]]
            assert f"CapEff:\t{0:016x}" in told(outer, "status")
            mounts, around = ([*map(str.split, told(pid, "mountinfo").splitlines())] for pid in (second, outer))
    assert not [name for name in ALL if ours[name] in (one[name], other[name])]
    assert [name for name in ALL if one[name] == other[name]] == ["net", "uts"]  # which are empty
    place, options, bounds = next((m[4], m[5], m[-1]) for m in mounts[::-1] if m[4] == walls.SCRATCH)
    assert {"rw", "nosuid", "nodev", "noexec"} <= {*options.split(",")}
    assert {"size=32768k", "nr_inodes=2000", "mode=700"} <= {*bounds.split(",")}, place
    sizes = [mount[-1] for mount in around if mount[4] == walls.SCRATCH]  # where it has no namespaces of its own
    assert bubblewrap._version("bwrap") < (0, 8) or "size=32768k" in sizes[0]
    devices = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
    writable = {m[4] for m in mounts if "ro" not in m[5].split(",")}
    assert writable <= {walls.SCRATCH, "/proc", *devices}
    (proc,) = (m for m in mounts[::-1][:2] if m[4] == "/proc")  # what hides the process list was mounted after it
    assert (proc[proc.index("-") + 1], proc[5].split(",")[0]) == ("tmpfs", "ro")


def alive(pid: int) -> bool:
    try:
        return ") Z " not in told(pid, "stat")
    except OSError:
        return False


@pytest.mark.parametrize("kind", SEEN)
def test_a_submission_does_not_outlive_its_server(kind: str) -> None:
    server = ForkServer(kind)  # type: ignore[arg-type]
    with server, idle(server):
        assert server._process is not None
        pid = child_of(server)
        os.kill(pid, signal.SIGSTOP)  # so that it cannot end of itself
        server._process.kill()
        deadline = time.monotonic() + 100
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not alive(pid)


def answer(machine: str, call: int, *arguments: int, architecture: int | None = None, own: int = 7) -> int:
    """Run the filter as the kernel does: what it answers to a call."""
    calls = CALLS[machine]
    architecture = calls["architecture"] if architecture is None else architecture
    words = [n & 0xFFFFFFFF for n in (*arguments, 0, 0, 0)[:3]]
    data = struct.pack("<IIQ" + "II" * 3, call, architecture, 0, *(part for word in words for part in (word, 0)))
    program = [struct.unpack("<HBBI", step) for step in walls._program(calls, own)]
    at = accumulator = 0
    while True:
        code, then, otherwise, value = program[at]
        at += 1
        if code == walls._RETURN:
            return value
        if code == walls._LOAD:
            accumulator = struct.unpack_from("<I", data, value)[0]
        else:
            holds = accumulator == value if code == walls._EQUAL else bool(accumulator & value)
            at += then if holds else otherwise


NUMBERS = {
    "x86_64": {"read": 0, "clone": 56, "clone3": 435, "kill": 62, "tgkill": 234, "prlimit": 302, "fcntl": 72},
    "aarch64": {"read": 63, "clone": 220, "clone3": 435, "kill": 129, "tgkill": 131, "prlimit": 261, "fcntl": 25},
}


@pytest.mark.parametrize("machine", NUMBERS)
def test_the_filter_answers(machine: str) -> None:
    number, allow, deny = NUMBERS[machine], walls._ALLOW, walls._DENY
    assert answer(machine, number["read"]) == allow
    for other in {*(calls["architecture"] for calls in CALLS.values()), 0x40000003} - {CALLS[machine]["architecture"]}:
        assert answer(machine, number["read"], architecture=other) == walls._KILL  # 0x40000003: 32-bit calls
    if machine == "x86_64":
        assert answer(machine, 0x40000000 + number["read"]) == deny
    assert {answer(machine, call) for call in CALLS[machine]["denied"].values()} == {deny}
    assert {"setsid", "msgget", *(("fork", "vfork") if machine == "x86_64" else ())} <= CALLS[machine]["denied"].keys()
    assert answer(machine, number["clone"], 0x10000) == allow
    assert answer(machine, number["clone"], 0x11) == deny
    assert answer(machine, number["clone3"]) == walls._UNKNOWN
    for signalled in ("kill", "tgkill"):
        assert [answer(machine, number[signalled], pid, 9) for pid in (7, 8, 1, 0, -1)] == [allow, *[deny] * 4]
    assert [answer(machine, number["prlimit"], pid) for pid in (0, 1, 7)] == [allow, deny, deny]
    commands = range(40), range(1020, 1040)
    refused = [c for numbers in commands for c in numbers if answer(machine, number["fcntl"], 3, c) == deny]
    assert refused == [8, 10, 15, 1024, 1026]


@pytest.mark.parametrize("ended", ["the judge closes it", "the server is killed", "both are killed"])
def test_no_scratch_folder_is_left(ended: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where submissions have no file system of their own; what killed judges left, the next one removes."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    if ended == "both are killed":
        (tmp_path / "tinygrad-dnn-4000000.x.tmp" / "tinygrad-dnn-y").mkdir(parents=True)
        (tmp_path / "tinygrad-dnn-4000000.link.tmp").symlink_to(tmp_path.parent)
    others = [tmp_path / name for name in (f"tinygrad-dnn-{os.getppid()}.x.tmp", "tinygrad-dnn-x.tmp", "mine")]
    for folder in others:
        folder.mkdir()
    with ForkServer("outer") as server, idle(server) as child:
        child.run([{"code": "open('made', 'w')", "number": 0}], "submission", [])
        assert len([*tmp_path.rglob("made")]) == 1
        if ended == "the server is killed":
            assert server._process is not None
            server._process.kill()
    assert {*tmp_path.iterdir()} == {*others}
    assert tmp_path.parent.exists()
