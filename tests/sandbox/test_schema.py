"""The one place where messages are checked: each part with what fits just so, and what does not."""

from __future__ import annotations

import json
import struct
import time
from contextlib import suppress
from typing import Any

import pytest

from tinygrad_dnn.sandbox import process, schema
from tinygrad_dnn.sandbox.child import wire

ABOUT = {
    "parameters": ["x"], "required": 1, "line": 1, "cell": 0, "blank": False, "lines": [1, 2],
    "assigned": {"dW": [[1, 2]]}, "returns": [{"text": "x", "lines": [1, 2]}], "names": ["x"], "texts": ["dW"],
    "doc": "",
}  # fmt: skip
ERROR = {"cell": 0, "line": 1, "error": "ValueError"}
RAN = {
    "functions": {"f": ABOUT}, "errors": [ERROR, ERROR | {"function": "f"}], "imports": {"np": "numpy"},
    "classes": {"A": ["b"]}, "supplied": ["relu"], "derives": ["f"],
}  # fmt: skip
ASK = {"say": "ask", "name": "relu", "module": "", "args": (1.0,), "kwargs": {"Z": 1.0}}
FORMS: list[tuple[Any, Any]] = [
    (schema.READY, {"ready": True}),
    (schema.FORKED, {"pid": 1}),
    (schema.ENDED, {"status": 0}),
    (schema.WALLS, {"walls": ["limits"]}),
    (schema.BEGIN, {"say": "begin", "cell": 0, "line": 1}),
    (schema.ASK, ASK),
    (schema.FUNCTION, ABOUT),
    (schema.FAILURE, ERROR),
    (schema.RAN, RAN),
    (schema.called, {"call": 0, "args": [], "value": None}),
    (schema.called, ERROR),
]
STRANGE: list[Any] = [
    None,
    True,
    0.5,
    float("nan"),
    "x" * 10**6,
    -1,
    10**9,
    b"x",
    [None],
    [["x"]],
    {"x": None},
    {3: "x"},
]
FREE = {"value", "args", "kwargs"}
"""What a function may be called with and return: data, of which `wire` has checked the kinds."""


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_a_form_has_its_fields_and_no_other(number: int) -> None:
    form, honest = FORMS[number]
    assert form(honest, "it") == honest
    for name in honest:
        with pytest.raises(schema.Malformed, match=r"^it"):
            form({key: value for key, value in honest.items() if key != name}, "it")
    with pytest.raises(schema.Malformed):
        form(honest | {"more": 1}, "it")
    for other in (None, 3, "x", list(honest.items())):
        with pytest.raises((schema.Malformed, TypeError)):
            form(other, "it")


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_each_field_is_of_its_kind(number: int) -> None:
    form, honest = FORMS[number]
    for name, right in honest.items():
        for strange in STRANGE:
            if name in FREE or (type(strange) is type(right) and strange in (True, 0)):
                continue
            with suppress(schema.Malformed):
                assert type(form(honest | {name: strange}, "it")[name]) is type(right), (name, strange)


@pytest.mark.parametrize(
    ("part", "most", "too_much"),
    [
        (schema.whole(0, 9), 9, 10),
        (schema.whole(0, 9), 0, -1),
        (schema.whole(0, 9), 1, True),
        (schema.whole(0, 9), 1, 1.0),
        (schema.text(3), "abc", "abcd"),
        (schema.text(3), "abc", ["abc"]),
        (schema.truth, True, 1),
        (schema.several(schema.data, 2), [1, 2], [1, 2, 3]),
        (schema.several(schema.data, 2, 2), [1, 2], [1]),
        (schema.several(schema.text(1), 2), ["a"], ["ab"]),
        (schema.several(schema.data, 2), [1], {1: 2}),
        (schema.named(schema.data, 1), {"a": 1}, {"a": 1, "b": 2}),
        (schema.named(schema.data, 1), {"a" * 200: 1}, {"a" * 201: 1}),
        (schema.named(schema.data, 1), {"a": 1}, {3: 1}),
        (schema.named(schema.data, 1), {"a": 1}, [("a", 1)]),
        (schema.named(schema.truth, 1), {"a": True}, {"a": 1}),
    ],
)
def test_bounds(part: schema.Part, most: object, too_much: object) -> None:
    assert part(most, "it") == most
    with pytest.raises(schema.Malformed):
        part(too_much, "it")


LONGEST = {"functions": 5000, "imports": 500, "classes": 100}
"""Items that one answer may hold."""


def test_an_answer_is_bounded() -> None:
    for name, most in LONGEST.items():
        (item,) = RAN[name].values()  # type: ignore[attr-defined]
        assert schema.RAN(RAN | {name: {str(i): item for i in range(most)}}, "it")
        with pytest.raises(schema.Malformed, match=f"it.{name}"):
            schema.RAN(RAN | {name: {str(i): item for i in range(most + 1)}}, "it")
    for name, most in (("errors", 1000), ("supplied", 100), ("derives", 1000)):
        with pytest.raises(schema.Malformed, match=f"it.{name}"):
            schema.RAN(RAN | {name: RAN[name] * (most + 1)}, "it")  # type: ignore[operator]


class Slow:
    """A channel whose other side sends a byte at a time."""

    def __init__(self, data: bytes, seconds: float = 0.0) -> None:
        self.data, self.seconds = data, seconds

    def settimeout(self, seconds: float) -> None: ...

    def recv(self, count: int) -> bytes:
        time.sleep(self.seconds)
        part, self.data = self.data[:1], self.data[1:]
        return part


def test_what_is_announced_is_bounded_before_it_is_read() -> None:
    for length, payload in ((wire.ANSWER + 1, 0), (1, wire.LIMIT), (2**32 - 1, 2**32 - 1)):
        with pytest.raises(wire.WireError, match="is announced"):
            wire.receive(Slow(struct.pack("<II", length, payload)), hostile=True)  # type: ignore[arg-type]
    with pytest.raises(EOFError):
        wire.receive(Slow(struct.pack("<II", wire.ANSWER, 0)), hostile=True)  # type: ignore[arg-type]


def test_a_message_that_trickles_in_is_late() -> None:
    with pytest.raises(TimeoutError):
        wire.receive(Slow(wire.pack(["x"] * 1000), 0.001), hostile=True, seconds=0.05)  # type: ignore[arg-type]


def test_references_from_the_inside_are_not_believed() -> None:
    packed = wire.pack(wire.Ref(3, ("W",)))
    assert wire.unpack(packed) == wire.Ref(3, ("W",))
    with pytest.raises(wire.WireError, match="a kind that is not known"):
        wire.receive(Slow(packed), hostile=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["<M8[s]", "|S3", "<U2", "<c16", "|V8", "f8", "<f16", "|O"])
def test_only_arrays_of_numbers_are_believed(dtype: str) -> None:
    text = json.dumps({"array": dtype, "shape": [1]}).encode()
    with pytest.raises(wire.WireError, match="an array of dtype"):
        wire.unpack(struct.pack("<II", len(text), 16) + text + bytes(16))


@pytest.mark.parametrize("text", ["[" * 18 + "]" * 18, "[" + ",".join(["[]"] * 200_001) + "]"])
def test_depth_and_number_of_parts_are_bounded(text: str) -> None:
    tagged = text.replace("[", '{"list": [').replace("]", "]}")
    message = struct.pack("<II", len(tagged), 0) + tagged.encode()
    with pytest.raises(wire.WireError, match="items, or more than 16 deep"):
        wire.unpack(message, references=False)


def test_messages_and_questions_are_counted() -> None:
    begin, ask = wire.pack({"say": "begin", "cell": 0, "line": 1}), wire.pack(ASK)
    limits = ((begin, process._MESSAGES, "20,000 messages"), (ask, process._ASKED, "2,000 times .* define them"))
    for said, most, why in limits:
        child = object.__new__(process.Child)
        child._oracle = lambda *question: 1 / 0  # what it raises is an answer
        sent = Counted(said)
        child._channel = sent  # type: ignore[assignment]
        with pytest.raises(schema.Malformed, match=why):
            child._answer(time.monotonic() + 300, schema.RAN)
        assert most <= sent.times <= most + 1


class Counted:
    """A channel on which the other side says the same again and again."""

    def __init__(self, said: bytes) -> None:
        self.said, self.left, self.times = said, b"", 0

    def settimeout(self, seconds: float) -> None: ...

    def sendall(self, data: bytes) -> None: ...

    def recv(self, count: int) -> bytes:
        if not self.left:
            self.left, self.times = self.said, self.times + 1
        part, self.left = self.left[:count], self.left[count:]
        return part
