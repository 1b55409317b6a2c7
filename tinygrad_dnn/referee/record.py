"""The record of a run: verdicts on disk as they come, so that an interrupted run can be taken up again."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .. import __version__
from ..support.files import append, locked
from .draws import new_secret
from .verdict import Verdict


class Record:
    """Verdicts under the path and the content of the file and the secret of the run, a line of JSON each.

    Parameters
    ----------
    path : Path or None
        Of the record; without one nothing is kept.
    seed : str, optional
        The secret of this run; without it that of the record, or a new one.

    Attributes
    ----------
    seed : str
    """

    def __init__(self, path: Path | None, seed: str | None = None) -> None:
        self.path = path
        self._known: dict[str, Verdict] = {}
        kept: str | None = None
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                kept = self._remember(line) or kept
        self.seed = seed or kept or new_secret()

    def _remember(self, line: str) -> str | None:
        """Take in one line; return the secret of its run."""
        try:
            entry = json.loads(line)
            verdict = self._known[entry["key"]] = Verdict.from_json(entry["verdict"])
        except (ValueError, KeyError, TypeError):
            return None  # the last line of an interrupted run
        return verdict.seed

    def get(self, path: Path) -> Verdict | None:
        """Return the verdict of an earlier run on the same content with the same secret."""
        return self._known.get(self._key(path)) if self._known else None

    def add(self, path: Path, verdict: Verdict) -> None:
        """Keep a verdict."""
        if self.path is not None:
            line = json.dumps({"key": self._key(path), "verdict": verdict.to_json()})
            append(self.path, f"{line}\n".encode())

    def done(self) -> None:
        """Remove the record: all is judged."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _key(self, path: Path) -> str:
        try:
            content = path.read_bytes()
        except OSError:
            content = b""
        return f"{path}:{hashlib.sha256(content).hexdigest()}:{__version__}:{self.seed}"


@contextlib.contextmanager
def recorded(path: Path | None, seed: str | None = None) -> Iterator[Record]:
    """Open a record for one run at a time; BlockingIOError is raised if another run writes to it."""
    lock: contextlib.AbstractContextManager[IO[bytes] | None]
    lock = locked(path.with_name(f"{path.name}.lock")) if path is not None else contextlib.nullcontext()
    with lock:
        yield Record(path, seed)
