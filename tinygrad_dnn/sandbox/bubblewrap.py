"""The walls of a sandbox: Python, NumPy and no other file (https://github.com/containers/bubblewrap)."""

import glob
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from importlib.machinery import PathFinder
from pathlib import Path

from .child.walls import SCRATCH

REMEDY = "install bubblewrap (apt install bubblewrap, dnf install bubblewrap)"
_SHARED = ("bz2", "ctypes", "decimal", "hashlib", "lzma", "sqlite3", "ssl", "xml.parsers.expat", "zlib")
"""Modules of the standard library that need libraries of the system."""


def found() -> str | None:
    """Return the path of bubblewrap, if this system has it."""
    return shutil.which("bwrap") if sys.platform.startswith("linux") else None


def interpreter() -> str:
    """Return the interpreter itself, not its name in a virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def homes() -> list[str]:
    """Return the folders that hold NumPy and SciPy, for the module path of a process that has no other packages."""
    specs = (PathFinder.find_spec(name) for name in ("numpy", "scipy"))
    places = [Path(spec.origin).parents[1] for spec in specs if spec is not None and spec.origin]
    return list(dict.fromkeys(map(str, places)))


def command(bwrap: str) -> list[str]:
    """Return the beginning of a command line; what follows runs inside."""
    namespaces = [f"--unshare-{what}" for what in ("cgroup-try", "user", "pid", "ipc", "net", "uts")]
    ending = ["--die-with-parent", "--as-pid-1", "--new-session", "--cap-drop", "ALL"]
    # Root may not map itself into the namespaces of a submission; a new one of names has a copy of the real one.
    nobody = ["--uid", "1000", "--gid", "1000", "--hostname", "sandbox"]
    devices = [part for x in ("null", "zero", "urandom", "random") for part in ("--dev-bind", *[f"/dev/{x}"] * 2)]
    scratch = [*(("--size", "33554432") if _version(bwrap) >= (0, 8) else ()), "--tmpfs", SCRATCH]
    view = ["--proc", "/proc", *devices, *scratch, *_mounts(), "--remount-ro", "/", "--chdir", "/"]
    return [bwrap, *namespaces, *nobody, *ending, *view]


@lru_cache
def _version(bwrap: str) -> tuple[int, ...]:
    said = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(map(int, re.findall(r"\d+", said)))


@lru_cache
def _mounts() -> tuple[str, ...]:
    library = os.path.dirname(os.__file__)
    loaders = [path for pattern in ("/lib/ld-*", "/lib64/ld-*", "/lib/ld64*") for path in glob.glob(pattern)]
    folders = {library, *(place for place in sys.path if place.endswith("lib-dynload"))}
    options = [part for folder in sorted(folders) for part in ("--ro-bind", folder, folder)]
    hidden = [place for name in ("site", "dist") if os.path.isdir(place := os.path.join(library, f"{name}-packages"))]
    options += [part for place in hidden for part in ("--tmpfs", place)]
    for file in sorted({interpreter(), *loaders, *libraries()}):
        options += ["--ro-bind", file, file]
    for home in homes():
        for name in ("numpy", "numpy.libs", "scipy", "scipy.libs"):
            place = os.path.join(home, name)
            options += ["--ro-bind-try", place, place]
    return (*options, *(part for place in hidden for part in ("--remount-ro", place)))


def libraries() -> Iterator[str]:
    """Yield the shared libraries that Python and NumPy have loaded here, under all their names."""
    for name in ("numpy", *_SHARED):
        with suppress(ImportError):
            import_module(name)
    packages = tuple(f"{home}/" for home in homes())
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
        loaded = set(re.findall(r"\s(/\S+\.so(?:\.\S+)?)$", file.read(), re.MULTILINE))
    stems = {path.partition(".so")[0] for path in loaded if not path.startswith(packages)}
    for folder in {os.path.dirname(stem) for stem in stems}:  # each has thousands of files, and is read once
        paths = (f"{folder}/{name}" for name in os.listdir(folder) if ".so" in name)
        yield from (path for path in paths if path.partition(".so")[0] in stems)
