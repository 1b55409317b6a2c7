"""The rows of the op table, each an op on one of its samples, and what the tests do with a row."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tests.cases import THOROUGH, grouped, one_test_for_each
from tests.ops.source import source
from tinygrad_dnn import (
    Tensor,
    compositions,  # noqa: F401 (which is imported when it is first used)
    inplace,  # noqa: F401 (likewise)
    ops,
    scipy,
)
from tinygrad_dnn.core.notation import ATOM
from tinygrad_dnn.ops.arguments import Sample

TABLE = (*ops.TABLE, *scipy.TABLE)
"""Every op of the package."""


def has_rule(rule: Any) -> bool:
    """Whether a rule is one: neither none, nor the refusal of an argument for which there is none."""
    return rule is not None and not (isinstance(rule, partial) and rule.func.__name__ == "_refused")


def is_variable(x: Any) -> bool:
    """Whether a sample's argument is one to differentiate by: an array of floating point numbers."""
    return isinstance(x, (np.ndarray, np.floating)) and x.dtype.kind == "f"


class Applied(NamedTuple):
    """An op applied to Tensors: the result, and the leaves that it was made of."""

    out: Any
    leaves: list[Tensor]

    def cotangent(self, seed=0):
        return random_like(self.out.numpy(), seed)

    def rules(self):
        """Each input that a gradient flows to with its rule, a function of the cotangent alone."""
        out = self.out
        for i, rule in zip(range(len(out.inputs)), out.op.vjps):
            if rule is not None and isinstance(out.inputs[i], Tensor):
                yield i, lambda y_bar, rule=rule: rule(y_bar, out.value, *out.operands, **out.params)


class Row(NamedTuple):
    """An op on one of its samples."""

    op: Any
    sample: Sample

    @property
    def positions(self):
        """Which of the arguments are variables."""
        return [i for i, x in enumerate(self.sample.args) if is_variable(x)]

    @property
    def variables(self):
        return [self.sample.args[i] for i in self.positions]

    def arguments(self, variables):
        """All arguments, with others in the place of the variables."""
        args = list(self.sample.args)
        for i, x in zip(self.positions, variables):
            args[i] = x
        return args

    def function(self, *variables):
        """The op as a function of the variables alone."""
        return self.op(*self.arguments(variables), **self.sample.params)

    def applied(self, variables=None):
        leaves = [Tensor(x) for x in (self.variables if variables is None else variables)]
        return Applied(self.function(*leaves), leaves)

    def source(self, operands=None):
        """The NumPy expression of the op, over x0, x1, ... or the operands (text and precedence) given."""
        arity = len(self.sample.args)
        operands = operands or [(f"x{i}", ATOM) for i in range(arity)]
        return self.op.notation.source(arity, self.sample.params).fill(operands)

    def evaluated(self, numpy, variables=None, text=None):
        """The value of the source, `numpy` being the module that its functions are taken from."""
        arguments = self.arguments(self.variables if variables is None else variables)
        space = {"np": numpy, **{f"x{i}": x for i, x in enumerate(arguments)}}
        imports = "\n".join(self.op.imports)
        if any(isinstance(x, Tensor) for x in arguments):  # its functions that are no ufuncs make arrays of Tensors
            imports = imports.replace("from scipy", "from tinygrad_dnn.scipy")
        exec(imports, space)
        return eval(text or self.source(), space)


def random_like(y: Any, seed: int = 0) -> Any:
    """An array (or a NumPy scalar, as the values of 0-d Tensors are) of random numbers of the shape and dtype of y."""
    return np.random.default_rng(seed).standard_normal(np.shape(y)).astype(y.dtype)[()]


def plainly(y: Any) -> Any:
    """The value of a Tensor, and anything else as it is."""
    return y.numpy() if isinstance(y, Tensor) else y


def same(actual: Any, expected: Any, message: str = "", rtol: float = 1e-12, atol: float = 1e-13) -> None:
    """Assert equal shapes and values, the latter to rounding."""
    assert np.shape(actual) == np.shape(expected), message
    np.testing.assert_allclose(actual, expected, rtol, atol, err_msg=message)


def identifier(value: Any) -> str:
    return f"{value.op.name}: {value.sample}" if isinstance(value, Row) else getattr(value, "name", str(value))


ROWS = [Row(op, sample) for op in TABLE if op.samples for sample in op.samples(source())]
DIFFERENTIABLE = [row for row in ROWS if row.op.result is Tensor and row.positions]
OPS = list({row.op.name: row.op for row in DIFFERENTIABLE}.values())


def initial(case: Any) -> str:
    """Return the first letter of the op of a case."""
    return str(getattr(case, "op", case).name[0])


every_op = one_test_for_each("op", grouped(TABLE, initial), identifier)
every_row = one_test_for_each("row", grouped(ROWS, initial), identifier)
every_differentiable_row = one_test_for_each("row", grouped(DIFFERENTIABLE, initial), identifier)
ONCE = list({row.op.name: row for row in reversed(ROWS)}.values())
FIRST = list({row.op.name: row for row in reversed(DIFFERENTIABLE)}.values())
every_op_applied = one_test_for_each("row", grouped(ROWS if THOROUGH else ONCE, initial), identifier)
every_differentiable_op = one_test_for_each("row", grouped(DIFFERENTIABLE if THOROUGH else FIRST, initial), identifier)
"""What takes long: in the whole suite on every row, otherwise on the first of each op."""
