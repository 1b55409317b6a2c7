"""Measure and write down: ``python -m benchmarks.run [case ...] [--peers ...] [--quick] [--threads N]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from . import conditions, memory, network, pages, referee, results, scalars, timing
from .contenders import CONTROL, OURS, PEERS, MissingPeerError, load

SUITES = (network, scalars, memory, referee, pages)
"""Each suite has NAME, TITLE, CASES and ``run(cases, peers, quick=..., clock=...)``, which returns its section."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line.

    Examples
    --------
    >>> parse(["xs", "tiny", "--quick"]).cases
    ['xs', 'tiny']
    """
    every = [case for suite in SUITES for case in suite.CASES]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description="Measure tinygrad_dnn beside a control run and its peers. A complete run of a suite rewrites its "
        "section of benchmarks/RESULTS.md; anything less is only printed.",
    )
    parser.add_argument("cases", nargs="*", metavar="case", help=f"one or more of {', '.join(every)}; default: all")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), help="default: all")
    parser.add_argument("--quick", action="store_true", help="few rounds: does it run?")
    parser.add_argument("--threads", type=int, default=1, help="for everybody; more than 1 only on an idle machine")
    options = parser.parse_args(arguments)
    unknown = [case for case in options.cases if case not in every]
    if unknown:
        parser.error(f"there is no case {', '.join(unknown)}; there are {', '.join(every)}")
    options.cases = options.cases or every
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suites that have a case asked for."""
    options = parse(arguments)
    try:
        for name in (CONTROL, OURS, *options.peers):
            load(name)
    except MissingPeerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    complete = not options.quick and set(options.peers) == set(PEERS)
    with conditions.threads(options.threads):
        where = conditions.describe(options.peers)
        print(where)
        for suite in SUITES:
            cases = [case for case in suite.CASES if case in options.cases]
            if not cases:
                continue
            text = suite.run(cases, options.peers, quick=options.quick, clock=timing.clock_for(options.threads))
            print(f"\n## {suite.TITLE}\n\n{text}")
            if complete and len(cases) == len(suite.CASES):
                results.write(suite.NAME, suite.TITLE, where, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
