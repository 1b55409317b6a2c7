"""A graph as a NumPy program: one function of the arguments, a statement for each variable."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.notation import ATOM, Form
from ..core.tensor import Tensor
from ..derive.figures import number
from ..ops import TABLE
from ..ops.arithmetic import add, divide, multiply, subtract
from ..ops.comparisons import equal, greater, greater_equal, less, less_equal, not_equal
from ..ops.products import matmul
from ..rewrite.graph import ARGUMENT, CAPTURED, LITERAL, Graph, is_leaf
from .names import Names
from .needs import Needs
from .planning import VIEWS, Plan, Statement, is_product, owns, ufunc_of
from .texts import dtype_argument, literal, source_line, word

METHODS = ("sum", "max", "min", "prod", "mean", "argmax", "argmin", "cumsum", "all", "any", "ravel", "squeeze")
"""Functions that are called as methods: past NumPy's dispatch they take half the time."""

HOISTED = (add, subtract, multiply, divide, greater, greater_equal, less, less_equal, equal, not_equal)
"""Ops for which a number is made an array once: NumPy takes half a microsecond to do so at every use."""

EXTREMES = tuple(op for op in TABLE if op.name in ("maximum", "minimum"))
"""Ops that NumPy wants to be told by keyword where to write."""


class Emission:
    """The text of a graph's statements.

    Attributes
    ----------
    constants : dict of str
        What stands before the function: names and their expressions.
    captured : dict
        Names, and the arrays or Tensors from outside that they stand for.
    needs : Needs
        What else it names.
    """

    def __init__(self, graph: Graph, taken: list[str]) -> None:
        self.graph, self.plan, self.names = graph, Plan(graph), Names(graph, ["np", *taken])
        self.needs = Needs(self.names.free, taken)
        self.constants: dict[str, str] = {}
        self.captured: dict[str, Any] = {}
        self._known: dict[Any, str] = {}
        self._outside()
        self._name_chains()
        self._rooms = self._kept()
        self._free, self._make, self._held = ("",) * 3
        if self._rooms:
            self._free, self._make, self._held = (self.names.free(name) for name in ("free", "memory", "kept"))
        self._lines = [(self._line(s), s.result) for s in self.plan.statements]

    # --- the parts of the text

    @property
    def imports(self) -> tuple[str, ...]:
        """The import statements of the program."""
        return "import numpy as np", *self.needs.imports

    @property
    def space(self) -> dict[str, Any]:
        """What else the text needs to run."""
        return self.needs.space

    def preamble(self) -> list[str]:
        """Return how to make that, or that it is needed."""
        return self.needs.lines()

    def head(self) -> list[str]:
        """Return what stands before the function: constants, and the memory that is kept."""
        constants = [f"{name} = {text}" for name, text in self.constants.items()]
        if not self._rooms:
            return constants
        made = ", ".join(f"np.empty({x.shape}{dtype_argument(x.dtype)})" for _, x in self._rooms.values())
        free = f"{self._free} = []  # memory that no call uses now"
        return [*constants, free, "", "", f"def {self._make}():", f"    return [{made}]"]

    def body(self, returned: Any) -> list[str]:
        """Return the statements of the function, and what it returns."""
        texts = [self._output(y, list(self.graph.outputs[:i])) for i, y in enumerate(self.graph.outputs)]
        lines = _commented(self._lines)
        if not self._rooms:
            return [*lines, self.needs.returning(returned, texts)]
        # A copy of what lies in that memory is made before another call may write there.
        for i, text in enumerate(texts):
            if text.endswith(".copy()"):
                texts[i] = self.names.free("copied")
                lines.append(f"{texts[i]} = {text}")
        give_back = f"{self._free}.append({self._held})"
        return [*self._lease(), *lines, give_back, self.needs.returning(returned, texts)]

    def _lease(self) -> list[str]:
        """Take memory that no other call uses."""
        names = ", ".join(name for name, _ in self._rooms.values())
        take, make = f"    {self._held} = {self._free}.pop()", f"    {self._held} = {self._make}()"
        return ["try:", take, "except IndexError:", make, f"[{names}] = {self._held}"]

    @property
    def used(self) -> set[str]:
        """The names of what is given and needed."""
        return {self.names.of(x) for x in self.graph.nodes() if x.op is ARGUMENT}

    @property
    def alone(self) -> set[str]:
        """The names of what is given, a number, and computed with without an array: there Python would do otherwise."""
        numbers = (x for x in self.graph.nodes() if not is_leaf(x) and not any(getattr(i, "ndim", 0) for i in x.inputs))
        return {self.names.of(i) for x in numbers for i in x.inputs if getattr(i, "op", None) is ARGUMENT}

    # --- what stands outside

    def _outside(self) -> None:
        for x in self.graph.nodes():
            if x.op is LITERAL:
                self._known[x.id] = self._constant(x.value, word(x.value))
            elif x.op is CAPTURED:
                self.captured[self.names.of(x)] = x.params["source"]

    def _constant(self, value: Any, wish: str) -> str:
        """The name of a constant: one for each content."""
        key = np.shape(value), str(value.dtype), value.tobytes()
        if key not in self._known:
            self._known[key] = name = self.names.free(wish)
            self.constants[name] = literal(value)
        return self._known[key]

    def _number(self, value: Any, other: Any, primitive: Any) -> tuple[str, int]:
        hoisted = primitive in HOISTED or primitive.name.endswith("_constant")
        if hoisted and isinstance(other, Tensor) and other.ndim and type(value) in (int, float):
            array = np.array(value, np.result_type(other.dtype, value))
            return self._constant(array, word(array)), ATOM
        return number("source", value)

    # --- statements

    def _name_chains(self) -> None:
        """Call Z what Z = W X + b begins with, and what has no name as that whose place in memory it takes."""
        chains = [s for s in self.plan.statements if s.over is not None and s.over.id in s.reads]
        for statement in reversed(chains):
            if self.names.has(statement.result) and not self.names.has(statement.over) and _goes_on(statement):
                self.names.share(statement.over, statement.result)
        for statement in chains:
            if not self.names.has(statement.result) and not self.names.is_wished(statement.over):
                self.names.share(statement.result, statement.over)

    def _line(self, statement: Statement) -> str:
        x, over = statement.result, statement.over
        target = self.names.of(x)
        if statement.kept and over is None:
            return f"{target} = {self._product(x, self._rooms[x.id][0])}"
        if over is None:
            return f"{target} = {self._expression(x)[0]}"
        place = self.names.of(over)
        symbol = {add: "+=", subtract: "-=", multiply: "*=", divide: "/="}.get(x.op)
        if place == target and symbol and x.inputs[0] is over:
            return f"{target} {symbol} {self._operand(x, 1)[0]}"
        if is_product(x):
            return f"{target} = {self._product(x, place)}"
        operands = ", ".join(self._operand(x, i)[0] for i in range(len(x.inputs)))
        out = "out=" if x.op.name.endswith("_constant") or x.op in EXTREMES else ""
        call = f"np.{ufunc_of(x)}({operands}, {out}{place})"
        return call if place == target else f"{target} = {call}"

    def _product(self, x: Any, place: str) -> str:
        left, right = (self._operand(x, i) for i in range(2))
        return Form(f"{{}}.dot({{}}, {place})", ATOM, (ATOM, 0)).fill([left, right])

    def _kept(self) -> dict[int, tuple[str, Any]]:
        """The memory that is kept, by what is first put into it."""
        kept = [s.result for s in self.plan.statements if s.kept]
        return {x.id: (self.names.free(f"for_{self.names.of(x)}"), x) for x in kept}

    # --- expressions

    def _expression(self, x: Any) -> tuple[str, int]:
        form = self._form(x)
        return form.fill([self._operand(x, i) for i in range(len(x.inputs))]), form.binds

    def _form(self, x: Any) -> Form:
        if x.op is matmul and all(i.ndim <= 2 for i in x.inputs):
            return Form("{}.dot({})", ATOM, (ATOM, 0))
        shapes = [getattr(i, "shape", ()) for i in x.inputs]
        form: Form = x.op.notation.form("source", shapes, x.params)
        for name in METHODS:
            if form.template.startswith(f"np.{name}({{}}") and isinstance(x.inputs[0], Tensor):
                rest = form.template[len(f"np.{name}({{}}") :].removeprefix(", ")
                return Form(f"{{}}.{name}({rest}", ATOM, ATOM)
        return self.needs.form(x, form)

    def _operand(self, x: Any, i: int) -> tuple[str, int]:
        operand = x.inputs[i]
        if not isinstance(operand, Tensor):
            others = [o for o in x.inputs if o is not operand]
            return self._number(operand, others[0] if others else None, x.op)
        if operand.id in self._known:
            return self._known[operand.id], ATOM
        if operand.id in self.plan.variables:
            return self.names.of(operand), ATOM
        return self._expression(operand)

    # --- what is returned

    def _output(self, y: Any, before: list[Any]) -> str:
        """Return the expression of an output; what somebody else holds too is copied."""
        if not isinstance(y, Tensor):
            return self.needs.text(y)
        name = self._known.get(y.id) or self.names.of(y)
        alone = not any(b is y for b in before) and not is_leaf(y) and owns(y)
        if y.shape:
            return name if alone else f"{name}.copy()"
        held = y.op in (LITERAL, CAPTURED, *VIEWS)  # an array, perhaps, of which a number is taken
        return f"{name}[()]" if held else name


def _goes_on(statement: Statement) -> bool:
    """Whether a statement goes on with a quantity that another has begun: a sum, or what is scaled by a number."""
    x, over = statement.result, statement.over
    if x.op in (multiply, divide):
        return not isinstance(x.inputs[1], Tensor) and x.inputs[0] is over
    begins = is_product(over) or (over.op is multiply and not all(isinstance(i, Tensor) for i in over.inputs))
    return x.op in (add, subtract) and x.inputs[0] is over and begins


def _commented(lines: list[tuple[str, Any]]) -> list[str]:
    """Write shape and source line beside each statement."""
    column = min(max((len(line) for line, _ in lines), default=0), 60)
    written = []
    for line, x in lines:
        place = f"  {source_line(*x.line)}" if x.line else ""
        written.append(f"{line:<{column}}  # {x.shape if x.shape else 'number'}{place}")
    return written
