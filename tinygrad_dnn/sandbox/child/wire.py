"""Messages between the referee and a submission: JSON and raw arrays, never pickle.

Sizes are bounded before memory is allocated; what is not plain data arrives as an `Opaque` that only names its type.
"""

import json
import math
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

LIMIT = 64 * 1024 * 1024  # no message may be larger, in bytes
ANSWER = 4 * 1024 * 1024  # bytes of JSON from the inside, at most: reading it costs the judge many times as much
_DEPTH, _ITEMS, _TEXT = 12, 10_000, 4_000_000
_DEEPEST, _MOST = 16, 200_000
"""Depth of the parts that a reader takes, and their number if they come from the inside: no honest message has more."""
VALUES, _ARRAYS = 1_000_000, 16 * 1024 * 1024
"""Characters of an answer, and bytes of its arrays; values beyond that arrive as `Opaque`."""
_KINDS = ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8")
_DTYPES = {name: np.dtype(name) for name in _KINDS}
_PLAIN = frozenset({str, float, bool, type(None)})
_HEADER = struct.Struct("<II")
_NDARRAY, _as_array = np.ndarray, np.asarray  # bound early: a submission may patch numpy


class WireError(Exception):
    """The other side said something that is not a message."""


@dataclass(frozen=True)
class Opaque:
    """Stands for a value that is not plain data: only the name of its type travels."""

    type: str


@dataclass(frozen=True)
class Ref:
    """A value that stays in the sandbox: what call number `call` returned, then the path into it."""

    call: int
    path: tuple[int | str, ...] = ()

    def __getitem__(self, key: int | str) -> "Ref":
        return Ref(self.call, (*self.path, key))


def pack(value: object, budget: int = LIMIT) -> bytes:
    """Return one message: header, JSON, the bytes of its arrays; values beyond a budget of characters are `Opaque`."""
    packing = _Packing(budget)
    text = json.dumps(packing.encode(value, 0)).encode()
    payload = b"".join(packing.buffers)
    if len(text) + len(payload) > LIMIT:
        raise WireError(f"a message of {len(text) + len(payload):,} bytes; at most {LIMIT:,} are allowed")
    return _HEADER.pack(len(text), len(payload)) + text + payload


def unpack(message: bytes, references: bool = True) -> Any:
    """Return the value of a packed message; `WireError` where it is malformed."""
    if len(message) < _HEADER.size:
        raise WireError("a message shorter than its header")
    length, payload = _HEADER.unpack_from(message)
    body = memoryview(message)[_HEADER.size :]
    if len(body) != length + payload:
        raise WireError(f"a message of {len(body)} bytes that announces {length + payload}")
    try:
        tree = json.loads(bytes(body[:length]))
        return _Reading(body[length:], references).value(tree)
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError, OverflowError) as error:
        raise WireError(f"a malformed message: {error}"[:300]) from None


def send(channel: socket.socket, value: object, budget: int = LIMIT) -> None:
    """Send one value."""
    channel.sendall(pack(value, budget))


def receive(channel: socket.socket, hostile: bool = False, seconds: float | None = None) -> Any:
    """Wait for one value, from the inside if `hostile`; EOFError, TimeoutError or WireError where none comes."""
    longest = ANSWER if hostile else LIMIT
    deadline = None if seconds is None else time.monotonic() + seconds
    header = exactly(channel, _HEADER.size, deadline)
    length, payload = _HEADER.unpack(header)
    if length > longest or length + payload > LIMIT:
        raise WireError(f"a message of {length + payload:,} bytes is announced; at most {longest:,} are allowed")
    return unpack(header + exactly(channel, length + payload, deadline), references=not hostile)


def exactly(channel: socket.socket, count: int, deadline: float | None = None) -> bytes:
    """Receive so many bytes, before a moment of `time.monotonic`."""
    parts = bytearray()
    while len(parts) < count:
        if deadline is not None:
            channel.settimeout(max(deadline - time.monotonic(), 0.001))
        part = channel.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise EOFError("the other side closed the channel")
        parts += part
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError
    return bytes(parts)


class _Packing:
    """Turns one value into JSON and buffers, within a budget."""

    def __init__(self, budget: int) -> None:
        self.buffers: list[bytes] = []
        self.left, self.arrays = budget, _ARRAYS

    def encode(self, value: Any, depth: int) -> Any:
        kind = type(value)
        self.left -= 20 + (len(value) if kind is str else 0)
        if self.left < 0:
            return {"opaque": kind.__name__[:200]}
        if kind is _NDARRAY:
            return self._array(value)
        if value is None or kind is bool or _is_small(value):
            return value
        if kind is str:
            return value if len(value) <= _TEXT else {"opaque": "str"}
        if kind is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, Ref):
            return {"ref": [value.call, *value.path]}
        if isinstance(value, (_NDARRAY, np.generic)):
            return self._array(value)
        if depth >= _DEPTH or not isinstance(value, (list, tuple, dict)) or len(value) > _ITEMS:
            return {"opaque": kind.__name__[:200]}
        if isinstance(value, dict):
            self.left -= sum(len(key) if type(key) is str else 20 for key in value)
            return {"dict": [[key, self.encode(item, depth + 1)] for key, item in value.items() if _is_key(key)]}
        return {"tuple" if isinstance(value, tuple) else "list": [self.encode(item, depth + 1) for item in value]}

    def _array(self, value: object) -> dict[str, Any]:
        array = _as_array(value)
        if array.dtype.kind == "f" and array.dtype.itemsize > 8:
            array = array.astype("<f8")
        dtype = array.dtype.newbyteorder("<") if array.dtype.byteorder == ">" else array.dtype
        if dtype.str not in _DTYPES:
            return {"opaque": f"{type(value).__name__} of {array.dtype}"[:200]}
        self.arrays -= array.nbytes
        if self.arrays < 0:
            return {"opaque": f"{type(value).__name__} with shape {array.shape}"[:200]}
        self.buffers.append(_NDARRAY.tobytes(array if dtype is array.dtype else array.astype(dtype)))
        return {"array": dtype.str, "shape": list(array.shape)}


class _Reading:
    """Reads the tree of a message, and the arrays of its payload one after the other."""

    def __init__(self, payload: memoryview, references: bool) -> None:
        self.payload, self.references = payload, references
        self.at, self.left = 0, LIMIT if references else _MOST

    def value(self, node: Any, depth: int = 0) -> Any:
        self.left -= 1
        if self.left < 0 or depth > _DEEPEST:
            raise WireError(f"a message of more than {_MOST:,} items, or more than {_DEEPEST} deep")
        kind = type(node)
        if kind in _PLAIN or _is_small(node):
            return node
        if kind is dict and "array" in node:
            return self.array(node["array"], node["shape"])
        match [*node.items()] if kind is dict else None:
            case [("list", list(inner))]:
                return [self.value(item, depth + 1) for item in inner]
            case [("tuple", list(inner))]:
                return tuple([self.value(item, depth + 1) for item in inner])
            case [("dict", list(inner))] if all(_is_key(key) for key, _ in inner):
                return {key: self.value(item, depth + 1) for key, item in inner}
            case [("ref", [call, *path])] if self.references and _is_small(call) and all(map(_is_key, path)):
                return Ref(call, tuple(path))
            case [("float", "inf" | "-inf" | "nan" as text)]:
                return float(text)
            case [("opaque", str(name))]:
                return Opaque(name[:200])
        raise WireError(f"a part of a kind that is not known: {str(node)[:50]}")

    def array(self, dtype: str, shape: list[int]) -> Any:
        kind = _DTYPES.get(dtype)
        is_shape = type(shape) is list and len(shape) <= 16 and {int}.issuperset(map(type, shape))
        if kind is None or not is_shape or not 0 <= min(shape, default=0) <= max(shape, default=0) <= LIMIT:
            raise WireError(f"an array of dtype {dtype!r:.50} and shape {shape!r:.100}")
        start, count = self.at, math.prod(shape)
        self.at += count * kind.itemsize
        if (not count and math.prod(n or 1 for n in shape) > _ITEMS) or self.at > len(self.payload):
            raise WireError("an array larger than its message, or an empty one that takes minutes to walk along")
        return _NDARRAY(shape, kind, self.payload, start).copy() if count else np.empty(shape, kind)


def _is_small(number: object) -> bool:
    return type(number) is int and -(2**63) <= number < 2**63


def _is_key(key: object) -> bool:
    return _is_small(key) or (type(key) is str and len(key) <= _ITEMS)
