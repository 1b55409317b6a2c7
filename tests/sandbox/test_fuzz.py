"""Messages that no honest inside would send: each is a verdict on its sender, never an exception in the judge.

``make fuzz`` tries 100,000 of each kind; the suite a few. While they are tried this process may take `ROOM` more than
it has: a message that costs more is an example that fails, with the place where it asks for the memory.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.referee_corpus import BASE
from tinygrad_dnn.core import flatten
from tinygrad_dnn.referee.check import check
from tinygrad_dnn.referee.exercises import EXERCISES, tasks_of
from tinygrad_dnn.sandbox import Child, Died, Limits, TooSlow
from tinygrad_dnn.sandbox.child import wire

MESSAGES = int(os.environ.get("FUZZ", "600"))
LARGEST_ROUND = 10_000
ROUNDS = range(-(-MESSAGES // LARGEST_ROUND))
"""Hypothesis remembers every example of a run to draw no other one twice: in rounds, memory stays flat."""

ROOM = 256 * 2**20
FLAT = 32_000
"""Bytes of address space for one round; kB by which the largest memory may grow after a test's first round."""

PEAKS: dict[str, list[int]] = {}
"""The largest memory of this process after each round of a test, in kB."""


@contextmanager
def bounded() -> Iterator[None]:
    """Refuse this process more than `ROOM` beyond the address space that it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if statm := Path("/proc/self/statm").read_text() if sys.platform == "linux" else "":
        taken = int(statm.split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def fuzzed(strategy: st.SearchStrategy[Any], messages: int) -> Callable[[Callable[[Any], None]], None]:
    """Run a test on examples of which each makes about so many messages: one round of them, different in each round."""

    def run(test: Callable[[Any], None]) -> None:
        examples = max(min(MESSAGES, LARGEST_ROUND) // messages, 3)
        plain = settings(
            max_examples=examples, deadline=None, database=None, derandomize=len(ROUNDS) == 1, phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
        )  # fmt: skip
        with bounded():
            plain(given(strategy)(test))()
        peaks = PEAKS.setdefault(test.__name__, [])
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        assert peaks[-1] - peaks[0] < FLAT, PEAKS

    return run


SAID = ("say", "begin", "ask", "cell", "line", "error", "function", "functions", "errors")
WORDS = st.sampled_from([*SAID, "value", "args", "call", "walls", "name"])
LETTERS = st.characters()
"""Any, also half a surrogate pair; for those of an encoding Hypothesis would first make a table of 200 MB."""
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(LETTERS, max_size=8) | WORDS
    | st.sampled_from([10**400, -1, 2**63, 2**31])
)  # fmt: skip
TAGS = st.sampled_from(["list", "tuple", "dict", "float", "ref", "opaque", "array", "shape", "x"])


def tagged(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw nodes as the wire has them, and nearly so."""
    items = st.lists(inner, max_size=4)
    pairs = st.lists(st.tuples(WORDS | inner, inner).map(list), max_size=5)
    array = st.fixed_dictionaries({"array": st.sampled_from(["<f8", "|O", "<i4"]) | inner, "shape": items})
    return st.dictionaries(TAGS, items | inner, max_size=2) | pairs.map(lambda p: {"dict": p}) | array | items


TREES = st.recursive(LEAVES, tagged, max_leaves=12)


def packed(tree: Any, payload: bytes = b"") -> bytes:
    text = json.dumps(tree).encode()
    return struct.pack("<II", len(text), len(payload)) + text + payload


class Channel:
    """The judge's end of a channel, in this process: what is sent is answered by a function."""

    def __init__(self, answer: Callable[[Any], bytes]) -> None:
        self.answer, self.waiting = answer, answer(None)

    def settimeout(self, seconds: float) -> None: ...

    def close(self) -> None: ...

    def sendall(self, data: bytes) -> None:
        self.waiting += self.answer(wire.unpack(data))

    def recv(self, count: int) -> bytes:
        part, self.waiting = self.waiting[:count], self.waiting[count:]
        return part


class Server:
    """A fork server whose processes are played by a function."""

    walls = ("played",)

    def __init__(self, answer: Callable[[Any], bytes]) -> None:
        self.answer = answer

    def fork(self, memory: int, seconds: float) -> tuple[int, Channel]:
        return 1, Channel(self.answer)

    def end(self, pid: int, grace: float) -> int:
        return 9

    def standing(self, walls: list[str]) -> list[str]:
        return walls


WALLS = wire.pack({"walls": []})
FACTS = {"lines": [1, 3], "assigned": {"dW": [[2, 2]]}, "returns": [{"text": "x", "lines": [3, 3]}]}
ABOUT = {
    "parameters": [],
    "required": 0,
    "line": 1,
    "cell": 0,
    "blank": False,
    "names": ["x"],
    "texts": ["dW"],
    "doc": "",
    **FACTS,
}

RAN = {
    "functions": dict.fromkeys(BASE, ABOUT),
    "errors": [{"cell": 0, "line": 1, "error": "ValueError"}],
    "imports": {},
    "classes": {},
    "supplied": [],
    "derives": [],
}
HONEST = [
    RAN | {"functions": {"relu": ABOUT}},
    {"call": 0, "args": [1.0], "value": {"dW1": [0.5]}},
    {"error": "ValueError: no", "cell": 0, "line": 1},
    {"say": "begin", "cell": 0, "line": 1},
    {"say": "ask", "name": "relu", "module": "", "args": [1.0], "kwargs": {}},
]


def places(node: Any) -> Iterator[tuple[list[Any], int]]:
    """Yield every place of a message, as the wire has it, where something else may stand: a list and an index."""
    ((tag, inner),) = node.items()
    for i, item in enumerate(inner if tag in ("dict", "list", "tuple") else ()):
        owner, at = (item, 1) if tag == "dict" else (inner, i)
        yield owner, at
        if type(owner[at]) is dict:
            yield from places(owner[at])


def with_a_part_replaced(tree: Any) -> Iterator[bytes]:
    """Yield honest messages in which one part, whichever it is, is another one."""
    for message in HONEST:
        written = json.loads(wire.pack(message)[8:])
        for owner, at in places(written):
            kept, owner[at] = owner[at], tree
            yield packed(written)
            owner[at] = kept


def believed(noise: bytes) -> list[Any]:
    """Ask a process that answers with noise for its functions, and for a call; what it told."""
    server: Any = Server(lambda request: WALLS if request is None else noise)
    told = []
    for ask in (lambda child: child.run([], "x", []), lambda child: child.call("f", [], [])):
        with Child(server, Limits(), lambda *question: 0) as child, suppress(Died, TooSlow):
            told.append(ask(child))
    return told


@pytest.mark.parametrize("part", ROUNDS)
def test_answers_are_believed_or_refused(part: int) -> None:
    tried = 0

    @fuzzed(st.tuples(st.lists(TREES, min_size=1, max_size=3), st.binary(max_size=16)), 100)
    def message(drawn: tuple[list[Any], bytes]) -> None:
        nonlocal tried
        trees, payload = drawn
        noise = [b"".join(packed(tree, payload) for tree in trees), *with_a_part_replaced(trees[0])]
        for one in noise:
            believed(one)
        tried += 2 * len(noise)

    assert tried >= min(MESSAGES, LARGEST_ROUND)


@pytest.mark.parametrize("part", ROUNDS)
def test_noise_is_refused(part: int) -> None:
    honest = wire.pack(HONEST[0])

    @fuzzed(st.tuples(st.binary(max_size=64), st.integers(0, len(honest) - 1)), 4)
    def noise(drawn: tuple[bytes, int]) -> None:
        assert believed(drawn[0]) == []
        believed(honest[: drawn[1]] + drawn[0] + honest[drawn[1] + len(drawn[0]) :])


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(LETTERS, max_size=5)
ARRAYS = [np.zeros((2, 3)), np.ones(4, bool), np.array(5), np.full((3, 1), np.nan), np.array("x")]
ARRAYS += [np.zeros((0, 2)), np.zeros((0, 2**20)), np.zeros((2**25, 0))]
RIGHT_SHAPES = st.sampled_from(range(12)).map(wire.Ref)
"""Stand for an array of the arguments, with all of its shape."""
LAYERS = [f"{kind}{name}{layer}" for kind in ("", "d", "v", "s", "vd", "sd") for name in "WbAZ" for layer in range(4)]
KEYS = st.sampled_from([*LAYERS, "dw", "db", "cost", "W", "b"]) | st.integers(0, 9)


PARTS = st.recursive(
    SCALARS | st.sampled_from([*ARRAYS, wire.Opaque("x")]) | RIGHT_SHAPES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.tuples(inner, inner, inner)
        | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=8,
)
CACHES = st.builds(lambda part, count: (part,) * count, PARTS, st.sampled_from([2, 3, 4, 14]))
OF_LAYERS = PARTS.map(lambda part: dict.fromkeys([*LAYERS, "dw", "db"], part))
VALUES = PARTS | CACHES | st.tuples(PARTS, CACHES) | OF_LAYERS | st.tuples(OF_LAYERS, OF_LAYERS)


def as_sent(value: Any, arrays: list[Any]) -> Any:
    """Return a value with arrays of the request where it refers to them."""
    if isinstance(value, wire.Ref):
        return arrays[value.call % len(arrays)] if arrays else None
    if isinstance(value, dict):
        return {key: as_sent(item, arrays) for key, item in value.items()}
    return type(value)(as_sent(item, arrays) for item in value) if type(value) in (list, tuple) else value


ARITY = {"backward_propagation": {"shallow": 4, "line": 2, "three layers": 3}, "forward_propagation": {"line": 2}}


def defined(exercise: str) -> dict[str, Any]:
    """Return what a submission says of itself that defines all functions of an exercise, and a layer of its own."""
    names = [*(task.name for task in tasks_of(exercise)), "affine_forward", "affine_backward"]
    parameters = {name: ["theta"] * ARITY.get(name, {}).get(exercise, 0) for name in names}
    parameters |= {"affine_forward": ["x", "w", "b"], "affine_backward": ["dout", "cache"]}
    return RAN | {"functions": {name: ABOUT | {"parameters": parameters[name]} for name in names}}


DEFINED = [defined(exercise) for exercise in (*EXERCISES, "initialisation")]


@pytest.mark.parametrize("part", ROUNDS)
def test_values_are_judged(tmp_path: Path, part: int) -> None:
    path = tmp_path / "played.py"
    path.write_text("")

    tried = 0

    @fuzzed(st.tuples(st.lists(VALUES, min_size=1, max_size=6), st.sampled_from(DEFINED)), 45)
    def judged(drawn: tuple[list[Any], dict[str, Any]]) -> None:
        (values, ran), turn = drawn, iter(range(10**9))

        def answer(request: Any) -> bytes:
            nonlocal tried
            tried += 1
            if request is None:
                return WALLS
            if request["do"] == "run":
                return wire.pack(ran)
            given = request["with"]["args"]
            arrays = [leaf for leaf in flatten(given) if isinstance(leaf, np.ndarray)]
            value = as_sent(values[next(turn) % len(values)], arrays)
            return wire.pack({"call": 0, "args": given, "value": value}, wire.VALUES)

        server: Any = Server(answer)
        verdict = check(path, server=server, seed="fuzz")
        assert "judge failed" not in str(verdict), str(verdict)

    assert tried >= min(MESSAGES, LARGEST_ROUND)


def test_memory_stays_flat() -> None:
    """Of a thousand bombs of messages, none costs the judge more than the largest allowed one."""
    bomb = packed({"list": [{"list": []}] * (wire.ANSWER // 14)})
    server: Any = Server(lambda request: WALLS if request is None else bomb)
    peaks = []
    for _ in range(3):
        with bounded(), Child(server, Limits(), lambda *question: 0) as child, pytest.raises(Died):
            child.run([], "x", [])
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert peaks[2] - peaks[0] < FLAT
