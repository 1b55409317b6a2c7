"""Under which conditions: the same number of threads for everybody, and a line that says what was running."""

from __future__ import annotations

import datetime
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from tinygrad_dnn.cli.doctor import numpys_blas

from .contenders import CONTENDERS


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Give NumPy's BLAS, every OpenMP runtime, PyTorch and JAX `n` threads each. Import the contenders before.

    With several, the idle threads of one library wait in a loop for more to do, on the cores of the next; where another
    process uses a core as well, times become ten times as long and ratios mean nothing. Hence 1 by default.
    """
    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    try:
        with threadpool_limits(limits=n), _environment(dict.fromkeys(LATER, str(n))):
            if torch:
                torch.set_num_threads(n)
            yield
    finally:
        if torch:
            torch.set_num_threads(before)


LATER = ("NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""What libraries read that start their threads when they are first used: XLA (the flags for its threads that are
documented leave it two), and the BLAS of SciPy, with which Numba multiplies."""


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def describe(names: Sequence[str] = ()) -> str:
    """Say when and on what was measured: date, processor, versions, BLAS with the kernel that it chose, threads.

    A second paragraph says so if it chose a kernel that is not made for this processor.

    Parameters
    ----------
    names : sequence of str
        Of the contenders whose versions are stated.
    """
    versions = [f"Python {platform.python_version()}", f"NumPy {version('numpy')}"]
    distributions = dict.fromkeys(CONTENDERS[name].distribution for name in names)
    versions += [f"{distribution} {version(distribution)}" for distribution in distributions if distribution]
    blas = numpys_blas()
    line = "; ".join(
        [
            datetime.date.today().isoformat(),
            f"{processor()}, {cores()} cores",
            ", ".join(versions),
            f"BLAS {blas or 'that threadpoolctl does not know'}",
        ]
    )
    return f"{line}\n\n**Warning**: {blas.warning}." if blas and blas.warning else line


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
