"""Many submissions: several at a time, each result kept as soon as it is there, so that a run can be taken up again."""

from __future__ import annotations

import hashlib
import json
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from .. import __version__
from ..sandbox import ForkServer, Limits
from .check import check
from .verdict import Verdict

SUFFIXES = (".py", ".ipynb")


class NothingToCheck(Exception):
    """No submission was found; the message says where."""


def submissions(paths: Iterable[Path]) -> list[Path]:
    """Files as they are given, folders searched for ``.py`` and ``.ipynb`` (hidden ones and caches left out)."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and _visible(file, path)
            )
            if not inside:
                raise NothingToCheck(f"{path} holds no .py file and no .ipynb notebook")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise NothingToCheck(f"{path} does not exist")
    return list(dict.fromkeys(found))


def _visible(file: Path, folder: Path) -> bool:
    parts = file.relative_to(folder).parts
    return not any(part.startswith((".", "__pycache__")) for part in parts) and file.is_file()


class Record:
    """Verdicts on disk, a line of JSON each, under the path and the content of the file."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._known: dict[str, Verdict] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._remember(line)

    def _remember(self, line: str) -> None:
        try:
            entry = json.loads(line)
            self._known[entry["key"]] = Verdict.from_json(entry["verdict"])
        except (ValueError, KeyError, TypeError):
            return  # the last line of an interrupted run

    def get(self, path: Path) -> Verdict | None:
        """The verdict of an earlier run on the same content."""
        return self._known.get(_key(path)) if self._known else None

    def add(self, path: Path, verdict: Verdict) -> None:
        """Keep a verdict."""
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": _key(path), "verdict": verdict.to_json()}) + "\n")

    def done(self) -> None:
        """All is judged: the record has served."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _key(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    return f"{path}:{hashlib.sha256(content).hexdigest()}:{__version__}"


def check_all(
    paths: Sequence[Path],
    *,
    jobs: int = 1,
    limits: Limits | None = None,
    record: Record | None = None,
    progress: Callable[[Verdict], None] = lambda verdict: None,
) -> list[Verdict]:
    """Check every submission, `jobs` at a time; verdicts in the order of the paths.

    Parameters
    ----------
    record : Record, optional
        Where verdicts are kept; what it knows is not judged again.
    progress : function
        Called in this thread with each verdict as it comes.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, when the submissions under judgement are ended; finished ones are in the record.
    """
    record = record or Record(None)
    verdicts: dict[Path, Verdict] = {}
    waiting: queue.SimpleQueue[Path] = queue.SimpleQueue()
    finished: queue.SimpleQueue[tuple[Path, Verdict | BaseException]] = queue.SimpleQueue()
    for path in paths:
        known = record.get(path)
        if known is None:
            waiting.put(path)
        else:
            verdicts[path] = known
            progress(known)
    stop = threading.Event()
    workers = [threading.Thread(target=_work, args=(waiting, finished, stop, limits), daemon=True) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    try:
        while len(verdicts) < len(paths):
            path, verdict = finished.get()
            if isinstance(verdict, BaseException):
                raise verdict
            verdicts[path] = verdict
            record.add(path, verdict)
            progress(verdict)
    finally:
        stop.set()
        for worker in workers:
            worker.join(timeout=10)
    return [verdicts[path] for path in paths]


def _work(
    waiting: queue.SimpleQueue[Path],
    finished: queue.SimpleQueue[tuple[Path, Verdict | BaseException]],
    stop: threading.Event,
    limits: Limits | None,
) -> None:
    path = Path()
    try:
        with ForkServer() as server:
            while not stop.is_set():
                path = waiting.get_nowait()
                finished.put((path, check(path, limits=limits, server=server)))
    except queue.Empty:
        return
    except BaseException as error:
        finished.put((path, error))
