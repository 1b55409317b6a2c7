"""Times that can be compared: contenders take turns in one process, round after round, and are judged by ratios.

A machine drifts (frequency, neighbours, temperature), so a time alone says little. Within one round all contenders
meet the same machine; the ratio to the control run is therefore taken round by round, and its median and quartiles
over the rounds are what is reported.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np

Call = Callable[[], object]
Clock = Callable[[], float]


class Spread(NamedTuple):
    """A median and the quartiles around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float] | np.ndarray) -> Spread:
        """Summarise samples.

        Examples
        --------
        >>> Spread.of([4.0, 1.0, 2.0, 3.0, 5.0])
        Spread(median=3.0, low=2.0, high=4.0)
        """
        low, median, high = np.percentile(samples, (25, 50, 75))
        return cls(float(median), float(low), float(high))


class Timings(NamedTuple):
    """The seconds a call took: for each contender one entry a round."""

    seconds: Mapping[str, np.ndarray]

    def spread(self, name: str) -> Spread:
        """Summarise the seconds of one contender."""
        return Spread.of(self.seconds[name])

    def ratio(self, name: str, control: str) -> Spread:
        """Summarise how many times as long as the control run a contender took, round by round.

        Examples
        --------
        >>> timings = Timings({"ours": np.array([3.0, 6.0, 9.0]), "control": np.array([2.0, 4.0, 6.0])})
        >>> timings.ratio("ours", "control").median
        1.5
        """
        return Spread.of(self.seconds[name] / self.seconds[control])


def interleave(calls: Mapping[str, Call], *, rounds: int, turn: float = 0.01, clock: Clock = perf_counter) -> Timings:
    """Time calls against each other.

    Parameters
    ----------
    calls : dict
        What to time, by name.
    rounds : int
        How often each takes a turn.
    turn : float
        Seconds that a turn should last: a short call is repeated, and the turn counts as its mean. A turn begins with
        a call that is not timed, which fetches code and data back into the caches. 0 for calls so long that neither
        matters: then a turn is one call.
    clock : callable
        What gives the time in seconds (see `clock_for`).

    Returns
    -------
    Timings

    Notes
    -----
    The garbage collector stays on, as in any program, and has nothing of the others to collect when a turn begins;
    what was imported and prepared before is out of its sight (``gc.freeze``), the same for all.

    Examples
    --------
    >>> timings = interleave({"sum": lambda: sum(range(100)), "len": lambda: len("100")}, rounds=3, turn=0.0001)
    >>> {name: len(seconds) for name, seconds in timings.seconds.items()}
    {'sum': 3, 'len': 3}
    """
    gc.collect()
    gc.freeze()
    try:
        repeats = {name: _repeats(call, turn, clock) for name, call in calls.items()}
        seconds: dict[str, list[float]] = {name: [] for name in calls}
        for order in orders(list(calls), rounds):
            for name in order:
                seconds[name].append(_turn(calls[name], repeats[name], clock))
    finally:
        gc.unfreeze()
    return Timings({name: np.array(samples) for name, samples in seconds.items()})


def orders(names: Sequence[str], rounds: int) -> Iterator[list[str]]:
    """Yield the order of each round: everybody begins, ends and follows everybody else in turn.

    Examples
    --------
    >>> ["".join(order) for order in orders("abc", 4)]
    ['abc', 'acb', 'cab', 'cba']
    """
    for r in range(rounds):
        shift = r // 2 % len(names)
        order = [*names[-shift:], *names[:-shift]] if shift else [*names]
        yield order if r % 2 == 0 else [order[0], *order[:0:-1]]


def clock_for(threads: int) -> Clock:
    """Choose the clock.

    One thread is timed by the time that the processor spends on it (of all threads of the process, should a library
    start some after all), which other programs on the machine do not change; several by the clock on the wall.
    """
    return process_time if threads == 1 else perf_counter


def _repeats(call: Call, turn: float, clock: Clock) -> int:
    """How many calls fill a turn, asked of the second call, as the first may import; 0 for one without warm-up."""
    if not turn:
        return 0
    call()
    start = clock()
    call()
    return max(1, round(turn / (clock() - start)))


def _turn(call: Call, repeats: int, clock: Clock) -> float:
    gc.collect()
    if repeats:
        call()
    calls = max(1, repeats)
    start = clock()
    for _ in range(calls):
        call()
    return (clock() - start) / calls
