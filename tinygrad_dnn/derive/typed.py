"""The quantities of a derivation by the names that a reader gives them: W2, W^{[2]}, dZ2, AL, m."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..core.tensor import Tensor
from ..ops.activations import softmax
from .convention import examples
from .formula import FUNCTIONS, FormulaError, Misfit, product, shown, total
from .sheet import Sheet

EXACT = "exact_"  # before the name of a gradient that is written as a derivative of the cost, dJ/dZ2
LARGEST = 10**7  # entries of an intermediate result, at most
_SIGNS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.UAdd: operator.pos, ast.USub: operator.neg,
}  # fmt: skip


class Quantities:
    """The Tensors that the names of a derivation stand for, or zeros. `numbers` are m and others that have names, and
    `per_example` the gradients that the course writes without 1/m.
    """

    def __init__(self, sheet: Sheet) -> None:
        listing, named = sheet.listing, dict(sheet.names)
        computed = [step.tensor for step in listing.steps if not step.backward and step.tensor.id in listing.symbols]
        given = {listing.symbols[x.id].python: x for x in (*listing.leaves, *listing.constants, *computed)}
        names = listing.differentials
        bars = {names[c.of.id].python: c for c in listing.cotangents if c.of.id in names}
        zeros = {name: np.zeros(c.of.shape) if c.value is None else c.value for name, c in bars.items()}
        self.tensors: dict[str, Any] = {**given, **zeros}
        self.per_example = {name for name, c in bars.items() if c.of.op is not None and c.of is not listing.root}
        self.keeps = any(x.ndim == 2 and x.shape[0] == 1 for x in listing.leaves)  # a bias is a row of a matrix
        columns = [x.shape[-1] for x in computed if x.ndim == 2]
        found = examples(listing.root, [x.shape for x in listing.constants])
        self.rows = found.m if found and found.axis == 0 else 0  # examples along the first axis
        self.is_mean = found is not None or "m" in {*named, *given}
        if columns and "m" not in {*named, *given}:
            named["m"] = found.m if found else columns[-1]
        by_value = {float(value): Tensor(float(value)) for value in named.values()}
        self.leaves = {name: by_value[float(value)] for name, value in named.items()}
        self.sheet, self.numbers = sheet.naming(named, self.leaves), {"e": math.e, "pi": math.pi, "m": 1, **named}
        self.axis = next((s.tensor.params["axis"] for s in listing.steps if "softmax" in s.tensor.op.name), None)
        self._keys = {re.sub(r"\W|_", "", name): name for name in self.tensors}

    def name(self, name: str, key: int | str | None = None) -> str | None:
        """Return the quantity that a name stands for: W[1], W_1 and W1, AL and A[L-1], A0 for X, grads["dW1"]."""
        wanted = re.sub(r"\W|_", "", name.removeprefix(EXACT) + ("" if key is None else str(key)))
        layer = re.fullmatch(r"(d?[A-Za-z])L(\d?)", wanted)
        if layer and wanted not in self._keys:
            last = max((int(k[len(layer[1]) :]) for k in self._keys if re.fullmatch(layer[1] + r"\d+", k)), default=0)
            wanted = f"{layer[1]}{last - int(layer[2] or 0) or ''}"
        wanted = "X" if wanted == "A0" and wanted not in self._keys else wanted
        return self._keys.get(wanted) or self._keys.get(str(key))

    def total(self, x: Any) -> Any:
        """Sum over the examples: along the first axis, where these are known to lie there, else the last."""
        along = self.rows and np.shape(x)[:1] == (self.rows,)
        return np.sum(x, axis=0, keepdims=self.keeps) if along else total(x)

    def unknown(self, name: str) -> FormulaError:
        """Build the error for a name that stands for nothing."""
        known = [*self.tensors, *self.numbers]
        close = get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(known[:40])}"
        if "c0" in known:
            named = f"Tensor({name}, requires_grad=False, name='{name}')"
            hint += f"; arrays without a name are c0, c1, ...: name data, {named}"
        return FormulaError(f"there is no {name} here; {hint}")


class View(NamedTuple):
    """The quantities with values, Tensors or arrays; in the form "course" some gradients are m times those derived."""

    quantities: Quantities
    values: Mapping[str, Any]
    form: str

    def __call__(self, name: str, key: int | str | None = None) -> Any:
        """Return the value of a name, or of name[key]; None where that is an entry of an array."""
        found = name if key is None and name in self.quantities.tensors else self.quantities.name(name, key)
        if found is None and key is None and name in self.quantities.numbers:
            number = self.quantities.numbers[name]
            return self.quantities.leaves.get(name, number) if self.values is self.quantities.tensors else number
        if found is None and isinstance(key, int) and self.quantities.name(name) is not None:
            return None
        if found is None:
            raise self.quantities.unknown(f"{name}{'' if key is None else f'[{key}]'}".removeprefix(EXACT))
        scaled = self.form == "course" and found in self.quantities.per_example and not name.startswith(EXACT)
        return self("m") * self.values[found] if scaled else self.values[found]

    def slope(self, name: str, x: Any, of: str) -> Any:
        """Return the slope of an activation at x: tanh'(Z1), or g'(Z1), g the op that is applied to Z1."""
        z, listing = self.quantities.tensors.get(self.quantities.name(of) or ""), self.quantities.sheet.listing
        applied = (s.tensor for s in listing.steps if not s.backward and z is not None and s.operands[0] is z)
        y = next((y for y in applied if y.op.elementwise and y.shape == np.shape(x)), None)
        value: Any = None
        if y is not None and name in (y.op.name, "g", f"g{of[-1:]}", f"g{re.sub('[^0-9]', '', of)}"):
            value = self.values[listing.symbols[y.id].python] if y.id in listing.symbols else y.op(x, **y.params)
        elif name in FUNCTIONS:
            y = FUNCTIONS[name](x if isinstance(x, Tensor) else Tensor(x))
            value = y if isinstance(x, Tensor) else y.array
        if y is None or value is None:
            raise FormulaError(f"{name}'({of}): no activation {name} is applied to {of}; write it out: 1 - A1 ** 2")
        return y.op.vjps[0](1.0, value, x, **y.params)


def compute(node: ast.AST, names: View) -> Any:
    """Compute a part of a formula; raise `FormulaError` if it is not understood, `Misfit` if its shapes do not fit."""
    try:
        value = _value(node, names)
    except Exception as error:
        if isinstance(error, FormulaError):
            raise
        words = {"part": shown(node), "error": " ".join(str(error).split())}
        raise Misfit(names.quantities.sheet.said("cannot be computed", **words)) from error
    if np.size(value) > LARGEST:
        raise FormulaError(f"{shown(node)} has {np.size(value)} entries; at most {LARGEST} are computed")
    return value


def _value(node: ast.AST, names: View) -> Any:
    inner = partial(compute, names=names)
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return names(name)
        case ast.BinOp(left=a, op=ast.MatMult() | ast.FloorDiv() as op, right=b):
            return product(inner(a), inner(b), strict=isinstance(op, ast.MatMult))
        case ast.BinOp(left=a, op=op, right=b) | ast.Compare(left=a, ops=[op], comparators=[b]) if type(op) in _SIGNS:
            x, y = inner(a), inner(b)
            return _SIGNS[type(op)](float(x) if isinstance(x, int) and isinstance(y, int) else x, y)
        case ast.Attribute(value=x, attr="T"):
            return np.transpose(inner(x))
        case ast.Subscript(value=ast.Attribute(value=x, attr="shape"), slice=index):
            return np.shape(inner(x))[_index(index)]
        case ast.Subscript(value=x, slice=index):
            name, key = getattr(x, "id", ""), getattr(index, "value", None)
            found = names(name, key) if name and isinstance(key, int | str) else None
            return inner(x)[_index(index)] if found is None else found
        case ast.Call(func=ast.Attribute(value=function, attr="_slope"), args=[x]):
            return names.slope(re.sub(r"\W", "", shown(function)), inner(x), shown(x))
        case ast.Call(func=ast.Name(id="total"), args=[x]):
            return names.quantities.total(inner(x))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in FUNCTIONS:
            keywords = _keywords(node)
            if name == softmax.__name__ and len(arguments) == 1:  # written without its axis: that of the recorded one
                keywords = {"axis": names.quantities.axis, **keywords}
            return FUNCTIONS[name](*map(inner, arguments), **keywords)
        case ast.Call(func=ast.Attribute(value=x, attr=name), args=arguments) if name in FUNCTIONS:
            return FUNCTIONS[name](*map(inner, (x, *arguments)), **_keywords(node))
        case ast.UnaryOp(op=op, operand=x) if type(op) in _SIGNS:
            return _SIGNS[type(op)](inner(x))
    known = ", ".join(sorted(FUNCTIONS))
    raise FormulaError(f"{shown(node)} is not understood; known are names, + - * / @ **, .T, indices, and {known}")


def _keywords(node: ast.Call) -> dict[str, Any]:
    if unknown := {str(word.arg) for word in node.keywords} - {"axis", "keepdims", "slope"}:
        raise FormulaError(f"{shown(node)}: {min(unknown)}= is not known; axis=, keepdims= and slope= are")
    return {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}


def _index(node: ast.expr) -> Any:
    """Return an index of whole numbers, slices, and None."""
    if isinstance(node, ast.Slice):
        return slice(*(bound and ast.literal_eval(bound) for bound in (node.lower, node.upper, node.step)))
    return tuple(map(_index, node.elts)) if isinstance(node, ast.Tuple) else ast.literal_eval(node)
