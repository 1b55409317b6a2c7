"""Under which conditions: the same number of threads for everybody, and a line that says what was running."""

from __future__ import annotations

import datetime
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from .contenders import LABELS


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Give NumPy's BLAS, every OpenMP runtime and PyTorch `n` threads each. Import the contenders before.

    With several, the idle threads of one library wait in a loop for more to do, on the cores of the next; where another
    process uses a core as well, times become ten times as long and ratios mean nothing. Hence 1 by default.
    """
    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    try:
        with threadpool_limits(limits=n):
            if torch:
                torch.set_num_threads(n)
            yield
    finally:
        if torch:
            torch.set_num_threads(before)


def describe(peers: Sequence[str] = ()) -> str:
    """Say when and on what was measured: date, processor, versions, BLAS with the kernel that it chose, threads."""
    versions = [f"Python {platform.python_version()}", f"NumPy {version('numpy')}"]
    versions += [f"{LABELS[peer]} {version(peer)}" for peer in peers]
    return "; ".join(
        [datetime.date.today().isoformat(), f"{processor()}, {cores()} cores", ", ".join(versions), f"BLAS {blas()}"]
    )


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def blas() -> str:
    """NumPy's BLAS, its version, the kernel that it runs on this processor, and its threads."""
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]]
    if not pools:
        return "that threadpoolctl does not know"
    pool = pools[0]
    kernel = pool.get("architecture", "unknown")
    return f"{pool['internal_api']} {pool['version']} with the {kernel} kernel, threads: {pool['num_threads']}"
