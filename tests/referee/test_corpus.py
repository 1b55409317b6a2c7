"""The corpus of hostile submissions: each is contained, has the right verdict, and leaves nothing behind."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinygrad_dnn.referee.check import check
from tinygrad_dnn.referee.classroom.pages import page
from tinygrad_dnn.referee.classroom.report import as_csv
from tinygrad_dnn.sandbox import ForkServer, Limits
from tinygrad_dnn.sandbox.bubblewrap import found

from ..cases import grouped, one_in
from .hostile import Hostile, corpus

LIMITS = Limits(start=6.0, call=4.0, total=30.0, memory=1024**3)
"""Long enough for an honest submission on a busy machine."""
CANARY = Path("/tmp", f"tinygrad-dnn-canary-{os.getpid()}")
CORPUS = list(corpus(str(CANARY)))

pytestmark = pytest.mark.skipif(found() is None, reason="needs bubblewrap")


def traces() -> set[str]:
    """Return what a submission could leave: folders, shared memory of either kind (browsers' apart)."""
    shared = {name for name in os.listdir("/dev/shm") if not name.startswith(".org.chromium")}
    segments = (" ".join(line.split()[:2]) for line in Path("/proc/sysvipc/shm").read_text().splitlines())
    return {*os.listdir(os.environ["TMPDIR"]), *shared, *segments}


def left_behind(before: set[str]) -> set[str]:
    """Return what is there since; shared memory of other programs, which comes and goes, is waited for."""
    deadline = time.monotonic() + 200
    while (left := traces() - before) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    CANARY.write_text("grades")
    os.chmod(CANARY, 0o600)
    with pytest.MonkeyPatch.context() as patch:  # other tests that run beside these have the usual folder
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("scratch")))
        patch.setattr("tempfile.tempdir", None)
        with ForkServer("bubblewrap") as server:
            yield server
    CANARY.unlink()


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 420
    assert len({(entry.kind, entry.name) for entry in CORPUS}) == len(CORPUS)


OF_A_KIND = grouped(CORPUS, lambda entry: entry.kind).values()


@pytest.mark.parametrize(
    "entry", [case for kind in OF_A_KIND for case in one_in(5, kind)], ids=lambda entry: f"{entry.kind}-{entry.name}"
)
def test_contained(walled: ForkServer, tmp_path: Path, entry: Hostile) -> None:
    path = tmp_path / "homework.py"
    path.write_text(entry.code)
    before, state, begun = traces(), os.stat(CANARY), time.monotonic()
    verdict = check(path, limits=LIMITS, server=walled, seed="corpus")
    busy = max(1.0, *os.getloadavg())  # with nothing else to do it takes one second more than the limit at most
    assert time.monotonic() - begun < 2 * LIMITS.total * busy
    assert verdict.verdict in entry.verdicts, str(verdict)
    assert "Escaped" not in str(verdict)
    assert "judge failed" not in str(verdict)
    assert len(json.dumps(verdict.to_json())) < 500_000
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", str(verdict))
    assert not re.search("[\u0300-\u036f\u20d0-\u20ff]{4}", str(verdict))
    assert verdict.walls[:2] == ["bubblewrap", "namespaces"]
    assert left_behind(before) == set()
    assert os.stat(CANARY) == state
    tags = set(re.findall(r"<[^>]*>", page(verdict).encode().decode()))
    assert not {"<b>", "<h1>injected</h1>", "<meta http-equiv=refresh content=0>"} & tags
    assert not [tag for tag in tags if tag.startswith("<img")]
    table = csv.reader(io.StringIO(as_csv([verdict]).encode().decode()))
    assert not [cell for row in table for cell in row if cell.lstrip()[:1] in ("=", "+", "-", "@", "＝")]
    if entry.kind == "forgery":
        assert all(function.verdict != "right" for function in verdict.functions if "backward" in function.name)
