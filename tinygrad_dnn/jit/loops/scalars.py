"""The formula of one entry of a result in compiled loops, and how it is spelled in Python for Numba."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.node import Node
from ...core.notation import ATOM, Form
from ...ops import TABLE, absolute, exp, log1p, mean_, multiply, negative, size, subtract
from ...ops.activations import leaky_relu_, log_softmax_, logsumexp_, relu, shares, sigmoid, softmax_
from ...rewrite.graph import Graph, is_leaf, rewritten
from ...rewrite.identities import identities
from ...rewrite.matching import Rules, either_way, like, operand, operands, same
from ...support.text import in_numpy
from ..passes import cancelled, common_subexpressions, composed, cross_entropies_as

entries = identities(Rules(), "loops")  # in terms of exp(-abs(z)), which cannot overflow; also for equal infinities


class UnsupportedError(Exception):
    """Raised, with the reason, for a graph that cannot be written in loops; it is then written for NumPy."""


def unsupported(x: Any, reason: str = "has no form in loops") -> UnsupportedError:
    """Return an error that names a leaf, or the op of x and the line that calls it."""
    place = f', called in "{x.line[0]}", line {x.line[1]},' if getattr(x, "line", None) else ""
    return UnsupportedError(f"{(x.name or 'an array') if is_leaf(x) else x.op.name + place} {reason}")


def by_entries(graph: Graph) -> Graph:
    """Rewrite functions that loops lack in terms of those they have, then share common subexpressions."""
    graph = rewritten(differences(rewritten(graph, cross_entropies)), entries)
    return common_subexpressions(cancelled(graph))


def _decay(z: Any) -> Any:
    return np.exp(-np.abs(z))


cross_entropies = cross_entropies_as(lambda z, tz: (relu(z) - tz) + np.log1p(_decay(z)))
"""(max(z, 0) - t z) + log(1 + exp(-|z|)), accurate where the prediction is right, too."""


def differences(graph: Graph) -> Graph:
    """Write sigmoid(z) - t beside a cross-entropy as one quotient, which is accurate for z of any size."""
    labels: dict[int, Any] = {}

    def from_decay(y: Any) -> Any:
        larger, product = operands(y, subtract) or (None, None)
        for z, t in either_way(operands(product, multiply) or (None, None)):
            if z is not None and same(z, operand(larger, relu)):
                labels[z.id] = t
        z = operand(larger, sigmoid)
        if z is None or not same(labels.get(z.id), product):
            return None
        t, e = product, _decay(z)
        return like((np.where(z >= 0.0, 1.0, e) - t - t * e) / (1.0 + e), y)

    return rewritten(graph, from_decay)


entries.on(leaky_relu_, logsumexp_, softmax_, shares, log_softmax_)(composed)


@entries.on(mean_)
def mean_as_sum(y: Any, x: Any) -> Any:
    """The sum divided by the number of terms."""
    return like(np.sum(x, **y.params) / size(x, y.params.get("axis")), y)


def has_formula(x: Any) -> bool:
    """Return True if each entry of x is a known formula of one entry of each operand."""
    op = x.op
    return op.numba is not None or (op.elementwise and op in TABLE)


def check(graph: Graph, axes: int) -> None:
    """Reject dtypes that Numba does not support, and more axes than there are loops."""
    for x in graph.nodes():
        if x.dtype.char not in "fd?bhilqBHILQ" or not x.dtype.isnative:
            raise unsupported(x, f"has dtype {x.dtype}, in which Numba does not compute")
        if x.ndim > axes:
            raise unsupported(x, f"has {x.ndim} axes")


Text = tuple[str, int]  # an expression, and how tightly it binds


def type_of(dtype: np.dtype[Any]) -> str:
    """Return the source of a NumPy scalar type."""
    return f"np.{'bool_' if dtype.kind == 'b' else dtype.name}"


class Dialect:
    """The spelling of a loop as text: in Python for Numba; `javascript` has another."""

    end: tuple[str, ...] = ()  # the line that ends a loop, if there is one

    def loop(self, variable: str, length: int) -> str:
        """Write the line that begins a loop."""
        return f"for {variable} in range({length}):"

    def entry(self, array: str, shape: tuple[int, ...], index: Sequence[str]) -> str:
        """Write an entry of an array."""
        return f"{array}[{', '.join(index) or '()'}]"

    def fill(self, array: str, value: str) -> str:
        """Write the statement that makes all entries of an array one number."""
        return f"{array}[:] = {value}"

    def formula(self, x: Node) -> Form:
        """Return the formula of an entry of x, with a place for each operand: the op's facet, or its NumPy source."""
        form: Form | None = x.op.numba(x) if x.op.numba else None
        if x.op is log1p and operand(operand(operand(x.inputs[0], exp), negative), absolute) is not None:
            # log(1 + exp(-|z|)) by a short series, which converges because exp(-|z|) is at most 1.
            short = {"d": "log1p({})", "f": "log1p_single({})"}.get(x.dtype.char)
            form = Form(short) if short else form
        form = form or x.op.notation.form("source", [()] * len(x.inputs), x.params)
        zero, one = (self.number(v, x.dtype) for v in (0.0, 1.0))
        return form._replace(template=form.template.replace("ZERO", zero).replace("ONE", one))

    def fold(self, step: Form) -> Form:
        """Return the next total of a reduction, from the total and an entry."""
        return step

    def number(self, value: object, dtype: np.dtype[Any]) -> str:
        """Write a number of a dtype: 2.0, np.float32(0.5), -np.inf."""
        plain = np.asarray(value).astype(dtype).item()
        usual = dtype in (np.dtype(float), np.dtype(int), np.dtype(bool))
        return in_numpy(plain) if usual else f"np.{dtype.name}({in_numpy(plain)})"

    def cast(self, text: Text, dtype: np.dtype[Any]) -> Text:
        """Write the conversion to a dtype."""
        return f"{type_of(dtype)}({text[0]})", ATOM


NUMBA = Dialect()
