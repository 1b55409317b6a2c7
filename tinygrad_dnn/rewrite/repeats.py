"""Repeats: the longest run of equal rounds in a sequence, found by its period."""

import numpy as np


def longest_run(signs: np.ndarray, free: np.ndarray, longest: int, least: int) -> tuple[int, int, int]:
    """Return start, period and end of the run that covers most, of those that are `free` throughout.

    Its rounds have at most `longest` entries, and there are at least `least` of them; (0, 0, 0) if there is none.
    """
    best, covered = (0, 0, 0), 0
    for period in range(1, min(longest, len(signs) // least) + 1):
        equal = (signs[period:] == signs[:-period]) & free[period:] & free[:-period]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], equal, [False]]).astype(np.int8)))
        if not len(edges):
            continue
        starts, lengths = edges[::2], edges[1::2] - edges[::2]
        i = int(lengths.argmax())
        times = int(lengths[i]) // period + 1
        if times >= least and times * period > covered + period // 2:
            best, covered = (int(starts[i]), period, int(starts[i] + lengths[i]) + period), times * period
    return best
