"""The record of a run: verdicts on disk as they come, so that an interrupted run goes on and parts of a class merge."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from ... import __version__
from ...support.files import append, locked
from ..load import fingerprint, new_secret
from ..verdict import Verdict


class Record:
    """A line of JSON for each verdict, under the code of the file, the secret of the run and this version.

    Parameters
    ----------
    path, seed, only
        Without a path nothing is kept; without a seed that of the record is taken, or a new one.
    """

    def __init__(self, path: Path | None, seed: str | None = None, only: Iterable[str] = ()) -> None:
        self.path, self._only = path, ",".join(sorted(only))
        kept: str | None = None
        self._known: dict[str, Verdict] = {}
        self._written: set[tuple[str, str]] = set()
        for key, verdict in entries(path) if path is not None and path.exists() else ():
            self._known[key], kept = verdict, verdict.seed
            self._written.add((key, verdict.path))
        self.seed = seed or kept or new_secret()

    def get(self, key: str) -> Verdict | None:
        """Return the verdict of an earlier run on the same code with the same secret."""
        return self._known.get(key)

    def add(self, key: str, verdict: Verdict) -> None:
        """Keep a verdict."""
        self._known[key] = verdict
        if self.path is not None and (key, verdict.path) not in self._written:
            self._written.add((key, verdict.path))
            append(self.path, f"{json.dumps({'key': key, 'verdict': verdict.to_json()})}\n".encode())

    def done(self) -> None:
        """Remove the record: all is judged."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def key(self, path: Path) -> str:
        """Return the key of a file: two files with the same code have the same."""
        return ":".join((fingerprint(path), __version__, self.seed, self._only))


def entries(path: Path) -> Iterator[tuple[str, Verdict]]:
    """Yield the verdicts of a record with their keys; lines that were cut off are passed over."""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            yield str(entry["key"]), Verdict.from_json(entry["verdict"])


def merged(paths: Iterable[Path]) -> list[Verdict]:
    """Return the verdicts of several records, the last on each path, in the order of the paths."""
    found = {verdict.path: verdict for path in paths for _, verdict in entries(path)}
    return [found[path] for path in sorted(found)]


@contextlib.contextmanager
def recorded(path: Path | None, seed: str | None = None, only: Iterable[str] = ()) -> Iterator[Record]:
    """Open a record for one run at a time; BlockingIOError is raised if another run writes to it."""
    lock: contextlib.AbstractContextManager[IO[bytes] | None]
    lock = locked(path.with_name(f"{path.name}.lock")) if path is not None else contextlib.nullcontext()
    with lock:
        yield Record(path, seed, only)
