"""The largest memory of each process that fuzzes, told at the end of ``make fuzz``."""

from __future__ import annotations

import os
from typing import Any

import pytest

PEAKS: list[int] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Measure this process, and tell the one that started it."""
    if "FUZZ" not in os.environ:
        return
    import resource  # not there on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["peak"] = peak
    else:
        PEAKS.append(peak)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take what a process of pytest-xdist has measured."""
    PEAKS.append(getattr(node, "workeroutput", {}).get("peak", 0))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print all of it where that was asked for."""
    if "FUZZ" in os.environ:
        said = ", ".join(f"{peak / 1000:.0f}" for peak in sorted(PEAKS))
        terminalreporter.write_line(f"fuzz: {os.environ['FUZZ']} messages of each kind; peaks of memory, MB: {said}")
