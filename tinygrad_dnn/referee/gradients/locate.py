"""The step of a hand-written backward pass that goes wrong: were its value right, what is wrong would be mended.

The backward pass is traced like the cost. Its results are linear in each of its steps, as gradients are, so one walk
back from a wrong result tells what any step contributes to it; the right values to put there are the cotangents of the
cost. Names are never compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ...core import Array, Tensor, ancestors, copy
from ...core.backprop import backprop
from ...inplace.history import is_lazy, part, wrote
from ...inplace.writing import region
from ...ops.indexing import together
from ...tracing import Places

_CLOSE, _PROBES = 1e-6, 2


class Candidate(NamedTuple):
    """The cotangents of `of`, which one place of the program made, or what their uses `through` contribute to them."""

    of: tuple[Tensor, ...]
    values: tuple[Array, ...]
    through: tuple[Tensor, ...] = ()

    def part(self, first: int, last: int) -> "Candidate":
        """Return that of some of the executions."""
        return Candidate(self.of[first:last], self.values[first:last], self.through[first:last])


class Root(NamedTuple):
    """A step that is wrong in itself: what it is made of is right, and its value is not.

    `steps` are its executions, `right` their right values: the cotangents of `of`, or what the uses `through`
    contribute to them; `mends` names the results that are then right, `innocent` are executions that
    are right as they are; `effects` are those of each execution on the results, along random directions.
    """

    steps: tuple[Tensor, ...]
    right: tuple[Array, ...]
    of: tuple[Tensor, ...]
    through: tuple[Tensor, ...]
    mends: frozenset[str]
    innocent: tuple[Tensor, ...] = ()
    effects: tuple[tuple[Array, ...], ...] = ()


class Backward:
    """A hand-written backward pass beside the true one: the recorded `results` beside the `right` ones.

    `sizes` are the lengths that may be m in a factor m or 1/m.
    """

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
        self._known: dict[int, list[tuple[Candidate, float]]] = {}
        self._tables: dict[tuple[int, ...], tuple[list[Candidate], Array]] = {}
        ancestry = [x for y in results.values() for x in ancestors(y) if x.id not in self.forward]
        self.own = {x.id: x for x in sorted(ancestry, key=lambda x: x.id)}
        self._values = {(x.shape, np.asarray(x.array).tobytes()): x for x in reversed(self.forward.values())}

    def roots(self, wrong: Sequence[str], most: int = 4) -> list[Root]:
        """Return the steps that are wrong in themselves, which together mend all results in `wrong`."""
        found: list[Root] = []
        left = [name for name in wrong if name in self.results]
        while left and len(found) < most:
            found.append(_Search(self, left).root())
            left = [name for name in left if name not in found[-1].mends]
            if left:
                self._force(found[-1])
        return found

    def known(self, x: Tensor) -> list[tuple[Candidate, float]]:
        """Return the cotangents that the value of a step is, each with its scale."""
        if x.id in self._known:
            return self._known[x.id]
        if x.shape not in self._tables:  # what a value of this shape may be, and a row of numbers for each
            parts = (c.part(i, i + 1) for c in self.candidates for i in range(len(c.of)))
            fitting = [
                c for c in parts if fits(c.values[0].shape, x.shape) and getattr(c.of[0].op, "name", "") != "negative"
            ]
            numbers = np.array([np.ravel(shaped(c.values[0], x.shape)) for c in fitting])
            self._tables[x.shape] = fitting, numbers.reshape(len(fitting), x.size)
        fitting, numbers = self._tables[x.shape]
        v, S, found = np.ravel(x.array), np.array(self.scales), self._known.setdefault(x.id, [])
        with np.errstate(all="ignore"):
            ratios = numbers @ v / np.sum(numbers * numbers, axis=1)
            near = np.abs(ratios[:, None] - S) <= _CLOSE * S
        for k in np.flatnonzero(near.any(axis=1)) if v.any() else ():
            scale = float(S[near[k]][0])
            if np.sum((v - scale * numbers[k]) ** 2) <= _CLOSE**2 * np.sum(v * v):
                found.append((fitting[k], scale))
        return found

    @cached_property
    def conventions(self) -> list[float]:
        """The scales of the steps that are right: 1, and m where the writer leaves 1/m to the end."""
        return sorted({1.0, *(scale for x in self.own.values() for _, scale in self.known(x)[:1])})

    def original(self, x: Tensor) -> Tensor:
        """Return the tensor of the cost that has the same value, or the step itself."""
        return self._values.get((x.shape, np.asarray(x.array).tobytes()), x)

    def unknown_before(self, step: Tensor) -> list[Tensor]:
        """Return a step and what leads to it from the last right values, nearest first."""
        found, k = [step], 0
        while k < len(found):
            made = [x for x in found[k].inputs if isinstance(x, Tensor) and x.op is not None]
            new = [x for x in made if not any(x is y for y in found)]
            found += [x for x in new if self.original(x) is x and not self.known(x)]
            k += 1
        return found

    def _force(self, root: Root) -> None:
        """Put the right values in the place of a step, and compute anew what follows."""
        values = {x.id: value for x, value in zip(root.steps, root.right, strict=True)}
        made = {i: Tensor(value) for i, value in values.items()}
        for x in (x for y in {id(y): y for y in self.results.values()}.values() for x in ancestors(y)):
            if x.id not in made and any(isinstance(i, Tensor) and i.id in made for i in x.inputs):
                new = copy(x, tuple(made.get(i.id, i) if isinstance(i, Tensor) else i for i in x.inputs))
                new.value = values[x.id] = np.asarray(recomputed(x, values))
                made[x.id] = new
                vars(new).update(vars(x))
        self.results = {name: made.get(y.id, y) for name, y in self.results.items()}


class _Search:
    def __init__(self, backward: Backward, wrong: Sequence[str]) -> None:
        self.backward, self.wrong, rng = backward, set(wrong), np.random.default_rng(0)
        self.probes = {(n, j): rng.normal(size=y.shape) for n, y in backward.results.items() for j in range(_PROBES)}
        self.steps: dict[int, Tensor] = {}
        self.effects: dict[int, dict[tuple[str, int], Array]] = {}
        self.own = own = {x.id for y in backward.results.values() for x in ancestors(y) if x.id not in backward.forward}
        for key, u in self.probes.items():
            y = backward.results[key[0]]
            for x, x_bar in backprop(y, u, among=own) if y.id in own else ():
                self.steps[x.id] = x
                self.effects.setdefault(x.id, {})[key] = np.asarray(x_bar)
        apart = {n: backward.right[n] - y.array for n, y in backward.results.items()}
        self.wants = {(n, j): float(np.sum(u * apart[n])) for (n, j), u in self.probes.items()}

    def root(self) -> Root:
        """Return the step that mends most of what is wrong and spoils nothing; the earliest of them."""
        best: tuple[tuple[int, bool, int, int], Root] | None = None
        sites: dict[object, list[Tensor]] = {}
        for i in sorted(self.steps):
            sites.setdefault(site_of(self.steps[i]), []).append(self.steps[i])
        for executions in sites.values():
            unknown = [x for x in executions if not self.backward.known(x)]
            innocent = tuple(x for x in executions if self.backward.known(x))
            for used in (executions, unknown) if unknown and innocent else (executions,):
                for candidate, scale, mends, spoilt in self._mending(used):
                    known = [(self.backward.known(x), of) for x, of in zip(used, candidate.of, strict=True)]
                    other = [
                        of for found, of in known if found and not any(c.of[0] is of and s == scale for c, s in found)
                    ]
                    # A step that is right as something else (another gradient, or in another convention of 1/m) comes
                    # last, and late: there a factor is left out.
                    key = -len(mends), len(other) == len(used), spoilt, -used[0].id if other else used[0].id
                    if best is None or key < best[0]:
                        right = tuple(shaped(v, x.shape) * scale for v, x in zip(candidate.values, used, strict=True))
                        good = innocent if used is unknown else ()
                        effects = tuple(tuple(self.effects[x.id].values()) for x in used)
                        best = key, Root(tuple(used), right, candidate.of, candidate.through, mends, good, effects)
        if best is not None:
            return best[1]
        name = min(self.wrong)
        return Root((self.backward.results[name],), (self.backward.right[name],), (), (), frozenset([name]))

    def _mending(self, used: Sequence[Tensor]) -> Iterator[tuple[Candidate, float, frozenset[str], int]]:
        """Yield candidates, their scales, what they mend, and how many wrong results they change and do not mend."""
        effects = [self.effects[x.id] for x in used]
        keys = sorted({key for effect in effects for key in effect})
        names = {name for name, _ in keys}
        if not names & self.wrong:
            return
        first, last = (end(used, key=lambda x: x.id) for end in (min, max))
        if len(used) > 1 and any(x is first for x in ancestors(last)):
            effects = self._apart(used, keys)
        rows = [[e.get(k, np.zeros(x.shape)).ravel() for e, x in zip(effects, used, strict=True)] for k in keys]
        E = np.array([np.concatenate(row) for row in rows])
        want = E @ np.concatenate([np.ravel(x.array) for x in used]) + [self.wants[k] for k in keys]
        size = np.abs(want) + [abs(self.wants[k]) for k in keys]
        is_wrong = np.array([name in self.wrong for name, _ in keys])
        fitting = list(self._fitting(used))
        columns = [
            np.concatenate([shaped(v, x.shape).ravel() for v, x in zip(c.values, used, strict=True)]) for c in fitting
        ]
        given = E @ np.array(columns).reshape(len(columns), E.shape[1]).T
        with np.errstate(all="ignore"):
            ratios = (want[:, None] / given)[is_wrong].reshape(is_wrong.sum() // _PROBES, _PROBES, len(columns))
            same = (np.abs(ratios - ratios[:, :1]) <= _CLOSE * np.abs(ratios)).all(axis=1)
        for c in np.flatnonzero(same.any(axis=0)):
            for s in (s for s in self.backward.scales if np.any(np.abs(ratios[same[:, c], 0, c] - s) <= _CLOSE * s)):
                near = np.abs(s * given[:, c] - want) <= _CLOSE * size + 1e-12
                mended = names - {k[0] for k, is_near in zip(keys, near, strict=True) if not is_near}
                if mended & self.wrong and names - mended <= self.wrong:
                    yield fitting[c], s, frozenset(mended & self.wrong), len(names - mended)

    def _apart(self, used: Sequence[Tensor], keys: Sequence[tuple[str, int]]) -> list[dict[tuple[str, int], Array]]:
        """Return the effects of executions that use each other's results, each with the others held fixed."""
        places = {x.id: k for k, x in enumerate(used)}
        found: list[dict[tuple[str, int], Array]] = [{} for _ in used]

        def rule(node: Tensor, i: int) -> object:
            return None if node.id in places else node.op.vjps[i]

        for key in keys:
            walk = backprop(self.backward.results[key[0]], self.probes[key], among=self.own, rule=rule)  # type: ignore[arg-type]
            for x, x_bar in walk:
                if x.id in places:
                    found[places[x.id]][key] = np.asarray(x_bar)
        return found

    def _fitting(self, used: Sequence[Tensor]) -> Iterator[Candidate]:
        """Yield the candidates with values of these shapes, in the order of the forward pass and against it."""
        n = len(used)
        for candidate in self.backward.candidates:
            backwards = Candidate(candidate.of[::-1], candidate.values[::-1], candidate.through[::-1])
            for way in (candidate, backwards)[: len(candidate.of)]:
                for first in range(len(way.of) - n + 1):
                    part = way.part(first, first + n)
                    if all(fits(v.shape, x.shape) for v, x in zip(part.values, used, strict=True)):
                        yield part


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
    return shape in (wanted, wanted[::-1]) or [n for n in shape if n != 1] == [n for n in wanted if n != 1]


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
