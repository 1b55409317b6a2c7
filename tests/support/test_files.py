"""Files that are whole or not there, under names that nobody can foresee."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

import pytest

from tinygrad_dnn.support.files import append, locked, write_atomically


def test_a_file_is_written_under_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, names = tmp_path / "grades.csv", list[str]()
    replace = os.replace

    def seen(source: str, target: Path) -> None:
        assert not path.exists() or path.read_bytes() == b"old"
        assert Path(source).read_bytes() in (b"old", b"new")
        names.append(source)
        replace(source, target)

    monkeypatch.setattr(os, "replace", seen)
    for content in (b"old", b"new"):
        assert write_atomically(path, content).read_bytes() == content
    assert len({*names}) == 2  # or a link could wait there
    assert os.listdir(tmp_path) == ["grades.csv"]


def test_one_run_at_a_time_holds_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    path, flock = tmp_path / "run.lock", fcntl.flock
    with locked(path), pytest.raises(BlockingIOError, match="another run writes here"), locked(path):
        pass

    def late(file: IO[bytes], how: int) -> None:
        path.unlink()  # by a run that ends now, and another one begins
        path.touch()
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(BlockingIOError), locked(path):
        pass


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    for write in (lambda path: write_atomically(path, b""), lambda path: append(path, b"")):
        with pytest.raises(OSError, match=r"no.{1,2}grades\.csv"):
            write(tmp_path / "no" / "grades.csv")
