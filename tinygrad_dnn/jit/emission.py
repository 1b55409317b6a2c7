"""Emission for NumPy: one function of the arguments, with a statement for each variable."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core import Node, Tensor
from ..core.notation import ATOM, Form
from ..derive.wording import number
from ..inplace.writing import written as assigned
from ..ops import TABLE, add, divide, matmul, multiply, subtract
from ..ops.comparisons import equal, greater, greater_equal, less, less_equal, not_equal
from ..rewrite.graph import ARGUMENT, CAPTURED, LITERAL, Graph, is_leaf
from .names import Externals, Names, Text, assignment, literal, place_of, pool, suggested, word
from .passes import spelled
from .planning import VIEWS, Statement, is_product, owns, planned, ufunc_of
from .rolling import LOOP, Body

METHODS = ("sum", "max", "min", "prod", "mean", "argmax", "argmin", "cumsum", "all", "any", "ravel", "squeeze")
"""Called as methods: skipping NumPy's dispatcher halves the overhead."""
HOISTED = (add, subtract, multiply, divide, greater, greater_equal, less, less_equal, equal, not_equal)
"""Ops for which a number is made an array once: NumPy takes half a microsecond to do so at every use."""
EXTREMES = tuple(op for op in TABLE if op.name in ("maximum", "minimum"))  # ops whose `out` NumPy takes by keyword only
_IN_PLACE = {add: "+=", subtract: "-=", multiply: "*=", divide: "/="}
Piece = tuple[str, int]  # an expression, and how tightly it binds


def written(graph: Graph, taken: list[str], returned: object, reason: str | None = None) -> Text:
    """Write a graph for NumPy (see `program.written`)."""
    names = Names(graph, ["np", *taken])
    return _written(graph, names, Externals(names.free, taken), returned, reason)


def _written(graph: Graph, names: Names, externals: Externals, returned: object, reason: str | None = None) -> Text:
    writer = _Writer(*planned(graph), names, externals)
    captured = {names.of(x): x.params["source"] for x in graph.nodes() if x.op is CAPTURED}
    for x in graph.nodes():
        if x.op is LITERAL:
            writer.known[x.id] = writer.constant(x.value, word(x.value))
    writer.name_chains()  # before any other name is given
    kept = [s.result for s in writer.plan if s.kept]
    writer.buffers = {x.id: names.free(f"for_{names.of(x)}") for x in kept}
    memory, lease, release = pool(names, {writer.buffers[x.id]: x for x in kept}, "[{}]")
    statements = [(line, s.result) for s in writer.plan for line in writer.lines(s)]
    column = min(max((len(line) for line, _ in statements), default=0), 60)
    lines = [f"{line:<{column}}  # {place_of(x)}" for line, x in statements]
    outputs = [writer.output(y, graph.outputs[:i]) for i, y in enumerate(graph.outputs)]
    head = [f"{name} = {text}" for name, text in writer.constants.items()]
    if kept:  # copy results out of the buffers before another call may write there
        for i, text in enumerate(outputs):
            if text.endswith(".copy()"):
                outputs[i] = names.free("copied")
                lines.append(f"{outputs[i]} = {text}")
    head += [*memory, *writer.functions]
    body = [*lease, *lines, *release, writer.externals.returning(returned, outputs)]
    nodes = graph.nodes()
    own = (x for x in nodes if not is_leaf(x))
    plain = (x for x in own if x.op is LOOP or not any(getattr(i, "ndim", 0) for i in x.inputs))
    return Text(
        arguments=[names.of(x) for x in graph.arguments], used={names.of(x) for x in nodes if x.op is ARGUMENT},
        scalars={names.of(i) for x in plain for i in x.parents if i.op is ARGUMENT},
        captured=captured, imports=("import numpy as np", *writer.externals.imports),
        preamble=writer.externals.lines(), head=head, body=body, space=writer.externals.space, reason=reason,
    )  # fmt: skip


@dataclass
class _Writer:
    plan: list[Statement]
    variables: set[int]
    names: Names
    externals: Externals
    buffers: dict[int, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    known: dict[Any, str] = field(default_factory=dict)

    def constant(self, value: np.ndarray | np.generic, suggestion: str) -> str:
        """Return the name of a constant: one for each content."""
        key = np.shape(value), str(value.dtype), value.tobytes()
        if key not in self.known:
            self.known[key] = name = self.names.free(suggestion)
            self.constants[name] = literal(value)
        return self.known[key]

    def name_chains(self) -> None:
        """Name the intermediate W X after Z = W X + b, and an unnamed result after the buffer it reuses."""
        chains = [(s.result, s.over) for s in self.plan if s.over is not None and s.over.id in s.reads]
        given = self.names.given
        for x, over in reversed(chains):  # from the named end of a chain to its beginning
            if x.id in given and over.id not in given and _goes_on(x, over):
                self.names.share(over, x)
        for x, over in chains:
            if x.id not in given and (x.op is assigned or suggested(over) is None):
                self.names.share(x, over)

    def lines(self, statement: Statement) -> list[str]:
        """Write a statement: into a kept buffer, a new one, or over another variable."""
        x, over = statement.result, statement.over
        target = self.names.of(x)
        if x.op is assigned:
            v, state, *arrays = (self._operand(x, i)[0] for i in range(len(x.inputs)))
            return assignment(target, state, over is not None, x, v, arrays)
        return [self._line(statement, x, over, target)]

    def _line(self, statement: Statement, x: Tensor, over: Tensor | None, target: str) -> str:
        if over is None:
            kept = statement.kept
            into = Form(f"{{}}.dot({{}}, {self.buffers[x.id]})", ATOM, (ATOM, 0)) if kept else None
            return f"{target} = {self._expression(x, into)[0]}{'.copy()' * statement.copied}"
        place = self.names.of(over)
        if place == target and x.op in _IN_PLACE and x.inputs[0] is over:  # Z += b reads better than np.add(Z, b, Z)
            return f"{target} {_IN_PLACE[x.op]} {self._operand(x, 1)[0]}"
        if is_product(x):
            return f"{target} = {self._expression(x, Form(f'{{}}.dot({{}}, {place})', ATOM, (ATOM, 0)))[0]}"
        operands = ", ".join(self._operand(x, i)[0] for i in range(len(x.inputs)))
        out = "out=" if x.op.name.endswith("_constant") or x.op in EXTREMES else ""
        call = f"np.{ufunc_of(x)}({operands}, {out}{place})"
        return call if place == target else f"{target} = {call}"

    def _expression(self, x: Node, form: Form | None = None) -> Piece:
        form = form or self._form(x)
        return form.fill([self._operand(x, i) for i in range(len(x.inputs))]), form.binds

    def _form(self, x: Node) -> Form:
        if x.op is LOOP:
            body: Body = x.params["body"]
            write = lambda graph, names, returned: _written(graph, names, self.externals, returned)  # noqa: E731
            form, lines = body.written(self.names, spelled, write)
            self.functions += lines
            return form
        if x.op is matmul and all(i.ndim <= 2 for i in x.inputs):
            return Form("{}.dot({})", ATOM, (ATOM, 0))
        form = self.externals.form(x)
        for name in METHODS:
            function = f"np.{name}({{}}"
            if form.template.startswith(function) and isinstance(x.inputs[0], Node):
                return Form(f"{{}}.{name}({form.template[len(function) :].removeprefix(', ')}", ATOM, ATOM)
        return form

    def _operand(self, x: Node, i: int) -> Piece:
        operand = x.inputs[i]
        if not isinstance(operand, Node):
            other = next((o for o in x.inputs if o is not operand), None)
            hoisted = x.op in HOISTED or x.op.name.endswith("_constant")
            if hoisted and isinstance(other, Node) and other.ndim and type(operand) in (int, float):
                array = np.array(operand, np.result_type(other.dtype, operand))
                return self.constant(array, word(array)), ATOM
            return number("source", operand)
        if operand.id in self.known:
            return self.known[operand.id], ATOM
        return (self.names.of(operand), ATOM) if operand.id in self.variables else self._expression(operand)

    def output(self, y: object, before: Sequence[object]) -> str:
        """Return the expression of an output; one that is held elsewhere too is copied."""
        if not isinstance(y, Tensor):
            return self.externals.text(y)
        name = self.known.get(y.id) or self.names.of(y)
        alone = not any(b is y for b in before) and not is_leaf(y) and owns(y)  # a view would show our own buffers
        if y.shape:
            return name if alone else f"{name}.copy()"
        may_be_array = y.op in (LITERAL, CAPTURED, *VIEWS)  # without axes, from which a number is taken
        return f"{name}[()]" if may_be_array else name


def _goes_on(x: Node, over: Node) -> bool:
    """Return True if x continues the quantity that `over` begins: a sum, or a multiple by a number."""
    if x.op is assigned:
        return True
    if x.op in (multiply, divide):
        return not isinstance(x.inputs[1], Node) and x.inputs[0] is over
    begins = is_product(over) or (over.op is multiply and len(over.parents) < len(over.inputs))
    return x.op in (add, subtract) and x.inputs[0] is over and begins
