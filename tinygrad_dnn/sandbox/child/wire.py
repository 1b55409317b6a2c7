"""Messages between the referee and a submission: JSON and raw arrays, never pickle.

Whoever reads a message trusts nothing in it. Sizes are bounded before memory is asked for, dtypes come from a
short list, and anything that is not plain data arrives as an `Opaque` that only names its type.
"""

from __future__ import annotations

import json
import math
import socket
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

LIMIT = 64 * 1024 * 1024
"""No message may be larger, in bytes."""

_DEPTH, _ITEMS, _TEXT = 12, 10_000, 4_000_000
_DTYPES = frozenset(("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8"))
_HEADER = struct.Struct("<II")
_as_bytes, _as_array = np.ndarray.tobytes, np.asarray  # bound early: a submission may patch numpy


class WireError(Exception):
    """The other side said something that is not a message."""


@dataclass(frozen=True)
class Opaque:
    """Stands for a value that is not plain data: only the name of its type travels."""

    type: str


@dataclass(frozen=True)
class Ref:
    """A value that stays in the sandbox: what call number `call` returned, then the path into it.

    >>> Ref(3, (1,))  # the cache of `A, cache = sigmoid(Z)`, if that was call 3
    Ref(call=3, path=(1,))
    """

    call: int
    path: tuple[int | str, ...] = ()

    def __getitem__(self, key: int | str) -> Ref:
        return Ref(self.call, (*self.path, key))


def pack(value: Any) -> bytes:
    """One message: header, JSON, then the bytes of the arrays that the JSON mentions.

    >>> unpack(pack({"Z": np.eye(2), "cache": (1, None)}))
    {'Z': array([[1., 0.],
           [0., 1.]]), 'cache': (1, None)}
    """
    buffers: list[bytes] = []
    text = json.dumps(_encode(value, buffers, 0)).encode()
    payload = b"".join(buffers)
    if len(text) + len(payload) > LIMIT:
        raise WireError(f"a message of {len(text) + len(payload):,} bytes; at most {LIMIT:,} are allowed")
    return _HEADER.pack(len(text), len(payload)) + text + payload


def unpack(message: bytes) -> Any:
    """The value of a packed message; `WireError` where it is malformed."""
    if len(message) < _HEADER.size:
        raise WireError("a message shorter than its header")
    length, payload = _HEADER.unpack_from(message)
    body = memoryview(message)[_HEADER.size :]
    if len(body) != length + payload:
        raise WireError(f"a message of {len(body)} bytes that announces {length + payload}")
    try:
        tree = json.loads(bytes(body[:length]))
        return _decode(tree, _Buffers(body[length:]))
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError) as error:
        raise WireError(f"a malformed message: {error}") from None


def send(channel: socket.socket, value: Any) -> None:
    """Send one value."""
    channel.sendall(pack(value))


def receive(channel: socket.socket) -> Any:
    """Wait for one value; `EOFError` when the other side is gone, `TimeoutError` as the socket says."""
    header = _exactly(channel, _HEADER.size)
    length, payload = _HEADER.unpack(header)
    if length + payload > LIMIT:
        raise WireError(f"a message of {length + payload:,} bytes is announced; at most {LIMIT:,} are allowed")
    return unpack(header + _exactly(channel, length + payload))


def _exactly(channel: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = channel.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise EOFError("the other side closed the channel")
        parts += part
    return bytes(parts)


def _encode(value: Any, buffers: list[bytes], depth: int) -> Any:
    kind = type(value)
    if value is None or kind is bool or (kind is str and len(value) <= _TEXT):
        return value
    if kind is int and abs(value) < 2**63:
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, Ref):
        return {"ref": [value.call, *value.path]}
    if isinstance(value, (np.ndarray, np.generic)):
        return _encode_array(value, buffers)
    if depth < _DEPTH and isinstance(value, (list, tuple, dict)) and len(value) <= _ITEMS:
        if isinstance(value, dict):
            items = [[k, _encode(v, buffers, depth + 1)] for k, v in value.items() if type(k) in (str, int)]
            return {"dict": items}
        inner = [_encode(item, buffers, depth + 1) for item in value]
        return {"tuple" if isinstance(value, tuple) else "list": inner}
    return {"opaque": kind.__name__[:200]}


def _encode_array(value: Any, buffers: list[bytes]) -> dict[str, Any]:
    array = _as_array(value)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype("<f8")
    dtype = array.dtype.newbyteorder("<") if array.dtype.byteorder == ">" else array.dtype
    if dtype.str not in _DTYPES or array.nbytes > LIMIT:
        return {"opaque": f"{type(value).__name__} of {array.dtype}"[:200]}
    buffers.append(_as_bytes(array.astype(dtype, copy=False)))
    return {"array": dtype.str, "shape": list(array.shape)}


class _Buffers:
    """Hands out the payload, array by array."""

    def __init__(self, payload: memoryview) -> None:
        self.payload, self.at = payload, 0

    def take(self, dtype: str, shape: list[int]) -> Any:
        if dtype not in _DTYPES or len(shape) > 16 or any(type(n) is not int or n < 0 for n in shape):
            raise WireError(f"an array of dtype {dtype!r:.50} and shape {shape!r:.100}")
        end = self.at + math.prod(shape) * np.dtype(dtype).itemsize
        if end > len(self.payload):
            raise WireError("an array larger than its message")
        data = bytes(self.payload[self.at : end])
        self.at = end
        return np.array(np.frombuffer(data, dtype=dtype).reshape(shape))


def _decode(node: Any, buffers: _Buffers) -> Any:
    if not isinstance(node, dict):
        if isinstance(node, list):
            raise WireError("a bare list")
        return node
    if "array" in node:
        return buffers.take(node["array"], node["shape"])
    ((tag, inner),) = node.items()
    if tag == "list":
        return [_decode(item, buffers) for item in inner]
    if tag == "tuple":
        return tuple(_decode(item, buffers) for item in inner)
    if tag == "dict":
        return {key: _decode(item, buffers) for key, item in inner}
    if tag == "float":
        return float(inner)
    if tag == "ref":
        return Ref(int(inner[0]), tuple(inner[1:]))
    if tag == "opaque":
        return Opaque(str(inner))
    raise WireError(f"an unknown tag {tag!r:.50}")
