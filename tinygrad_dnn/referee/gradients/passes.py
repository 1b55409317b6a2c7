"""A hand-written backward pass beside the true one, both recorded: what the values of its steps are.

Names are never compared. The right values of steps are the cotangents of the cost, and the contributions to them.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ...core import Array, Tensor, ancestors
from ...core.backprop import backprop
from ...inplace.history import is_lazy, part, wrote
from ...inplace.writing import region
from ...ops.indexing import together
from ...tracing import Places, path_of, site_of

CLOSE = 1e-6


class Candidate(NamedTuple):
    """The cotangents of `of`, which one place of the program made, or what their uses `through` contribute to them."""

    of: tuple[Tensor, ...]
    values: tuple[Array, ...]
    through: tuple[Tensor, ...] = ()

    def part(self, some: slice) -> "Candidate":
        """Return that of some of the executions."""
        return Candidate(self.of[some], self.values[some], self.through[some])


class Backward:
    """A hand-written backward pass beside the true one; `sizes` are what m may be in a factor m or 1/m."""

    def __init__(
        self, J: Tensor, results: Mapping[str, Tensor], right: Mapping[str, Array], sizes: Sequence[int], places: Places
    ) -> None:
        self.J, self.results, self.sizes = J, dict(results), sizes
        self.right = {name: shaped(right[name], y.shape) for name, y in results.items()}
        self.scales = [1.0, *(float(m) for m in sizes), *(1.0 / m for m in sizes)]
        self.forward = {x.id: x for x in ancestors(J)}
        parts: list[tuple[Tensor, Tensor, Array]] = []
        places.parts = parts
        self.cotangents = {x.id: np.asarray(x_bar) for x, x_bar in backprop(J, np.ones(J.shape))}
        places.parts = None
        self.candidates = list(candidates_of(self.forward, self.cotangents, parts))
        self.tried = 0  # small changes of its steps
        self._known: dict[int, list[tuple[Candidate, float]]] = {}
        self._tables: dict[tuple[int, ...], tuple[list[Candidate], Array]] = {}
        ancestry = [x for y in results.values() for x in ancestors(y) if x.id not in self.forward]
        self.own = {x.id: x for x in sorted(ancestry, key=lambda x: x.id)}
        self._originals: dict[int, Tensor] = {}
        self._values = {(x.shape, np.asarray(x.array).tobytes()): x for x in reversed(self.forward.values())}
        self._sites = {site_of(x) for x in self.forward.values()}
        copies = [x for x in self.own.values() if x.op and self.original(x) is not x]
        self._feeding = {i.id for x in copies for i in x.inputs if isinstance(i, Tensor)}

    def known(self, x: Tensor) -> list[tuple[Candidate, float]]:
        """Return the cotangents that the value of a step is, each with its scale."""
        if x.id in self._known:
            return self._known[x.id]
        if x.shape not in self._tables:  # what a value of this shape may be, and a row of numbers for each
            parts = (c.part(slice(i, i + 1)) for c in self.candidates for i in range(len(c.of)))
            parts = (c for c in parts if getattr(c.of[0].op, "name", "") != "negative")
            fitting = [c for c in parts if fits(c.values[0].shape, x.shape)]
            numbers = np.array([np.ravel(shaped(c.values[0], x.shape)) for c in fitting])
            self._tables[x.shape] = fitting, numbers.reshape(len(fitting), x.size)
        fitting, numbers = self._tables[x.shape]
        v, S, found = np.ravel(x.array), np.array(self.scales), self._known.setdefault(x.id, [])
        with np.errstate(all="ignore"):
            ratios = numbers @ v / np.sum(numbers * numbers, axis=1)
            near = np.abs(ratios[:, None] - S) <= CLOSE * S
        for k in np.flatnonzero(near.any(axis=1)) if v.any() else ():
            scale = float(S[near[k]][0])
            if np.sum((v - scale * numbers[k]) ** 2) <= CLOSE**2 * np.sum(v * v):
                found.append((fitting[k], scale))
        return found

    @cached_property
    def there(self) -> list[tuple[Candidate, float]]:
        """The gradients that the steps are which are right, with their scales."""
        return [found for x in self.own.values() for found in self.known(x)]

    @property
    def conventions(self) -> list[float]:
        """The scales of the steps that are right: 1, and m where the writer leaves 1/m to the end."""
        return sorted({1.0, *(scale for _, scale in self.there)})

    def original(self, x: Tensor) -> Tensor:
        """Return the tensor of the cost that has the same value, or the step itself."""
        if x.id not in self._originals:
            self._originals[x.id] = self._values.get((x.shape, np.asarray(x.array).tobytes()), x)
        return self._originals[x.id]

    def is_copy(self, x: Tensor) -> bool:
        """Return True for a value of the cost, made anew by the same code or for other such values."""
        return self.original(x) is not x and (x.id in self._feeding or site_of(x) in self._sites)

    def is_unknown(self, x: object) -> bool:
        """Return True for a step that is neither a gradient nor a value of the cost."""
        if not isinstance(x, Tensor) or x.op is None or x.id in self.forward or not path_of(x):
            return False
        return self.original(x) is x and not self.known(x)

    def is_wrong(self, x: object, of: Sequence[Tensor]) -> bool:
        """Return True for a step that is not a gradient, or only a part of the gradient of `of`."""
        parts = self.known(x) if isinstance(x, Tensor) and x.id in self.own else ()
        return bool(of) and (self.is_unknown(x) or any(c.through and c.of[0] is of[0] for c, _ in parts))

    def unknown_before(self, step: Tensor) -> list[Tensor]:
        """Return a step and what leads to it from the last right values, nearest first."""
        found = [step]
        for x in found:  # which grows
            made = [i for i in x.inputs if isinstance(i, Tensor) and self.is_unknown(i)]
            found += [i for i in made if not any(i is y for y in found)]
        return found


def candidates_of(
    forward: Mapping[int, Tensor], cotangents: Mapping[int, Array], parts: Sequence[tuple[Tensor, Tensor, Array]]
) -> Iterator[Candidate]:
    """Yield the cotangents, by the place that made the tensors, then what each use contributes to them."""
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
        if through[0] is not None and len(of) > 1 and all(x is of[0] for x in of):
            yield Candidate(of[:1], (np.sum(values, axis=0),), through[:1])


def fits(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Return True for shapes that `shaped` makes one of the other."""
    return shape in (wanted, wanted[::-1]) or [n for n in shape if n != 1] == [n for n in wanted if n != 1]


def shaped(value: Array, shape: tuple[int, ...]) -> Array:
    """Return a value in another shape: as it is, transposed, or with other axes of length 1."""
    if value.shape == shape or value.shape == shape[::-1]:
        return value if value.shape == shape else value.T
    return value.reshape(shape) if value.size == np.prod(shape, dtype=int) else np.broadcast_to(value.flat[0], shape)


WRITTEN = (wrote, part)  # ops of arrays that are written to; between two writes their states hold no values


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
