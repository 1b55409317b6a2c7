"""Messages from a submission: what was sent arrives, and nothing else is believed."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinygrad_dnn.sandbox.child.wire import LIMIT, Opaque, Ref, WireError, pack, unpack

from ..cases import examples

ARRAYS = hnp.arrays(
    st.sampled_from(["<f8", "<f4", "<i8", "|b1", ">f8"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats() | st.text(max_size=20) | ARRAYS
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.shape == other.shape and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return isinstance(other, dict) and list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    return one == other or (one != one and other != other)


@given(TREES)
@examples(60)
def test_data_arrive_as_they_were(tree: object) -> None:
    assert same(unpack(pack(tree)), tree)


@given(st.binary(max_size=200))
@examples(100)
def test_noise_is_refused(noise: bytes) -> None:
    message = struct.pack("<II", len(noise), 0) + noise
    try:
        unpack(message)
    except WireError:
        return
    json.loads(noise)  # what was accepted was a plain JSON value


@pytest.mark.parametrize(
    "text",
    [
        '{"array": "<f8", "shape": [1000000000, 1000000000]}',
        '{"array": "<f8", "shape": [-1]}',
        '{"array": "|O", "shape": [1]}',
        '{"array": "<f8", "shape": ["a"]}',
        '{"array": "<f8", "shape": 3}',
        '{"list": 3}',
        '{"list": [1], "tuple": [2]}',
        "[1, 2]",
        '{"pickle": "x"}',
        '{"dict": [[[1], 2]]}',
        "[" * 100_000,
    ],
)
def test_malformed_messages_are_refused(text: str) -> None:
    with pytest.raises(WireError):
        unpack(struct.pack("<II", len(text), 0) + text.encode())


def test_what_is_no_data_travels_by_name() -> None:
    assert unpack(pack((object(), lambda: 0, 1 + 2j, {3, 4}))) == tuple(map(Opaque, ("object", "function", "complex", "set")))
    assert unpack(pack(np.array([object()]))) == Opaque("ndarray of object")
    assert unpack(pack(Ref(3, (1, "W")))) == Ref(3, (1, "W"))


def test_a_message_is_bounded() -> None:
    large = np.zeros(LIMIT // 64)
    kept = unpack(pack([large, large, large]))
    assert [type(array) for array in kept] == [np.ndarray, np.ndarray, Opaque]
    assert kept[2] == Opaque(f"ndarray with shape {large.shape}")
    assert unpack(pack(["x" * 100] * 10, budget=300))[5] == Opaque("str")
    assert len(pack(list(range(10_000)), budget=2000)) < 400_000
    deep: list[object] = []
    for _ in range(1000):
        deep = [deep]
    assert "opaque" in pack(deep).decode("latin-1")
