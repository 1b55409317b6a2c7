"""The values of a recorded pass: what a step may be worth, and steps computed anew of other values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...core import Array, Tensor
from ...inplace.history import is_lazy, part, wrote
from ...inplace.writing import region
from ...ops.indexing import together


class Candidate(NamedTuple):
    """The cotangents of `of`, which one place of the program made, or what their uses `through` contribute to them."""

    of: tuple[Tensor, ...]
    values: tuple[Array, ...]
    through: tuple[Tensor, ...] = ()

    def part(self, first: int, last: int) -> "Candidate":
        """Return that of some of the executions."""
        return Candidate(self.of[first:last], self.values[first:last], self.through[first:last])


def site_of(x: Tensor) -> object:
    """Return the place of the program that made a step."""
    return vars(x)["place"].site if "place" in vars(x) else x.id


def candidates_of(
    forward: Mapping[int, Tensor], cotangents: Mapping[int, Array], parts: Sequence[tuple[Tensor, Tensor, Array]]
) -> Iterator[Candidate]:
    """Yield the cotangents, grouped by the place that made the tensors, then what each use contributes to them."""
    groups: dict[object, list[tuple[Tensor, Array, Tensor | None]]] = {}
    for i, x in forward.items():
        if i in cotangents:
            groups.setdefault(site_of(x), []).append((x, cotangents[i], None))
    for out, x, contribution in reversed(parts):
        place = next(k for k, operand in enumerate(out.inputs) if operand is x)
        groups.setdefault((site_of(out), place), []).append((x, contribution, out))
    for group in groups.values():
        of, values, through = zip(*group, strict=True)
        yield Candidate(of, values, () if through[0] is None else through)


def fits(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Return True for shapes that `shaped` makes one of the other."""
    return shape in (wanted, wanted[::-1]) or [n for n in shape if n > 1] == [n for n in wanted if n > 1]


def shaped(value: Array, shape: tuple[int, ...]) -> Array:
    """Return a value in another shape: as it is, transposed, or with other axes of length 1."""
    if value.shape == shape or value.shape == shape[::-1]:
        return value if value.shape == shape else value.T
    return value.reshape(shape) if value.size == np.prod(shape, dtype=int) else np.broadcast_to(value.flat[0], shape)


WRITTEN = (wrote, part)
"""Ops of arrays that are written to; between two writes their states hold no values."""


def recomputed(x: Tensor, values: Mapping[int, Array], *, added: bool = False) -> Array:
    """Return the value of a step, of other `values` of some steps; `added`, as if it were written by += each time."""

    def now(node: object, value: object) -> Any:
        return values.get(node.id, value) if isinstance(node, Tensor) else value

    if x.op not in WRITTEN:
        return x.op.forward(*map(now, x.inputs, x.operands), **x.params)  # type: ignore[no-any-return]
    state, base = (x, x.array) if x.op is wrote else (x.inputs[0], x.operands[0])
    writes = []
    while is_lazy(state) and state.id not in values:
        writes.append(state)
        state, base = state.inputs[1], state.operands[1]
    array = np.array(now(state, base), order="C")
    for write in reversed(writes):
        v, _, *index = map(now, write.inputs, write.operands)
        target, at = region(array, write.params["view"]), together(write.params["index"], tuple(index))
        target[at] = target[at] + v if added else v
    return region(array, x.params["view"]).copy() if x.op is part else array
