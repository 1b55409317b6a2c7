"""Program: what was derived, to be computed on any numbers."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from types import CodeType
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..support.text import reserved
from .listing import RELATED, Listing
from .names import Symbol
from .reasons import shape_text
from .sheet import Sheet
from .simplify import Recognised
from .steps import Step
from .typed import Quantities
from .wording import number


@dataclass(eq=False, repr=False)
class Program:
    """The steps of a derivation, by the names of their quantities, as a NumPy program."""

    listing: Listing
    steps: list[Step]
    _sheet: Sheet
    _replaced: Recognised

    @cached_property
    def leaves(self) -> dict[str, Any]:
        """The leaves by their names, with their values."""
        return {self.listing.symbols[x.id].python: x.array for x in self.listing.leaves}

    @cached_property
    def constants(self) -> dict[str, Any]:
        """The constants by their names, with their values."""
        return {self.listing.symbols[x.id].python: x.array for x in self.listing.constants}

    def name_of(self, x: Tensor) -> str:
        """Return the name of the gradient by a tensor; KeyError if the derivation has none."""
        return self.listing.differentials[self._replaced(x).id].python

    @cached_property
    def legend(self) -> list[tuple[Symbol, tuple[int, ...], str]]:
        """The symbols with shape and kind: first the given quantities, then the computed ones."""
        symbols = self.listing.symbols
        return [
            *((symbols[x.id], x.shape, "differentiated by") for x in self.listing.leaves),
            *((symbols[x.id], x.shape, self._kind(x)) for x in self.listing.constants),
            *((symbol, (), f"constant, {value}") for (_, value), symbol in self._sheet.numbers.items()),
            *((step.symbol, step.shape, "gradient" if step.backward else "computed") for step in self.steps),
        ]

    def _kind(self, x: Tensor) -> str:
        if (same := self.listing.uniform.get(x.id)) is not None:
            return f"constant, {number('text', same)[0]} everywhere"
        if x.id in self.listing.related:
            form, other = self.listing.related[x.id]
            return f"constant, {RELATED[form]}{self.listing.symbols[other.id].text}"
        return "constant" if x.shape else f"constant, {number('text', x.array)[0]}"

    @cached_property
    def numpy(self) -> str:
        """A program that computes the gradients, exactly as backprop does."""
        known = (entry[:2] for entry in self.legend if entry[2] not in ("gradient", "computed"))
        given = [f"#   {symbol.python}: {shape_text(shape)}" for symbol, shape in known]
        imports = dict.fromkeys(s for step in self.listing.steps for s in step.tensor.op.imports)
        lines = ["import numpy as np", *imports, "", "# given", *given]
        lines += [f"{symbol.python} = {value!r}" for (_, value), symbol in self._sheet.numbers.items()]
        for backward, written in groupby(self._sheet.lines("source"), lambda line: line.backward):
            lines += ["", "# backward" if backward else "# forward"]
            for line in written:
                of, value = line.of.of if line.of else None, line.numpy
                if of is not None and of.op is None and of.dtype != line.value.dtype:
                    value = f"np.asarray({value}, np.{of.dtype.name})"
                lines.append(f"{line.target} = {value}  # {shape_text(line.shape)}")
        return "\n".join(lines) + "\n"

    def run(self, **values: Any) -> dict[str, Any]:
        """Run the program and return all that it computes, by name: ``derive(J).run()["dW1"]``.

        `values` are other values for leaves or constants; the rest are what the derivation was made with. NameError is
        raised if the notation of an op of yours calls a function that the program does not import; give it by its name.
        """
        space: dict[str, Any] = {**self._ops, **self.constants, **self.leaves, **values}
        with np.errstate(all="ignore"):
            try:
                exec(self._program, space)
            except NameError as error:
                remedy = f"run: {error}; the program does not import it: give it as run({error.name}=...)"
                raise NameError(remedy, name=error.name) from None
        hidden = {"__builtins__", *reserved, *self._ops}
        return {name: value for name, value in space.items() if name not in hidden}

    @cached_property
    def _ops(self) -> dict[str, Any]:
        return {step.tensor.op.notation.function: step.tensor.op for step in self.listing.steps}

    @cached_property
    def _program(self) -> CodeType:
        return compile(self.numpy, repr(self), "exec")

    @cached_property
    def quantities(self) -> Quantities:
        """The quantities that the names in a formula stand for."""
        return Quantities(self._sheet)
