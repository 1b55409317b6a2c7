"""The step of a hand-written backward pass that goes wrong: were its value right, what is wrong would be mended.

Its results are linear in each of its steps, so one walk back from a wrong result tells what any step contributes to it;
the right values to put there are the cotangents of the cost.
"""

import linecache
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...core import Array, Tensor, ancestors, copy
from ...core.backprop import backprop
from ...tracing import path_of, site_of
from ..symptoms import matches
from .passes import CLOSE, WRITTEN, Backward, Candidate, fits, recomputed, shaped

_IN_PLACE = re.compile(r"\s*(\w+)(?:\[.*?\])?\s*(?:[-+*/@]|(?<=\]))\s*=(?!=)")
_PARTS = "steps", "right", "of", "through", "effects"
_PROBES, _ALONE = 2, 4  # directions; executions of a place that are also tried one by one


class Root(NamedTuple):
    """A step that is wrong in itself: what it is made of is right, and its value is not."""

    steps: tuple[Tensor, ...]  # its executions
    right: tuple[Array, ...]  # their right values: the cotangents of `of`, or what the uses `through` contribute
    of: tuple[Tensor, ...]
    through: tuple[Tensor, ...]
    mends: frozenset[str]  # the results that are then right
    innocent: tuple[Tensor, ...] = ()  # executions that are right
    effects: tuple[tuple[Array, ...], ...] = ()  # of each execution on the results, along random directions


class Change(NamedTuple):
    """Another value for a step, and the mistake that it undoes: the gradient of `of` is due where `operand` stands."""

    cause: str
    says: str
    value: Callable[[], Any] = lambda: None
    operand: Any = None
    of: tuple[Tensor, ...] = ()
    due: Any = None


def replaced(root: Root, some: Sequence[int]) -> Root:
    """Return some of the executions."""
    of: Any = {name: tuple(x[k] for k in some) for name, x in root._asdict().items() if name in _PARTS and x}
    return root._replace(**of)


def force(backward: Backward, root: Root) -> dict[int, Tensor]:
    """Return steps with the right values, and what follows from them, by the ids of those in whose place they are."""
    values = {x.id: value for x, value in zip(root.steps, root.right, strict=True)}
    made = {x.id: Tensor(value, name=x.name) for x, value in zip(root.steps, root.right, strict=True)}
    for x in root.steps:
        made[x.id].line = x.line
        vars(made[x.id]).update(vars(x))
    for x in (x for y in {id(y): y for y in backward.results.values()}.values() for x in ancestors(y)):
        if x.id not in made and any(isinstance(i, Tensor) and i.id in made for i in x.inputs):
            new = copy(x, tuple(made.get(i.id, i) if isinstance(i, Tensor) else i for i in x.inputs))
            new.value = values[x.id] = np.asarray(recomputed(x, values))
            made[x.id] = new
            vars(new).update(vars(x))
    return made


class Search:
    """The search for the step that is to blame for the results in `wrong`."""

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

    def roots(self) -> list[Root]:
        """Return steps that mend what is wrong and spoil nothing: those first that mend most, then the earliest."""
        found: dict[tuple[int, ...], tuple[tuple[bool, int, bool, int, int], Root]] = {}
        sites: dict[object, list[Tensor]] = {}
        for i in sorted(self.steps):
            sites.setdefault(site_of(self.steps[i]), []).append(self.steps[i])
        for made in sites.values():  # the executions of one place
            unknown, innocent = (tuple(x for x in made if bool(self.backward.known(x)) == k) for k in (False, True))
            alone = [(x,) for x in made] if 1 < len(made) <= _ALONE else []
            for used in (tuple(made), *([unknown] if unknown and innocent else []), *alone):
                ids = tuple(x.id for x in used)
                dirty = any(self.backward.is_unknown(i) for x in used for i in x.inputs)  # then that is to blame
                copies = all(self.backward.is_copy(x) for x in used)
                for candidate, scale, mends, spoilt in self._mending(used):
                    spoilt = max(spoilt, len(mends) * dirty)
                    known = [(self.backward.known(x), of) for x, of in zip(used, candidate.of, strict=True)]
                    other = [1 for cs, of in known if cs and not any(c.of[0] is of and s == scale for c, s in cs)]
                    # A step that is right as something else (another gradient, or in another convention of 1/m) comes
                    # last, and late: there a factor is left out.
                    key = copies, -len(mends), len(other) == len(used), spoilt, -used[0].id if other else used[0].id
                    if ids not in found or key < found[ids][0]:
                        right = tuple(shaped(v, x.shape) * scale for v, x in zip(candidate.values, used, strict=True))
                        good = innocent if used is unknown else ()
                        effects = tuple(tuple(self.effects[x.id].values()) for x in used)
                        found[ids] = key, Root(used, right, candidate.of, candidate.through, mends, good, effects)
        name = min(self.wrong)
        whole = Root((self.backward.results[name],), (self.backward.right[name],), (), (), frozenset([name]))
        return [root for _, root in sorted(found.values(), key=lambda pair: pair[0])] or [whole]

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
        pairs = (zip(c.values, used, strict=True) for c in fitting)
        columns = [np.concatenate([shaped(v, x.shape).ravel() for v, x in pair]) for pair in pairs]
        given = E @ np.array(columns).reshape(len(columns), E.shape[1]).T
        with np.errstate(all="ignore"):
            ratios = (want[:, None] / given)[is_wrong].reshape(is_wrong.sum() // _PROBES, _PROBES, len(columns))
            same = (np.abs(ratios - ratios[:, :1]) <= CLOSE * np.abs(ratios)).all(axis=1)
        for c in np.flatnonzero(same.any(axis=0)):
            for s in (s for s in self.backward.scales if np.any(np.abs(ratios[same[:, c], 0, c] - s) <= CLOSE * s)):
                near = np.abs(s * given[:, c] - want) <= CLOSE * size + 1e-12
                mended = names - {k[0] for k, is_near in zip(keys, near, strict=True) if not is_near}
                if mended & self.wrong and names - mended <= self.wrong:
                    yield fitting[c], s, frozenset(mended & self.wrong), len(names - mended)

    def _apart(self, used: Sequence[Tensor], keys: Sequence[tuple[str, int]]) -> list[dict[tuple[str, int], Array]]:
        """Return the effects of executions that use each other's results, each with the others held fixed."""
        places = {x.id: k for k, x in enumerate(used)}
        found: list[dict[tuple[str, int], Array]] = [{} for _ in used]
        rule: Any = lambda node, i: None if node.id in places else node.op.vjps[i]  # noqa: E731
        for key in keys:
            for x, x_bar in backprop(self.backward.results[key[0]], self.probes[key], among=self.own, rule=rule):
                if x.id in places:
                    found[places[x.id]][key] = np.asarray(x_bar)
        return found

    def _fitting(self, used: Sequence[Tensor]) -> Iterator[Candidate]:
        """Yield the candidates with values of these shapes, in the order of the forward pass and against it."""
        n = len(used)
        for candidate in self.backward.candidates:
            for way in (candidate, candidate.part(slice(None, None, -1)))[: len(candidate.of)]:
                for step in {1, max(len(way.of) // n, 1)} if n > 1 else (1,):  # of np.split every so-manieth
                    for first in range(len(way.of) - (n - 1) * step):
                        part = way.part(slice(first, first + (n - 1) * step + 1, step))
                        if all(fits(v.shape, x.shape) for v, x in zip(part.values, used, strict=True)):
                            yield part


def called(x: object, backward: Backward | None = None) -> str:
    """Return the name of a step, or what it is made by."""
    if isinstance(x, Tensor):
        x = x if backward is None else backward.original(x)
        made = f"the {x.op.name}{f' in line {x.line[1]}' if x.line else ''}" if x.op else "a constant"
        return str(x.name) if x.name else made
    return f"{x:g}" if isinstance(x, (int, float)) else "an array"


def place_of(root: Root, at: Tensor, backward: Backward, change: Change) -> str:
    """Return the line as it is written, the calls that led there, and the lines in which the mistake must be."""
    while not path_of(at) and (made := [x for x in at.inputs if isinstance(x, Tensor)]):
        at = max(made, key=lambda x: x.id)  # a result is read from an array outside the program
    while at.op in WRITTEN[1:] and isinstance(at.inputs[0], Tensor) and path_of(at.inputs[0]):
        at = at.inputs[0]  # what was written last
    if not (calls := list(path_of(at))):
        return ""
    (code, _), depth = calls[-1], len(calls) - 1
    alone = code.co_argcount - (code.co_varnames[:1] == ("self",)) == 1
    good, given = [path_of(x) for x in root.innocent], path_of(change.operand)
    here = given[:depth] == tuple(calls[:depth]) and given[depth:] and given[depth][0] is code
    apart = (k for k in range(depth) if good and all(p[: k + 1] != tuple(calls[: k + 1]) for p in good))
    again = [path_of(at)] * bool(backward.known(at)) + [given] * bool(change.of)
    named = (n for p in again for n in [_alias(code.co_filename, [n for c, n in reversed(p) if c is code])] if n)
    unexplained, made_in = change.cause == "unknown", ""
    if (k := next(apart, None)) is not None:  # the step is right in another call: the caller is to blame
        calls = calls[: k + 1]
    elif depth and given and not here and (alone or given[-1] == calls[-2]):
        calls = calls[:-1]  # which gives it another value
        made_in = f", with what comes from line {given[-1][1]}" * bool(change.of)
    elif found := next(named, None):
        calls[-1] = code, found
    region = backward.unknown_before(root.steps[0])
    sums = [at] * (change.cause == "missing-path")  # in which it is not
    for x in (x for x in sums if x.op in WRITTEN or (x.op and x.op.name in ("add", "subtract"))):
        sums += [i for i in x.inputs if isinstance(i, Tensor) and not any(i is y for y in sums)]
    region += sums
    if unexplained:  # maybe several mistakes, one after the other
        for x in backward.own.values():
            region += [x] * (backward.is_unknown(x) and any(i is y for i in x.inputs for y in region))
    if change.operand is not None or change.cause in ("stale-value", "unknown"):  # or what goes into it
        region += [i for x in region for i in x.inputs if isinstance(i, Tensor) and i.id not in backward.forward]
    (code, line), depth, path = calls[-1], len(calls) - 1, calls[-1][0].co_filename
    paths = [p for x in region if len(p := path_of(x)) > depth and p[:depth] == tuple(calls[:depth])]
    lines = {n for c, n in (p[depth] for p in paths) if c is code} | {line}
    if unexplained:  # what is written in place there, of numbers alone too
        words, text = re.findall(r"\w+", linecache.getline(path, line)), linecache.getlines(path)
        written = ((n, _IN_PLACE.match(text[n - 1])) for n in range(max(code.co_firstlineno, 1), line))
        lines |= {n for n, found in written if found and found[1] in words}
    by = "".join(f", called in line {n}" for c, n in reversed(calls[-3:-1]) if c.co_filename == path)
    where = f" of {Path(path).name}" if not path.startswith("<") else ""
    span = f" (within lines {min(lines)} to {max(lines)})" if len(lines) > 1 else ""
    return f"Line {line}{where}{by}{made_in}{span}: `{linecache.getline(path, line).strip()}`."


def _alias(path: str, lines: Sequence[int]) -> int | None:
    """Return the line that gives what is assigned in one of these lines another name, and does nothing else."""
    text = linecache.getlines(path)
    for line in lines:
        target = re.match(r"\s*([\w., ]+?)\s*=[^=]", text[line - 1])
        for name in re.split(r"\s*,\s*", target[1]) if target else ():
            again = re.compile(rf"\s*[\w.]+ = {re.escape(name)}(\.copy\(\))?\s*$")
            for n, following in enumerate(text[line : line + 29], start=line + 1):
                if again.match(following):
                    return n
    return None


def numbers_of(root: Root) -> str:
    """Return both values where they differ most."""
    k = next((k for k, x in enumerate(root.steps) if not matches(x.array, root.right[k])), 0)
    got, right = np.atleast_1d(root.steps[k].array), np.atleast_1d(root.right[k])
    at = np.unravel_index(int(np.argmax(np.abs(got - right))), right.shape)
    index = tuple(slice(i - i % 2, i - i % 2 + 2) if n > 1 else slice(None) for i, n in zip(at, right.shape))
    texts = (np.array2string(x[index].squeeze(), precision=4, separator=", ") for x in (got, right))
    yours, due = (text.replace("\n", "").removesuffix(".") for text in texts)
    where = f" at {list(map(int, at))}" if root.right[k].ndim else ""
    return f"Yours{where}: {yours}, right: {due}."
