"""A graph as a NumPy program: one function of the arguments, a statement for each variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..derive.sheet import number
from ..notation import ATOM, Form
from ..ops.arithmetic import add, divide, multiply, subtract
from ..ops.comparisons import equal, greater, greater_equal, less, less_equal, not_equal
from ..ops.products import matmul
from ..tensor import Tensor
from .graph import CAPTURED, LITERAL, Graph, is_leaf
from .names import Names
from .planning import Plan, Statement, is_product, owns, ufunc_of

METHODS = ("sum", "max", "min", "prod", "mean", "argmax", "argmin", "cumsum", "all", "any", "ravel")
"""Functions that are called as methods: past NumPy's dispatch they take half the time."""

HOISTED = (add, subtract, multiply, divide, greater, greater_equal, less, less_equal, equal, not_equal)
"""Ops for which a number is made an array once: NumPy takes half a microsecond to do so at every use."""

_WORDS = {0: "zero", 1: "one", 2: "two", -1: "minus_one", 0.5: "half"}


class Emission:
    """The text of a graph's statements.

    Attributes
    ----------
    constants : dict of str
        What stands before the function: names and their expressions.
    captured : dict
        Names, and the arrays or Tensors from outside that they stand for.
    lines : list of str
        The statements.
    """

    def __init__(self, graph: Graph, taken: list[str]) -> None:
        self.graph, self.plan, self.names = graph, Plan(graph), Names(graph, ["np", *taken])
        self.constants: dict[str, str] = {}
        self.captured: dict[str, Any] = {}
        self._known: dict[Any, str] = {}
        self._outside()
        self._name_chains()
        self.lines = [self._commented(self._line(s), s.result) for s in self.plan.statements]

    # --- what stands outside

    def _outside(self) -> None:
        for x in self.graph.nodes():
            if x._primitive is LITERAL:
                self._known[x._serial] = self._constant(x._value, "ones" if np.all(x._value == 1) else "c")
            elif x._primitive is CAPTURED:
                self.captured[self.names.of(x)] = x._params["source"]

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
            return self._constant(array, _WORDS.get(value, "c")), ATOM
        return number("source", value)

    # --- statements

    def _name_chains(self) -> None:
        """Call what is written over after what takes its place, where only that has a name."""
        for statement in reversed(self.plan.statements):
            over = statement.over
            if over is not None and over._serial in statement.reads and not self.names.has(over):
                self.names.share(over, statement.result)

    def _line(self, statement: Statement) -> str:
        x, over = statement.result, statement.over
        target = self.names.of(x)
        if over is None:
            return f"{target} = {self._expression(x)[0]}"
        place = self.names.of(over)
        sign = {add: "+=", subtract: "-=", multiply: "*=", divide: "/="}.get(x._primitive)
        if place == target and sign and x._inputs[0] is over:
            return f"{target} {sign} {self._operand(x, 1)[0]}"
        operands = ", ".join(self._operand(x, i)[0] for i in range(len(x._inputs)))
        if is_product(x):
            left, right = (self._operand(x, i) for i in range(2))
            return f"{target} = {Form('{}.dot({}', ATOM, (ATOM, 0)).fill([left, right])}, out={place})"
        return f"{target} = np.{ufunc_of(x)}({operands}, out={place})"

    def _commented(self, line: str, x: Any) -> str:
        shape = "number" if not x.shape else str(x.shape)
        place = f"  {os.path.basename(x.line[0])}:{x.line[1]}" if x.line else ""
        return f"{line}  # {shape}{place}"

    # --- expressions

    def _expression(self, x: Any) -> tuple[str, int]:
        form = self._form(x)
        return form.fill([self._operand(x, i) for i in range(len(x._inputs))]), form.binds

    def _form(self, x: Any) -> Form:
        if x._primitive is matmul and all(i.ndim <= 2 for i in x._inputs):
            return Form("{}.dot({})", ATOM, (ATOM, 0))
        shapes = [getattr(i, "shape", ()) for i in x._inputs]
        form: Form = x._primitive.notation.form("source", shapes, x._params)
        for name in METHODS:
            if form.template.startswith(f"np.{name}({{}}") and isinstance(x._inputs[0], Tensor):
                rest = form.template[len(f"np.{name}({{}}") :].removeprefix(", ")
                return Form(f"{{}}.{name}({rest}", ATOM, ATOM)
        return form

    def _operand(self, x: Any, i: int) -> tuple[str, int]:
        operand = x._inputs[i]
        if not isinstance(operand, Tensor):
            others = [o for o in x._inputs if o is not operand]
            return self._number(operand, others[0] if others else None, x._primitive)
        if operand._serial in self._known:
            return self._known[operand._serial], ATOM
        if operand._serial in self.plan.variables:
            return self.names.of(operand), ATOM
        return self._expression(operand)

    # --- what is returned

    def output(self, y: Any, before: list[Any]) -> str:
        """Return the expression of an output; what somebody else holds too is copied."""
        if not isinstance(y, Tensor):
            return repr(y)
        name = self._known.get(y._serial) or self.names.of(y)
        alone = not any(b is y for b in before) and not is_leaf(y) and owns(y)
        return name if alone or not y.shape else f"{name}.copy()"



def literal(value: Any) -> str:
    """Write an array as an expression.

    Examples
    --------
    >>> literal(np.ones((2, 1), np.float32)), literal(np.array(0.5)), literal(np.arange(3))
    ('np.ones((2, 1), np.float32)', 'np.array(0.5)', 'np.array([0, 1, 2])')
    """
    array = np.asarray(value)
    default = array.dtype in (np.dtype(float), np.dtype(int), np.dtype(bool))
    dtype = "" if default else f", np.{array.dtype.name}"
    for number_, maker in ((0, "zeros"), (1, "ones")):
        if array.ndim and array.size and array.dtype.kind == "f" and np.all(array == number_):
            return f"np.{maker}({array.shape if array.ndim > 1 else array.size}{dtype})"
    shown = repr(array.tolist()).replace("inf", "np.inf").replace("nan", "np.nan")
    if not array.size:
        return f"np.zeros({array.shape}, np.{array.dtype.name})"
    return f"np.array({shown}{dtype})"


def structure(tree: Any, texts: list[str]) -> str:
    """Write what a function returned, with other texts in the place of its arrays."""
    if isinstance(tree, Mapping):
        return "{" + ", ".join(f"{key!r}: {structure(value, texts)}" for key, value in tree.items()) + "}"
    if isinstance(tree, (list, tuple)):
        items = [structure(value, texts) for value in tree]
        if hasattr(tree, "_fields"):
            return f"{type(tree).__name__}({', '.join(items)})"
        inner = ", ".join(items)
        return f"[{inner}]" if isinstance(tree, list) else f"({inner}{',' if len(items) == 1 else ''})"
    return texts.pop(0)
