"""A class: files found, results kept, reports written, exit statuses."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.referee_corpus import BASE
from benchmarks.referee_styles import plain
from tinygrad_dnn.cli.commands import app
from tinygrad_dnn.referee import classroom
from tinygrad_dnn.referee.classroom import NothingToCheck, Record, check_all, pages, report, submissions
from tinygrad_dnn.referee.verdict import FunctionVerdict, Verdict, concluded
from tinygrad_dnn.sandbox import ForkServer, Walls

RIGHT = plain(BASE)
WRONG = plain(BASE | {"relu": BASE["relu"].replace("maximum", "minimum")})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "submissions"
    (made / "ann").mkdir(parents=True)
    (made / ".ipynb_checkpoints").mkdir()
    (made / "ann" / "hw.py").write_text(RIGHT)
    (made / "bob.py").write_text(WRONG)
    (made / "notes.txt").write_text("no submission")
    (made / ".ipynb_checkpoints" / "old.ipynb").write_text("{}")
    return made


def test_submissions_are_found(folder: Path, tmp_path: Path) -> None:
    found = submissions([folder, folder / "bob.py"])
    assert [path.relative_to(folder).as_posix() for path in found] == ["ann/hw.py", "bob.py"]
    with pytest.raises(NothingToCheck, match="does not exist"):
        submissions([tmp_path / "nowhere"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingToCheck, match=r"holds no \.py"):
        submissions([tmp_path / "empty"])


def test_an_interrupted_run_is_taken_up(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths, record = submissions([folder]), tmp_path / "partial"
    seen: list[Verdict] = []

    def interrupt(verdict: Verdict) -> None:
        seen.append(verdict)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_all(paths, record=Record(record), progress=interrupt)
    record.write_text(record.read_text() + '{"key": "half a li')
    judged: list[Path] = []
    real = classroom.check
    monkeypatch.setattr(classroom, "check", lambda path, **more: judged.append(path) or real(path, **more))
    verdicts = check_all(paths, record=Record(record))
    assert [verdict.verdict for verdict in verdicts] == ["right", "wrong"]
    assert judged == [path for path in paths if str(path) != seen[0].path]
    again = Record(record)
    assert {again.key(path) for path in paths} == {*again.known}, "also the one below the line that was cut off"
    Path(paths[0]).write_text(f"# changed\n{WRONG}")
    assert again.known.get(again.key(paths[0])) is None


def test_a_verdict_is_kept_for_its_file_version_secret_and_functions_alone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, record = submissions([folder])[0], tmp_path / "partial"

    def kept(seed: str, only: tuple[str, ...] = ()) -> bool:
        found = Record(record, seed, only)
        return found.known.get(found.key(path)) is not None

    check_all([path], record=Record(record, "s"))
    assert kept("s")
    assert not kept("t")
    assert not kept("s", ("relu",))
    monkeypatch.setattr(classroom, "__version__", "0.0")
    assert not kept("s")


def test_a_crash_of_the_referee_itself_is_not_swallowed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path, **more: object) -> Verdict:
        raise ZeroDivisionError

    monkeypatch.setattr(classroom, "check", broken)
    with pytest.raises(ZeroDivisionError):
        check_all(submissions([folder]), jobs=2)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *map(str, arguments)])
    return result.exit_code, result.output


def test_an_interrupt_while_a_server_is_started_ends_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the submission would be judged to its limits first."""
    waits, asked = threading.Event(), list[str]()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            if wait:
                waits.set()
            super().shutdown(wait, cancel_futures=cancel_futures)

    class Slow(ForkServer):
        def __init__(self, walls: Walls = "any") -> None:
            super().__init__(walls)
            os.kill(os.getpid(), signal.SIGINT)
            waits.wait(100)

        def _fork(self, request: dict[str, object]) -> tuple[int, socket.socket]:
            asked.append("fork")
            return super()._fork(request)

    for name, other in (("ThreadPoolExecutor", Pool), ("ForkServer", Slow)):
        monkeypatch.setattr(classroom, name, other)
    with pytest.raises(KeyboardInterrupt):
        check_all(submissions([folder]))
    assert asked == ["fork"]  # which a closed server refuses


def test_the_command(folder: Path, tmp_path: Path) -> None:
    table, folder_of_pages = tmp_path / "grades.csv", tmp_path / "feedback"
    status, output = run(folder, "--jobs", 2, "--csv", table, "--html", folder_of_pages)
    assert status == 1
    assert "2 submissions: 1 right, 1 wrong" in output
    assert "1 x relu: A: wrong-activation" in output
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [name for name in rows[0] if name not in BASE] == [column.name for column in report.COLUMNS]
    assert rows[1]["relu"] == "wrong"
    assert [(row["verdict"], row["first_wrong"], row["cause"]) for row in rows] == [
        ("right", "", ""),
        ("wrong", "relu", "wrong-activation"),
    ]
    assert len(list(folder_of_pages.glob("*.html"))) == 3
    assert not list(tmp_path.glob("*.partial"))


def test_json_and_exit_statuses(folder: Path, tmp_path: Path) -> None:
    status, output = run(folder / "ann" / "hw.py", "--json")
    assert status == 0
    (entry,) = json.loads(output)
    whole = {"path", "verdict", "functions", "first_wrong", "notes", "walls", "seed", "not_judged", "same_as"}
    assert set(entry) == whole | {"points", "max_points"}
    assert entry["verdict"] == "right"
    assert entry["first_wrong"] is None
    keys = {
        "name",
        "verdict",
        "quantity",
        "cause",
        "message",
        "max_error",
        "line",
        "cell",
        "right_formula",
        "your_formula",
        *("lines", "source", "given", "found", "expected", "why", "points", "max_points"),
    }
    assert set(entry["functions"][0]) == keys
    status, output = run(tmp_path / "nowhere.py")
    assert status == 2
    assert "does not exist" in output


def test_verdicts_survive_json() -> None:
    wrong = FunctionVerdict("relu", "wrong", "A", "sign", "It is negative.", 2.0, 3, None)
    verdict = concluded("a.py", [wrong, FunctionVerdict("sigmoid", "right")], ["a note"])
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict
    assert verdict["sigmoid"].verdict == "right"
    with pytest.raises(KeyError, match="judged were: relu, sigmoid"):
        verdict["tanh"]


def test_reports_escape_what_people_write() -> None:
    nasty = '<script>alert("1")</script>'
    root = FunctionVerdict(nasty, "wrong", nasty, "sign", nasty, right_formula=nasty, your_formula=nasty)
    verdict = concluded(f"=1+{nasty}.py", [root], [nasty])
    names = pages.page_names([verdict.path])
    for text in (pages.page(verdict), pages.index([verdict], names)):
        assert "<script>" not in text
        assert "&lt;script&gt;" in text
    (row,) = list(csv.DictReader(io.StringIO(report.as_csv([verdict]))))
    assert row["path"].startswith("'=1+")


@pytest.mark.parametrize("before", ["", " ", "\t", "\r", "\r\n", "\u3000", "\xa0"])
@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_no_cell_is_a_formula(before: str, sign: str) -> None:
    """Neither as it is nor after whatever a spreadsheet passes over, in a cell or in a heading."""
    evil = f"{before}{sign}cmd|' /C calc'!A1"
    root = FunctionVerdict(evil, "wrong", evil, evil, evil)
    verdict = Verdict(evil, "wrong", [root], root, [evil], [evil], evil, {evil: evil}, same_as=evil)
    for told in (verdict, verdict.legible()):
        cells = [cell for row in csv.reader(io.StringIO(report.as_csv([told]), newline="")) for cell in row]
        assert sum("cmd" in cell for cell in cells) >= 10
        assert not [cell for cell in cells if cell.strip()[:1] in (*"=+-@＝＋－＠",)]


def test_page_names_are_unique() -> None:
    names = pages.page_names(["a/b.py", "a_b.py", "A_B.py", "index", "...", "ü" * 300])
    assert len({name.lower() for name in names.values()}) == 6
    assert "index.html" not in names.values()


def test_a_submission_that_cannot_be_encoded_takes_nobody_down(tmp_path: Path) -> None:
    says = """'boom\\n  relu   right' + chr(0xD800) + chr(27) + '[2J'"""
    raising = BASE | {"relu": f"def relu(Z):\n    raise ValueError({says})\n"}
    (tmp_path / "ann.py").write_text(plain(raising))
    folder = tmp_path / ("\u540d" * 84) / "bob"
    folder.mkdir(parents=True)
    (folder / "hw.py").write_text(RIGHT)
    outputs = tmp_path / "grades.csv", tmp_path / "pages"
    status, output = run(tmp_path, "--csv", outputs[0], "--html", outputs[1])
    assert status == 1, output
    assert "ValueError: boom relu right\\ud800\\x1b[2J" in output
    assert "\\ud800" in outputs[0].read_text(encoding="utf-8")
    assert len(list(outputs[1].glob("*.html"))) == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems' names are Unicode")
def test_a_name_that_is_not_unicode_is_written_legibly(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py"))
    path.write_text("")
    status, _ = run(path, "--csv", tmp_path / "grades.csv", "--html", tmp_path / "pages")
    assert status == 1
    assert "\\udcff.py,incomplete" in (tmp_path / "grades.csv").read_text(encoding="utf-8")
