"""Messages that no honest inside would send: each is a verdict on its sender, never an exception in the judge.

``make fuzz`` tries 100,000 of them; the suite a few.
"""

from __future__ import annotations

import json
import os
import resource
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.referee_corpus import BASE
from tinygrad_dnn.referee.check import check
from tinygrad_dnn.sandbox import Child, Died, Limits, TooSlow
from tinygrad_dnn.sandbox.child import wire

EXAMPLES = int(os.environ.get("FUZZ", "60"))
FEW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[*HealthCheck],
    derandomize=EXAMPLES < 1000,
)
JUDGED = settings(FEW, max_examples=max(EXAMPLES // 30, 10), phases=[Phase.generate])

SAID = ("say", "begin", "ask", "cell", "line", "error", "function", "functions", "errors", "printed")
WORDS = st.sampled_from([*SAID, "value", "args", "call", "walls", "name"])
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS
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


@given(st.lists(TREES, min_size=1, max_size=3), st.binary(max_size=16))
@FEW
def test_answers_are_believed_or_refused(trees: list[Any], payload: bytes) -> None:
    noise = b"".join(packed(tree, payload) for tree in trees)
    server: Any = Server(lambda request: WALLS if request is None else noise)
    for ask in (lambda child: child.run([], "x", []), lambda child: child.call("f", [], [])):
        with Child(server, Limits(), lambda *question: 0) as child, suppress(Died, TooSlow):
            ask(child)


@given(st.binary(max_size=64))
@FEW
def test_noise_is_refused(noise: bytes) -> None:
    server: Any = Server(lambda request: WALLS if request is None else noise)
    with Child(server, Limits(), lambda *question: 0) as child, pytest.raises((Died, TooSlow)):
        child.run([], "x", [])


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5)
ARRAYS = [np.zeros((2, 3)), np.ones(4, bool), np.array(5), np.zeros((0, 2)), np.full((3, 1), np.nan)]
KEYS = st.sampled_from(["A1", "Z1", "dW1", "db1", "W1", "b1", "cost"]) | st.integers(0, 9)
VALUES = st.recursive(
    SCALARS | st.sampled_from([*ARRAYS, wire.Opaque("x")]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.tuples(inner, inner, inner)
        | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=8,
)
FACTS = {"lines": [1, 3], "assigned": {"dW": [[2, 2]]}, "returns": [{"text": "x", "lines": [3, 3]}]}
ABOUT = {
    "parameters": [],
    "required": 0,
    "line": 1,
    "cell": 0,
    "blank": False,
    "names": [],
    "texts": [],
    "doc": "",
    **FACTS,
}
RAN = {
    "functions": dict.fromkeys(BASE, ABOUT),
    "errors": [],
    "printed": "",
    "imports": {},
    "classes": {},
    "supplied": [],
}


@given(st.lists(VALUES, min_size=1, max_size=6))
@JUDGED
def test_values_are_judged(tmp_path: Path, values: list[Any]) -> None:
    turn = iter(range(10**9))

    def answer(request: Any) -> bytes:
        if request is None:
            return WALLS
        if request["do"] == "run":
            return wire.pack(RAN)
        value = values[next(turn) % len(values)]
        return wire.pack({"call": 0, "args": request["with"]["args"], "value": value})

    path = tmp_path / "played.py"
    path.write_text("")
    server: Any = Server(answer)
    verdict = check(path, server=server, seed="fuzz")
    assert "judge failed" not in str(verdict), str(verdict)


def test_memory_stays_flat() -> None:
    """Of a thousand bombs of messages, none costs the judge more than the largest allowed one."""
    bomb = packed({"list": [{"list": []}] * (wire.ANSWER // 14)})
    server: Any = Server(lambda request: WALLS if request is None else bomb)
    peaks = []
    for _ in range(3):
        with Child(server, Limits(), lambda *question: 0) as child, pytest.raises(Died):
            child.run([], "x", [])
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert peaks[2] - peaks[0] < 20_000  # kB
