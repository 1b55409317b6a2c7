"""Many submissions: several at a time, each verdict kept as soon as it is there: a run can go on, and parts merge."""

import contextlib
import json
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from ... import __version__
from ...sandbox import ForkServer, Limits, Walls
from ...support.files import append, locked
from ..check import check
from ..load import fingerprint
from ..verdict import Verdict, legible

SUFFIXES = (".py", ".ipynb")


class NothingToCheck(Exception):
    """No submission was found; the message says where."""


class Record:
    """A line of JSON for each verdict, by code, secret and version; kept in memory without a path."""

    def __init__(self, path: Path | None, seed: str | None = None, only: Iterable[str] = ()) -> None:
        self.path, self._only = path, ",".join(sorted(only))
        kept = [*entries(path)] if path is not None and path.exists() else []
        self.known = dict(kept)  # the verdicts of earlier runs on the same code with the same secret
        self._written = {(key, verdict.path) for key, verdict in kept}
        self.seed = seed or "".join(verdict.seed for _, verdict in kept[-1:]) or secrets.token_hex(16)

    def add(self, key: str, verdict: Verdict) -> None:
        """Keep a verdict."""
        self.known[key] = verdict
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
    with contextlib.nullcontext() if path is None else locked(path.with_name(f"{path.name}.lock")):
        yield Record(path, seed, only)


def submissions(paths: Iterable[Path]) -> list[Path]:
    """Files as they are given, folders searched for ``.py`` and ``.ipynb`` (hidden ones and caches left out)."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            hidden = (".", "__pycache__")
            inside = [file for file in files if not any(p.startswith(hidden) for p in file.relative_to(path).parts)]
            if not inside:
                raise NothingToCheck(f"{path} holds no .py file and no .ipynb notebook")
            found += inside
        elif path.exists():
            found.append(path.resolve() if path.is_symlink() else path)  # a link that the caller names is wanted
        else:
            raise NothingToCheck(f"{path} does not exist")
    return list(dict.fromkeys(found))


def shard(paths: Sequence[Path], part: str | None) -> list[Path]:
    """Return part i of n of the submissions (``"2/8"``), chosen by their code: the same code is in the same part."""
    if part is None:
        return list(paths)
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", part)
    i, n = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= i <= n:
        raise ValueError(f"--shard {part}: a part of all parts is wanted, from 1/8 to 8/8")
    return [path for path in paths if int(fingerprint(path)[:12], 16) % n == i - 1]


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what changes with the content of a file."""
    with contextlib.suppress(OSError):
        now = path.stat()
        return now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns
    return ()


def check_all(
    paths: Sequence[Path], *, jobs: int = 1, limits: Limits | None = None, record: Record | None = None,
    walls: Walls = "any", only: Sequence[str] = (), progress: Callable[[Verdict], None] = lambda verdict: None,
) -> list[Verdict]:  # fmt: skip
    """Check every submission, `jobs` at a time, the same code once; verdicts in the order of the paths.

    What the `record` knows is not judged again, and its secret is that of the run; `walls` are as for `ForkServer`,
    `only` as for `check`; `progress` is called in this thread with each verdict as it comes. After Ctrl-C what is
    under judgement is ended, and finished verdicts are in the record.
    """
    record = record or Record(None)
    verdicts, alike = dict[Path, Verdict](), dict[str, list[Path]]()
    stamps, shown, alike_shown = {path: _stamp(path) for path in paths}, dict[Path, str](), Counter[str]()
    for path in paths:
        name = legible(str(path))
        alike_shown[name] += 1  # names that differ in what is not printed only
        shown[path] = f"{name} ({alike_shown[name]})" if alike_shown[name] > 1 else name
        alike.setdefault(record.key(path), []).append(path)

    def settle(key: str, verdict: Verdict) -> None:
        for path in alike[key]:
            same_as = "" if path == alike[key][0] else shown[alike[key][0]]
            verdicts[path] = replace(verdict, path=shown[path], same_as=same_as)
            record.add(key, verdicts[path])
            progress(verdicts[path])

    servers, stopping = dict[int, ForkServer](), threading.Event()

    def judged(same: Sequence[Path]) -> Verdict:
        server = servers.get(threading.get_ident()) or servers.setdefault(threading.get_ident(), ForkServer(walls))
        if stopping.is_set():  # while it was started
            server.close()
        verdict = Verdict(str(same[0]), "crashed", notes=["The file changed while it was judged."], seed=record.seed)
        for path in same:  # whose owner must not suffer if another one writes to a copy meanwhile
            found = check(path, limits=limits, server=server, seed=record.seed, only=only)
            if _stamp(path) == stamps[path]:
                return found
        return verdict

    pool = ThreadPoolExecutor(jobs)
    try:
        for key in alike:
            if key in record.known:
                settle(key, record.known[key])
        waiting = {pool.submit(judged, same): key for key, same in alike.items() if same[0] not in verdicts}
        for done in as_completed(waiting):
            settle(waiting[done], done.result())
    finally:
        stopping.set()
        for wait in (False, True):
            pool.shutdown(wait=wait, cancel_futures=True)
            for server in [*servers.values()]:  # others are still being started
                server.close()  # what still runs in it ends at once
    return [verdicts[path] for path in paths]
