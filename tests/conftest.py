"""The order in which the suite runs, and who runs what where `make test` starts one process a core."""

from __future__ import annotations

import gc
import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
"""Set before NumPy is imported: a BLAS with a thread for each core in each process takes ten times as long."""

TOGETHER = (
    *("tests/browser/", "tests/lessons/", "tests/ops/test_catalogue.py"),
    *("tests/test_demo.py", "tests/test_gallery.py", "tests/test_benchmarks.py", "tests/arrays/", "tests/scipy/"),
)
"""Files whose tests share a fixture or imports that take seconds: one process runs all of them."""


SLOW = frozenset(Path(__file__).with_name("slow.txt").read_text("utf-8").splitlines())
"""What is to be marked slow: single cases, and families, [*], of which one case in three stays."""

COLLECTED = pytest.StashKey[set[str]]()
"""The names of all tests, those too that are not run."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: browsers, child processes and limits of time are waited for."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)  # before -m "not slow" is heeded
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the slow cases, and start with what takes longest while there is something else to do beside it."""
    config.stash[COLLECTED] = {item.nodeid for item in items}
    number: defaultdict[str, Iterator[int]] = defaultdict(count)
    for item in items:
        family = f"{item.nodeid.partition('[')[0]}[*]"
        one_of_many = family in SLOW and not item.get_closest_marker("slow")
        if item.nodeid in SLOW or (one_of_many and next(number[family]) % 3):
            item.add_marker(pytest.mark.slow)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: (not item.get_closest_marker("slow"), not item.nodeid.startswith(TOGETHER)))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through all tests again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal out single tests, but for those that share a fixture (under pytest 9 xdist_group does nothing)."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFixture(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)

    return ByFixture(config, log)
