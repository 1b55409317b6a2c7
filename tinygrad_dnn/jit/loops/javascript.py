"""Emission as JavaScript: a graph in loops, as one function of typed arrays, for pages that compute by themselves."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import mul
from string import Formatter, ascii_letters
from typing import Any

import numpy as np

from ...core import Node, Tensor
from ...core.facets import in_javascript
from ...core.notation import Form
from ...inplace.writing import written
from ...ops import einsum_, scatter, standard_deviation, tril, triu, variance
from ...rewrite.graph import ARGUMENT, CAPTURED, LITERAL, Graph, is_leaf, node, rewritten
from ...rewrite.matching import Rules, like
from ...rewrite.named import deviation_as_root, variance_as_mean
from ...support.text import json_beside
from ..names import Names
from .indexing import RESHAPES, is_product, moved
from .nest import FUNCTIONS, Kernel, Nest
from .scalars import Dialect, Text, UnsupportedError, by_entries, has_formula, unsupported
from .stages import Stage, Stages, staged

RESERVED = frozenset(json_beside(__file__, "javascript.json")).union(FUNCTIONS)  # words that cannot be names
LARGEST = 20_000_000  # multiplications of all products of a program: what a browser does in 20 milliseconds or so
entries = Rules()  # functions of whole arrays in terms of those of entries, where NumPy computes the former for Numba
entries.on(variance)(variance_as_mean)
entries.on(standard_deviation)(deviation_as_root)


class JavaScript(Dialect):
    """JavaScript: arrays are flat, every number is a double, and a truth is 0 or 1."""

    end = ("}",)

    def loop(self, variable: str, length: int) -> str:
        return f"for (let {variable} = 0; {variable} < {length}; {variable}++) {{"

    def entry(self, array: str, shape: tuple[int, ...], index: Sequence[str]) -> str:
        strides = np.cumprod([1, *shape[:0:-1]])[::-1]
        parts = [moved(i, 0, stride) for i, stride in zip(index, strides) if i != "0"]
        return f"{array}[{' + '.join(parts) or '0'}]"

    def fill(self, array: str, value: str) -> str:
        return f"{array}.fill({value})"

    def formula(self, x: Node) -> Form:
        """Return the formula of an entry of x, from the op's `javascript` facet with its parameters."""
        form: Form | None = x.op.javascript
        if form is None or not has_formula(x):
            raise unsupported(x, "has no form in JavaScript")
        fields = {field for _, field, _, _ in Formatter().parse(form.template) if field and not field.isdecimal()}
        written = {field: self.number(x.params[field], np.dtype(float)) for field in fields}
        template = re.sub(r"\{([^\W\d]\w*)\}", lambda found: written[found[1]], form.template)
        return form._replace(template=template)

    def fold(self, step: Form) -> Form:
        found = step if step.template.startswith("plus") else in_javascript(step)
        if found is None:
            raise UnsupportedError(f"the reduction by {step.template.format('total', 'x')} has no form in JavaScript")
        return found

    def number(self, value: object, dtype: np.dtype[Any]) -> str:
        """Write a number: -Infinity, 1 for True."""
        plain = np.asarray(value).astype(dtype).item()
        return repr(plain + 0).replace("inf", "Infinity").replace("nan", "NaN")

    def cast(self, text: Text, dtype: np.dtype[Any]) -> Text:
        """Leave a number as it is."""
        return text


def javascript(graph: Graph, name: str) -> str:
    """Write a graph as a JavaScript function from a list of Float64Arrays, one entry for a number, to another, or raise
    UnsupportedError: an op has no form in JavaScript, a dtype is not float64, or the products are too large.
    """
    graph = by_entries(rewritten(graph, entries))
    for x in graph.nodes():
        if x.dtype.char not in "d?":
            raise unsupported(x, f"has dtype {x.dtype}, and a page computes in float64")
    used = {name, *(x.name for x in graph.arguments)}
    letters = "".join(c for c in "ijkl" + ascii_letters[15:26] if c not in used)
    names = Names(graph, [*RESERVED, name, *letters])
    stages = staged(graph, letters, JavaScript())
    if sum(x.size * x.inputs[0].shape[-1] for x in stages.made if is_product(x)) > LARGEST:
        raise UnsupportedError(f"its products take more than {LARGEST:,} multiplications, too many for a page")
    writer = _Writer(stages, names)
    body = [line for stage in stages.stages for line in writer.statements(stage)]
    returned = ", ".join(writer.output(y) for y in graph.outputs)
    given = [names.of(x) for x in graph.arguments]
    unpacked = [f"const [{', '.join(given)}] = given;"] if given else []
    numbers = [f"const {number} = {array}[0];" for array, number in writer.numbers.items()]
    outside = [f"const {own} = {text};" for own, text in {**writer.constants, **writer.arrays}.items()]
    local = [f"let {', '.join(writer.locals)};"] if writer.locals else []
    inner = "\n".join(f"    {line}" for line in (*unpacked, *numbers, *local, *body, f"return [{returned}];"))
    head = "\n".join(f"  {line}" for line in outside)
    return f"const {name} = (() => {{\n{head}\n  return (given) => {{\n{inner}\n  }};\n}})();\n"


@entries.on(einsum_)
def einsum_as_sum(y: Any, *operands: Any) -> Any:
    """The sum of the products, over the letters that the result lacks."""
    terms, out = y.params["subscripts"].split("->")
    letters = out + "".join(sorted({*terms} - {*out, ","}))
    factors = []
    for term, x in zip(terms.split(","), operands):
        if len({*term}) < len(term):  # a diagonal
            return None
        sizes = dict(zip(term, np.shape(x)))
        turned = np.transpose(x, [term.index(letter) for letter in letters if letter in sizes])
        factors.append(np.reshape(turned, [sizes.get(letter, 1) for letter in letters]))
    product: Any = reduce(mul, factors)
    if product.size > LARGEST:
        raise unsupported(y, f"takes {product.size:,} multiplications, too many for a page")
    return like(np.sum(product, axis=tuple(range(len(out), len(letters)))), y)


@entries.on(tril, triu)
def triangle_as_choice(y: Any, x: Any) -> Any:
    """The entries on one side of a diagonal, else 0."""
    side = getattr(np, y.op.name)(np.ones(y.shape, bool), y.params.get("k", 0))
    return like(np.where(node(LITERAL, side), x, 0.0), y)


@entries.on(scatter, written)
def placed_by_choice(y: Any, x: Any, state: Any = 0.0, *places: Any) -> Any:
    """x at the given places of some axes and along the whole of others, elsewhere what was there before."""
    parts = y.params["index"] if isinstance(y.params["index"], tuple) else (y.params["index"],)
    if places or (y.op is scatter and isinstance(state, Tensor)) or not y.size:
        return None
    kept = tuple(slice(k, k + 1 or None) if isinstance(k, int) else k for k in parts if k is not None)
    chosen = np.zeros(y.shape, bool)
    chosen[kept] = True
    lengths = chosen[kept].shape
    if np.shape(x) not in ((), chosen[parts].shape) or any(n not in (1, whole) for n, whole in zip(lengths, y.shape)):
        return None
    mask = chosen[tuple(slice(1) if n == whole else slice(None) for n, whole in zip(lengths, y.shape))]
    x = np.reshape(x, lengths) if np.shape(x) else x
    return like(x if np.shape(x) == y.shape else np.where(node(LITERAL, mask), x, state), y)


class _Writer:
    def __init__(self, stages: Stages, names: Names) -> None:
        self.stages, self.names = stages, names
        self.constants: dict[str, str] = {}
        self.arrays: dict[str, str] = {}
        self.locals: dict[str, None] = {}
        self.numbers: dict[str, str] = {}
        self._uses = {number: len(found) for number, found in stages.readers.items()}
        self._kernel = Kernel(stages, names, self.given, stages.made)

    def given(self, x: Node) -> str:
        """Return the name of a leaf, and note an array from outside."""
        name = self.names.of(x)
        if x.op is ARGUMENT:
            if not x.ndim and name not in self.numbers:
                self.numbers[name] = self.names.free(f"{name}_0")
            return self.numbers.get(name, name)
        value = x.params["source"] if x.op is CAPTURED else x.value
        numbers = np.asarray(getattr(value, "array", value), float)
        text = ", ".join(JavaScript().number(v, numbers.dtype) for v in numbers.ravel())
        self.constants[name] = f"Float64Array.of({text})" if x.ndim else text
        return name

    def statements(self, stage: Stage) -> list[str]:
        if stage.is_call:
            return self._call(stage.members[0])
        lines = Nest(stage, self.stages, self.names, self._kernel.entry, self._uses).lines()
        for x in stage.members:
            if x.id in self.stages.arrays and x.ndim:
                self._array(x)
        assigned = (re.match(r" *(\w+) = ", line) for line in lines)
        self.locals |= dict.fromkeys(found[1] for found in assigned if found)
        return [line if line.endswith(("{", "}")) else f"{line};" for line in lines]

    def _array(self, x: Node) -> str:
        name = self.names.of(x)
        self.arrays[name] = f"new Float64Array({x.size})"
        return name

    def _whole(self, x: Node) -> tuple[str, int]:
        base = self.stages.base(x)
        return (self.given(base) if is_leaf(base) else self.names.of(base)), int(base is not x)

    def _call(self, x: Tensor) -> list[str]:
        if is_product(x):
            (a, left), (b, right) = map(self._whole, x.inputs)
            n, k, p = x.shape[0], x.inputs[0].shape[1], x.shape[1]
            return [f"product({self._array(x)}, {a}, {left}, {b}, {right}, {n}, {k}, {p});"]
        if x.op in RESHAPES:
            self.locals[self.names.of(x)] = None
            return [f"{self.names.of(x)} = {self._whole(x.inputs[0])[0]};"]
        raise unsupported(x, "has no form in JavaScript")

    def output(self, y: object) -> str:
        if not isinstance(y, Tensor):
            return f"[{JavaScript().number(y, np.dtype(float))}]"
        name = self.given(y) if is_leaf(y) else self.names.of(y)
        return name if y.ndim else f"[{name}]"
