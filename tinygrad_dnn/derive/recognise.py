"""A recorded graph with the functions that it writes out under their names: 1 / (1 + exp(-Z)) is sigmoid(Z)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from re import findall

from ..core import Tensor, everything
from ..rewrite.graph import improvements, once
from ..rewrite.matching import Rules, statement
from ..rewrite.named import named
from .sheet import Sheet
from .steps import Step, Turn


@dataclass(eq=False)
class Recognised:
    """The same graph, in named functions: by serial numbers, `new` has what takes the place of each Tensor of the old
    graph, and `identities` those by which a rule has made a Tensor.
    """

    new: dict[int, Tensor] = field(default_factory=dict)
    identities: dict[int, list[str]] = field(default_factory=dict)

    def __call__(self, x: Tensor) -> Tensor:
        """Return what takes the place of x."""
        return self.new.get(x.id, x)

    def explained(self, before: Sheet, lines: Sequence[Step]) -> list[Step]:
        """Return the lines of the new graph, those that it has changed with what they were before, and why."""
        asides = {symbol.text for symbol in before.asides.values()}
        written = {line.symbol: line.text for line in before.lines()}
        written = {symbol: text for symbol, text in written.items() if asides.isdisjoint(findall(r"\w+", text))}
        ends, explained = {line.result.id for line in lines if isinstance(line.result, Tensor)}, list[Step]()
        for line in lines:
            why, stack, seen = dict[str, None](), [] if line.backward else [line.result], {*ends}
            while stack:  # the identities behind its expression, which stops at other lines
                part = stack.pop()
                why |= dict.fromkeys(self.identities.get(part.id, ()))
                inner = [p for p in reversed(part.inputs) if isinstance(p, Tensor) and p.id not in seen]
                seen.update(p.id for p in inner)
                stack += inner
            turns = *(Turn(text, "") for text in [written.get(line.symbol)] if text), Turn(line.text, ", ".join(why))
            explained.append(replace(line, turns=turns) if why else line)
        return explained


def recognised(*outputs: Tensor, rules: Rules = named) -> Recognised:
    """Find the functions that are written out in the record of the outputs.

    StaleError is raised if a leaf has been changed since they were computed.
    """
    found, once_only = Recognised(), once()

    def rule(x: Tensor) -> Tensor | None:
        match = rules.find(x)
        if match is None:
            first = once_only(x)
            return first if isinstance(first, Tensor) and x.name in (None, first.name) else None
        better: Tensor = match[0]
        identity, said = match[1], found.identities
        said[better.id] = [*said.get(better.id, ()), *said.get(x.id, ()), statement(identity)]
        return better

    for x in everything(*outputs):
        x.recorded_inputs()
    found.new = improvements(outputs, rule)
    return found
