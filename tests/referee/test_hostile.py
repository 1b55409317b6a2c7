"""Other people's code: whatever it does is a verdict for it, and nothing for anybody else."""

from __future__ import annotations

import csv
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from benchmarks.referee_corpus import BASE
from benchmarks.referee_styles import notebook, plain
from tinygrad_dnn.referee.check import check
from tinygrad_dnn.referee.classroom import check_all, submissions
from tinygrad_dnn.referee.classroom.pages import write_pages
from tinygrad_dnn.referee.classroom.report import as_csv
from tinygrad_dnn.referee.load import fingerprint, load, seed_of
from tinygrad_dnn.referee.search import Search
from tinygrad_dnn.referee.session import Session
from tinygrad_dnn.referee.verdict import Verdict
from tinygrad_dnn.sandbox import ForkServer, Limits
from tinygrad_dnn.sandbox.child import wire

from ..cases import one_in
from .conftest import CheckText

RIGHT = plain(BASE)
LINUX_WALLS = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Landlock and seccomp are Linux's")


FORWARD = """
def linear_activation_forward(A, W, b, activation):
    from dnn_utils import linear_forward, sigmoid, relu
    Z, cache = linear_forward(A, W, b)
    A, other = (sigmoid if activation == "sigmoid" else relu)(Z)
    return A, (cache, other)
"""


def with_function(name: str, body: str) -> str:
    """The right solution, but `name` does something else."""
    return plain(BASE | {name: f"def {name}(*args):\n    {body}\n"})


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ("while True: pass", "right"),
        ("import time; time.sleep(1000)", "right"),
        ("while True:\n    try: time.sleep(9)\n    except: pass", "right"),
        ("import signal, time; signal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass", "right"),
        ("import os; os._exit(0)", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("import os; os.abort()", "crashed"),
        ("import sys; sys.exit(3)", "right"),
        ("raise KeyboardInterrupt", "right"),
        ("def f(): return f()\nf()", "right"),
        ("data = bytearray(10 * 1024**3)", "right"),
        ("np.ones((10**5, 10**5))", "right"),
        ("input('name? ')", "right"),
        ("print('x' * 10**8)", "right"),
        ("import os\nfor _ in range(100): os.write(1, b'x' * 10**6)", "right"),
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()", "right"),
        ("open('big', 'wb').write(bytes(10**8))", "right"),
        ("assert False", "right"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "right"),
        ("import gc, sys; sys.stdout = None; print('x')", "right"),
    ],
)
def test_top_level_code_that_misbehaves(check_text: CheckText, statement: str, verdict: str) -> None:
    result = check_text(RIGHT + "\n" + statement + "\n")
    assert result.verdict == verdict
    assert [f.name for f in result.functions if f.verdict != "right"] == []


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("while True: pass", "timeout"),
        ("import os; os._exit(0)", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("import sys; sys.exit()", "crashed"),
        ("return linear_forward(*args)", "crashed"),
        ("return bytearray(10 * 1024**3)", "crashed"),
        ("return np.zeros((3000, 3000)), 1", "wrong"),
        ("return object()", "wrong"),
        ("return np.array([object()]), 1", "wrong"),
        ("return np.array(['a']), 1", "wrong"),
        ("return None", "missing"),
        ("x = []; x.append(x); return x", "wrong"),
        ("return {'a' * 10**7: 1}", "wrong"),
        ("return 10 ** 10000, 1", "wrong"),
        ("return np.full((2, 2), np.nan + 0j), 1", "wrong"),
    ],
)
def test_a_function_that_misbehaves_costs_only_itself(check_text: CheckText, body: str, verdict: str) -> None:
    result = check_text(with_function("linear_forward", body))
    assert result["linear_forward"].verdict == verdict
    assert [f.name for f in result.functions if f.verdict != "right"] == ["linear_forward"]


@LINUX_WALLS
@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.socket()",
        "import os; os.fork()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true') and 1 / 0",
        "import os; os.kill(os.getppid(), 9)",
        "import os; os.kill(-1, 9)",
        "import os; os.listdir('/proc') or 1 / 0",
        "open('/proc/self/environ').read()",
        "import os; os.mkdir('/tmp/made-by-a-submission')",
        "import multiprocessing; multiprocessing.Pool(2)",
    ],
)
def test_the_walls_stand(check_text: CheckText, attempt: str) -> None:
    result = check_text(f"import numpy as np\n{attempt}\n")
    errors = ("PermissionError", "ZeroDivisionError", "FileNotFoundError", "OSError")
    assert any(error in note for note in result.notes for error in errors), result.notes


def test_files_outside_the_scratch_folder_are_safe(check_text: CheckText, tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("thesis")
    check_text(f"import os\nos.remove({str(precious)!r})\nopen({str(precious)!r}, 'w')\n")
    assert precious.read_text() == "thesis"


def test_the_scratch_folder_is_writable_and_removed(check_text: CheckText) -> None:
    result = check_text("import os\nopen('a.txt', 'w').write('x')\nraise OSError(os.getcwd())\n")
    folder = result.notes[-1].rpartition(" ")[2]  # the note before says that there is no function
    assert folder.startswith("/")
    assert not os.path.exists(folder)


FORGERIES = {
    "numpy patched": "np.dot = lambda a, b: 0\nnp.allclose = lambda *a, **k: True\nnp.max = lambda *a, **k: 0\n",
    "our modules patched": (
        "import sys\nfor name, module in list(sys.modules.items()):\n"
        "    if name.startswith('child'):\n        vars(module).update(difference=lambda *a: None)\n"
    ),
    "an answer on the channel": (
        'import os\nfor fd in range(3, 64):\n    try: os.write(fd, b\'{"verdict": "right"}\' * 100)\n    except OSError: pass\n'
    ),
    "an exit with success": "import atexit, os\natexit.register(os._exit, 0)\n",
    "our package imported": (
        "def linear_backward(dZ, cache):\n    from tinygrad_dnn.dnn import manual\n    return manual.linear_backward(dZ, cache)\n"
    ),
    "the course's function imported": (
        "from dnn_app_utils import linear_backward as theirs\ndef linear_backward(dZ, cache):\n    return theirs(dZ, cache)\n"
    ),
    "equal to everything": (
        "class Yes(np.ndarray):\n"
        "    def __eq__(self, other): return True\n    def __sub__(self, other): return self * 0\n"
        "def linear_backward(dZ, cache):\n    return tuple(np.zeros((1, 1)).view(Yes) for _ in range(3))\n"
    ),
    "a hooked encoder": ("import json\njson.dumps = lambda *a, **k: '{\"tuple\": []}'\njson.loads = lambda *a: {}\n"),
}


@pytest.mark.parametrize("how", one_in(3, FORGERIES))
def test_a_verdict_cannot_be_forged(check_text: CheckText, how: str) -> None:
    wrong = BASE | {"linear_backward": BASE["linear_backward"].replace("1 / m * np.sum", "np.sum")}
    result = check_text(plain(wrong) + "\n" + FORGERIES[how])
    assert result.verdict not in ("right", "incomplete")
    assert all(f.verdict != "right" for f in result.functions if f.name == "linear_backward")


@pytest.mark.parametrize("how", ["from dnn_utils import {}", "from dnn_utils import {} as f\n{} = f", "{}.__module__ = 'x'"])
@pytest.mark.parametrize("name", ["linear_backward", "L_model_backward", "compute_cost"])
def test_what_is_to_be_written_cannot_be_brought_along(check_text: CheckText, name: str, how: str) -> None:
    """Only the four activations are the course's own."""
    result = check_text(RIGHT + how.replace("{}", name))
    assert (result.verdict, result[name].verdict) == ("incomplete", "missing")
    assert check_text(RIGHT + how.replace("{}", "relu")).verdict in ("right", "incomplete")


def test_a_file_that_is_no_python(check_text: CheckText) -> None:
    for junk in (b"\x7fELF\0\0\0", b"PK\x03\x04" + bytes(range(256)), b"Dear teacher, my dog ate it.\n", b"}{" * 1000):
        assert check_text(junk).verdict == "crashed"
    assert check_text(b"(" * 100_000).verdict == "crashed"
    assert check_text(b"").verdict == "incomplete"
    assert check_text(b"# nothing yet\n").verdict == "incomplete"


def test_a_syntax_error_costs_one_function(check_text: CheckText) -> None:
    text = plain(BASE | {"relu": "def relu(Z):\n    return np.maximum(0, Z\n"})
    result = check_text(text)
    assert result["relu"].verdict == "crashed"
    assert "SyntaxError" in result["relu"].message
    assert [f.name for f in result.functions if f.verdict != "right"] == ["relu"]


def test_python_2(check_text: CheckText) -> None:
    text = (
        RIGHT
        + "\nprint 'cost: %f' % 0.5\nprint\nfor i in xrange(3):\n\tprint i,\n"
        + "try:\n    pass\nexcept ValueError, e:\n    print e\n"
    )
    assert check_text(text).verdict == "right"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig", "gb18030"])
def test_encodings(check_text: CheckText, encoding: str) -> None:
    comment = "# 反向传播算法\n" if encoding == "gb18030" else "# Rückwärts: é\n"
    assert check_text((comment + RIGHT).encode(encoding)).verdict == "right"


def test_windows_line_ends(check_text: CheckText) -> None:
    assert check_text(RIGHT.replace("\n", "\r\n")).verdict == "right"


def test_a_truncated_notebook(check_text: CheckText) -> None:
    whole = notebook(BASE)
    assert check_text(whole, "a.ipynb").verdict == "right"
    result = check_text(whole[: len(whole) * 3 // 4], "a.ipynb")
    assert result.verdict == "incomplete"
    assert any("damaged" in note for note in result.notes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"cells": 3}',
        '{"cells": [3]}',
        '{"cells": [{"cell_type": "code", "source": 7}]}',
        "[" * 10**5,
    ],
)
def test_malformed_notebooks(check_text: CheckText, text: str) -> None:
    assert check_text(text, "a.ipynb").verdict in ("crashed", "incomplete")


def test_cells_are_counted_and_lines_are_the_cells_own(check_text: CheckText) -> None:
    wrong = BASE["relu"].replace("np.maximum", "np.minimum")
    cells = [
        {"cell_type": "markdown", "source": "# Title"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import numpy as np\n", "!pip install x"]},
        {"cell_type": "code", "source": wrong.strip()},
    ]
    result = check_text(json.dumps({"cells": cells}), "a.ipynb")
    assert result.first_wrong is not None
    assert (result.first_wrong.name, result.first_wrong.cell, result.first_wrong.line) == ("relu", 3, 2)


def test_every_function_that_hangs_is_named(check_text: CheckText) -> None:
    hanging = {name: f"def {name}(*args):\n    while True: pass\n" for name in ("relu", "linear_backward")}
    verdict = check_text(plain(BASE | hanging))
    assert verdict.verdict == "timeout"
    assert {f.name for f in verdict.functions if f.verdict == "timeout"} == set(hanging)
    assert {f.name for f in verdict.functions if f.verdict != "right"} == set(hanging)


def test_the_time_for_one_submission_is_bounded(server: ForkServer, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(plain({name: f"def {name}(*args):\n    while True: pass\n" for name in BASE}))
    limits = Limits(start=120.0, call=0.3, total=0.5)
    verdict = check(path, limits=limits, server=server)
    assert verdict.verdict == "timeout"
    assert "used up" in verdict["update_parameters"].message


def test_nothing_is_waited_for_beyond_the_time_of_a_submission(
    server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited, receive = list[float](), wire.receive

    def noting(channel: socket.socket, hostile: bool = False, seconds: float | None = None) -> object:
        waited.append(seconds or 0.0)
        return receive(channel, hostile, seconds)

    monkeypatch.setattr(wire, "receive", noting)
    (tmp_path / "a.py").write_text(RIGHT)
    check(tmp_path / "a.py", limits=Limits(start=900.0, call=800.0, total=700.0), server=server)
    assert len(waited) > 100
    assert 600 < max(waited) < 700


def test_a_file_that_is_loaded_asks_the_judge_for_nothing(check_text: CheckText, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[tuple[str, int]]()
    answer = Session._answer
    monkeypatch.setattr(
        Session,
        "_answer",
        lambda self, name, *more: asked.append((name, len(self.functions))) or answer(self, name, *more),
    )
    check_text("from dnn_utils import sigmoid, linear_forward\nx = sigmoid(0.0)\ny = linear_forward(1, 2, 3)\n" + FORWARD)
    assert asked
    assert all(functions for _, functions in asked)


@pytest.mark.parametrize("declared", ["undefined", "idna", "rot13", "no-such-codec"])
def test_a_declared_encoding_that_decodes_nothing(check_text: CheckText, declared: str) -> None:
    verdict = check_text(f"# coding: {declared}\n# \xe9\n{RIGHT}".encode("latin-1"))
    assert (verdict.verdict, verdict.notes) == ("right", ["not UTF-8: read as latin-1"])


@pytest.mark.parametrize("style", ["a.py", "a.ipynb"])
def test_long_files_are_read_to_their_end(check_text: CheckText, style: str) -> None:
    long = BASE | {"notes": f"notes = '{'é' * 10**6}'\n"}
    assert check_text((notebook if style == "a.ipynb" else plain)(long), style).verdict == "right"


def test_more_code_than_anybody_writes(check_text: CheckText) -> None:
    verdict = check_text("x = 1\n" * 10**6)
    assert verdict.verdict == "crashed"
    assert verdict.notes == ["The file cannot be read: it holds more than 4 million characters of code."]


def test_more_statements_than_anybody_writes(check_text: CheckText) -> None:
    verdict = check_text("x = [1]\n" * 10_010 + RIGHT)
    assert verdict.verdict == "right"
    (note,) = verdict.notes
    assert note.startswith("statements outside functions are not run from line 10001 on, for more than 10,000 stand")


def test_a_function_that_cannot_be_inspected_costs_only_itself(check_text: CheckText) -> None:
    result = check_text(RIGHT + "\nsigmoid.__wrapped__ = sigmoid\n")
    assert [f.name for f in result.functions if f.verdict != "right"] == ["sigmoid"]
    assert result["sigmoid"].message.startswith("sigmoid cannot be inspected; leave out what is wrapped around it: ")


def test_more_cells_than_anybody_writes(check_text: CheckText) -> None:
    verdict = check_text(json.dumps({"cells": [{"cell_type": "code", "source": "x = 1"}] * 10_001}), "a.ipynb")
    assert verdict.notes == ["The file cannot be read: it has more than 10,000 code cells."]


def test_the_secret_is_not_told_to_a_submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither as it is, nor hashed with the file, nor as the numbers that follow from it."""
    told, pack = list[bytes](), wire.pack
    monkeypatch.setattr(wire, "pack", lambda *given: told.append(pack(*given)) or told[-1])
    path, secret = tmp_path / "a.py", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    path.write_text(RIGHT)
    assert check(path, seed=secret).seed == secret
    seeds = [seed_of(secret, load(path).code, draw) for draw in range(9)]
    forms = [secret, fingerprint(path), *(form for seed in seeds for form in (str(seed), f"{seed:x}"))]
    assert len(told) > 100
    assert not [form for form in forms for message in told if form.encode() in message]


def test_a_defect_of_the_judge_ends_the_judging_of_one_file(
    server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(Search, "conclude", broken)
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(RIGHT + name.replace(".", " = 1 #"))
    found = check_all([tmp_path / "a.py", tmp_path / "b.py"])
    assert [verdict.verdict for verdict in found] == ["crashed", "crashed"]
    assert {note for verdict in found for note in verdict.notes} == {"The judge failed on this file (ZeroDivisionError: a defect)."}
    monkeypatch.undo()
    assert check(tmp_path / "a.py", server=server).verdict == "right"


NAMES = [
    "-h.py",
    "--help.py",
    "-.py",
    " .py",
    "index.py",
    "index.html.py",
    "CON.py",
    "\u202eyp.x.py",
    "a\nb.py",
    "a b.py",
]
NAMES += ["\x1b[2J.py", "<img src=x onerror=alert(1)>.py", "=cmd|calc!A1.py", "{{7*7}}.py", "%s%n.py", "$(touch x).py"]
NAMES += ["~.py", "*.py", "'.py", "a" * 250 + ".py", os.fsdecode(b"\xff\xfe.py"), "-x/--jobs.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="names and files of POSIX")
def test_a_folder_of_strange_names_and_files(tmp_path: Path) -> None:
    """Each file has its verdict, its page and its row; what is none is passed over, and nothing outside is read."""
    folder, pages = tmp_path / "folder", tmp_path / "pages"
    (folder / "-x").mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text("import numpy as np\ndef relu(Z): return np.maximum(0, Z), Z\n")
    os.mkfifo(folder / "pipe.py")
    (folder / "folder.py").mkdir()
    for name, target in {"loop": "loop.py", "zero": "/dev/zero", "piped": "pipe.py", "out": "/etc/passwd"}.items():
        (folder / f"{name}.py").symlink_to(target)
    (folder / "root").symlink_to("/")
    (folder / "large.py").touch()
    os.truncate(folder / "large.py", 2**40)
    found = check_all(submissions([folder]), walls="outer")
    named = {Path(verdict.path).name: verdict.verdict for verdict in found}
    assert {name: named.pop(name) for name in ("large.py", "out.py")} == dict.fromkeys(("large.py", "out.py"), "crashed")
    assert (len(named), set(named.values())) == (len(NAMES), {"right"})
    write_pages(found, pages)
    assert len(list(pages.iterdir())) == len(found) + 1
    rows = list(csv.reader(as_csv(found).splitlines()))
    assert len(rows) == len(found) + 1
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "-", "@", "+") or not cell.isprintable()]


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "a.py")
    monkeypatch.setattr(Path, "is_file", lambda self: True)  # which it was when that was asked
    assert load(tmp_path / "a.py").code == b""


def test_a_file_that_changes_while_it_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its copies are judged by what they hold; alone it has no verdict."""
    WRONG = "import numpy as np\ndef relu(Z): return np.minimum(0, Z), Z\n"
    RELU = WRONG.replace("minimum", "maximum")
    copies = [tmp_path / "a.py", tmp_path / "b.py", tmp_path / "c.py"]
    for path, code in zip(copies, [RELU, RELU, RELU + "# mine"], strict=True):
        path.write_text(code)

    def changing(path: Path, **given: Any) -> Verdict:
        kept = path.read_text()
        if path.name != "b.py":
            path.write_text(WRONG)
        verdict = check(path, **given)
        path.write_text(kept) if path.name != "b.py" else None
        return verdict

    monkeypatch.setattr("tinygrad_dnn.referee.classroom.check", changing)
    found = check_all(copies)
    assert [verdict.verdict for verdict in found] == ["right", "right", "crashed"]
    assert found[2].notes == ["The file changed while it was judged."]


def test_a_server_that_was_killed_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(RIGHT)
    with ForkServer() as server:
        for _ in range(2):
            assert check(path, server=server).verdict == "right"
            server._process.kill()
            server._process.wait()
