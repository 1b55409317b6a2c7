"""Files that are whole or not there, whatever happens while they are written."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file under a temporary name in its folder, which must exist, and then give it its own.

    Whatever happens, the name stands for the old file or the new one; what killed processes left of it is removed.
    """
    target = Path(path)
    beginning = f".{target.name[:40]}."
    with _naming(target):
        remove_leftovers(target.parent, beginning)
        handle, temporary = tempfile.mkstemp(prefix=f"{beginning}{os.getpid()}.", suffix=".tmp", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            mask = os.umask(0)  # asking sets it, so that it is put back
            os.umask(mask)
            os.chmod(temporary, 0o666 & ~mask)  # mkstemp makes files that only their owner can read
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    return target


def append(path: Path, line: bytes) -> None:
    """Add a line to the end of a file, below one that was cut off, too; an OSError names it."""
    with _naming(path), path.open("a+b") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
        file.write(line if file.read() in (b"", b"\n") else b"\n" + line)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[IO[bytes] | None]:
    """Hold a lock file, which the system frees when this process ends; BlockingIOError if another one holds it."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        yield None
        return
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(file.fileno()), path.stat()):
                raise BlockingIOError  # its holder has just removed it
        except OSError:
            message = "another run writes here; wait until it ends, or give another name"
            raise BlockingIOError(errno.EAGAIN, message, str(path)) from None
        try:
            yield file
        finally:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Make errors name this file, not a temporary one."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def remove_leftovers(folder: str | Path, beginning: str) -> None:
    """Remove temporary files and folders, named ``beginning``, number, ``....tmp``, of processes that no longer run."""
    for entry in os.scandir(folder):
        process = entry.name[len(beginning) :].partition(".")[0]
        ours = entry.name.startswith(beginning) and entry.name.endswith(".tmp") and process.isdigit()
        if ours and os.name != "nt":  # where a signal would end it
            with contextlib.suppress(OSError, OverflowError):
                try:
                    os.kill(int(process), 0)
                except ProcessLookupError:
                    (shutil.rmtree if entry.is_dir(follow_symlinks=False) else os.unlink)(entry.path)
