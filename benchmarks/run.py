"""Measure and write down: ``python -m benchmarks.run [case ...] [--suites ...] [--peers ...] [--quick]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from . import (
    arrays,
    compiled,
    conditions,
    front,
    memory,
    network,
    pages,
    pictures,
    play,
    programs,
    referee,
    results,
    scalars,
    site,
    sizes,
    timing,
    writes,
)
from .contenders import PEERS, MissingPeerError, load

SUITES: tuple[Any, ...] = (network, compiled, scalars, memory, programs, sizes, arrays, referee, pictures, pages)
SUITES += (play, front, site, writes)
"""Each suite has NAME, TITLE, CASES, the names of who takes part always (ALWAYS) and if asked to (PEERS), and
``run(cases, peers, quick=..., clock=...)``, which returns its section."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line.

    Examples
    --------
    >>> parse(["xs", "tiny", "--quick"]).cases
    ['xs', 'tiny']
    """
    every = [*dict.fromkeys(case for suite in SUITES for case in suite.CASES)]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description="Measure tinygrad_dnn beside a control run and its peers. A complete run of a suite rewrites its "
        "section of benchmarks/RESULTS.md; anything less is only printed.",
    )
    parser.add_argument("cases", nargs="*", metavar="case", help=f"one or more of {', '.join(every)}; default: all")
    names = [suite.NAME for suite in SUITES]
    parser.add_argument("--suites", nargs="*", choices=names, default=names, help="default: all that have the cases")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), help="default: all")
    parser.add_argument("--quick", action="store_true", help="few rounds: does it run?")
    parser.add_argument("--threads", type=int, default=1, help="for everybody; more than 1 only on an idle machine")
    options = parser.parse_args(arguments)
    unknown = [case for case in options.cases if case not in every]
    if unknown:
        parser.error(f"there is no case {', '.join(unknown)}; there are {', '.join(every)}")
    options.cases = options.cases or every
    return options


def _asked(suite: Any, options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """The cases of a suite that are to be run, and the peers."""
    cases = [case for case in suite.CASES if case in options.cases and suite.NAME in options.suites]
    return cases, [peer for peer in suite.PEERS if peer in options.peers]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suites that have a case asked for."""
    options = parse(arguments)
    asked = [(suite, cases, peers) for suite in SUITES for cases, peers in [_asked(suite, options)] if cases]
    try:
        for suite, _, peers in asked:
            for name in (*suite.ALWAYS, *peers):
                load(name)
    except MissingPeerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    with conditions.threads(options.threads):
        for suite, cases, peers in asked:
            where = conditions.describe([*suite.ALWAYS, *peers])
            text = suite.run(cases, peers, quick=options.quick, clock=timing.clock_for(options.threads))
            print(f"## {suite.TITLE}\n\n{where}\n\n{text}\n")
            complete = len(cases) == len(suite.CASES) and len(peers) == len(suite.PEERS)
            if complete and not options.quick:
                results.write(suite.NAME, suite.TITLE, where, text)
                for line in results.remember(suite.NAME, where, text):
                    print(f"slower, or larger: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
