"""The site: how long `make lessons` takes, how large it is, how soon a lesson opens, and what it asks for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from .pages import HOW, browser
from .results import table
from .timing import Clock

NAME, TITLE = "site", "The site"
ALWAYS = PEERS = ()
CASES = ("lessons",)

ROOT = Path(__file__).parents[1]
SITE = ROOT / "out" / "site"
ROUNDS = 5
SECONDS, MEGABYTES, OPENING = 180, 25, 1
"""Goals: of `make lessons`, on two cores; of all files; of a lesson, until it is drawn with its frames."""

_PAINTED = "() => new Promise(requestAnimationFrame)"


class Opened(NamedTuple):
    """Of a page: seconds, and the requests that leave its site."""

    seconds: float
    requests: int


def built() -> float | None:
    """Run `make lessons` and return its seconds; None if it fails."""
    start = perf_counter()
    done = subprocess.run(["make", "lessons", f"PYTHON={sys.executable}"], cwd=ROOT, stdout=subprocess.DEVNULL)
    return perf_counter() - start if done.returncode == 0 else None


def opened(chromium: Any, page: Path) -> Opened:
    """Open a page until it is drawn, its frames too."""
    asked: list[str] = []
    tab = chromium.new_page(viewport={"width": 1280, "height": 800})
    tab.on("request", lambda request: asked.append(request.url))
    start = perf_counter()
    tab.goto(page.as_uri(), wait_until="load")
    tab.evaluate(_PAINTED)
    seconds = perf_counter() - start
    tab.close()
    return Opened(seconds, sum(not url.startswith(("file:", "data:", "about:", "blob:")) for url in asked))


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Build the site, unless it is there and this is quick, and open every lesson; return the section."""
    seconds = None if quick and SITE.exists() else built()
    lessons = sorted(SITE.glob("*/[0-9][0-9]-*.html"))
    with browser() as chromium:
        if chromium is None or not lessons:
            return f"{HOW}, `pip install playwright`, and `make lessons`. Nothing was measured.\n"
        found = {page: [opened(chromium, page) for _ in range(1 if quick else ROUNDS)] for page in lessons}
    fastest = {page: min(one.seconds for one in all_) for page, all_ in found.items()}
    slowest = max(fastest, key=lambda page: fastest[page])
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) / 1e6
    requests = sum(one.requests for all_ in found.values() for one in all_)
    rows = [
        ["`make lessons`, s", "failed" if seconds is None else f"{seconds:.0f}", f"{SECONDS}"],
        ["all files, MB", f"{size:.1f}", f"{MEGABYTES}"],
        ["a lesson opens, s (median)", f"{np.median([*fastest.values()]):.2f}", f"{OPENING}"],
        [f"a lesson opens, s (the slowest: {slowest.relative_to(SITE)})", f"{fastest[slowest]:.2f}", f"{OPENING}"],
        [f"requests of all {len(lessons)} lessons", f"{requests}", "0"],
    ]
    found_and_due = table(["what", "found", "goal (at most)"], rows)
    return (
        f"Built anew from nothing by `make lessons`, which also opens every page. Lessons: the fastest of {ROUNDS} "
        f"openings from a file, until the page and its frames are drawn.\n\n{found_and_due}"
    )
