"""One fork server for all tests, and a way to check a text as if it were a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tinygrad_dnn.referee.check import check
from tinygrad_dnn.referee.verdict import Verdict
from tinygrad_dnn.sandbox import ForkServer, Limits

QUICK = Limits(start=8.0, call=4.0, total=60.0, memory=1024**3)

CheckText = Callable[..., Verdict]


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    with ForkServer() as started:
        yield started


@pytest.fixture
def check_text(server: ForkServer, tmp_path: Path) -> CheckText:
    def checked(text: str | bytes, name: str = "homework.py") -> Verdict:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return check(path, limits=QUICK, server=server, seed="tests")

    return checked
