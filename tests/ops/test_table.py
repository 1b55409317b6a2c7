"""What must hold for every op, on every one of its samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_dnn import Tensor, check_grads, gradients, scipy
from tinygrad_dnn.core.notation import ADD, ATOM, NEGATE

from ..cases import THOROUGH, examples
from .table import (
    DIFFERENTIABLE,
    FIRST,
    OPS,
    ROWS,
    TABLE,
    every_differentiable_op,
    every_differentiable_row,
    every_op,
    every_row,
    has_rule,
    is_variable,
    plainly,
    random_like,
    same,
)


def strided(x):
    """The same numbers, with others between them in memory."""
    buffer = np.full((*x.shape, 2), np.nan, x.dtype)
    buffer[..., 0] = x
    return buffer[..., 0]


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS = {
    "Fortran order": lambda x: np.array(x, order="F"),
    "strided": strided,
    "reversed": lambda x: np.flip(np.flip(x).copy()),
    "read-only": read_only,
}


# --- the declaration is complete


@every_op
def test_an_op_has_samples(op):
    assert op.samples is not None, f"declare samples= for {op.name}: every test of the table runs on them"


@every_op
def test_an_op_has_a_notation(op):
    written = [row.source() for row in ROWS if row.op is op] or [op.notation.source(1, {}).template]
    by_default = f"{op.name}("
    assert op.imports or not written[0].startswith(by_default), f"declare notation= for {op.name}"


def test_no_two_ops_have_one_name():
    names = [op.name for op in TABLE]
    assert sorted(set(names)) == sorted(names)


@every_op
def test_a_differentiable_op_is_sampled_in_each_input_that_has_a_rule(op):
    if op.result is Tensor:
        rows = [row for row in DIFFERENTIABLE if row.op is op]
        assert rows, f"{op.name}: no sample has an array of floats"
        for i in {i for row in rows for i in range(len(row.sample.args))}:
            rules = [rule for _, rule in zip(range(i + 1), op.vjps)]
            sampled = any(i in row.positions for row in rows)
            assert sampled or len(rules) <= i or not has_rule(rules[i]), f"{op.name}: input {i} is never an array of floats"


# --- values


@every_row
def test_the_value_is_that_of_its_numpy_source(row):
    value, expected = row.op(*row.sample.args, **row.sample.params), row.evaluated(np)
    same(value, expected, row.source(), atol=1e-15)
    assert np.asarray(value).dtype == np.asarray(expected).dtype
    if row.positions:
        recorded = row.applied().out
        np.testing.assert_array_equal(recorded.numpy(), value)
        assert recorded.shape == np.shape(value)
        assert recorded.requires_grad == (row.op.result is Tensor)


@every_row
def test_the_source_runs_on_tensors_too(row):
    if row.positions:
        leaves = [Tensor(x) for x in row.variables]
        y = row.evaluated(np, leaves)
        same(y.numpy() if isinstance(y, Tensor) else y, row.function(*row.variables), row.source(), atol=1e-15)


@every_row
def test_operands_are_parenthesised_where_they_must_be(row):
    for write, binds in (("0.0 + {} + 0.0", ADD), ("-(-{})", NEGATE)):
        operands = [(f"x{i}", ATOM) for i in range(len(row.sample.args))]
        for i in row.positions:
            operands[i] = write.format(f"x{i}"), binds
        text = row.source(operands)
        same(row.evaluated(np, text=text), row.evaluated(np), text)


@every_row
def test_text_and_latex_show_every_operand(row):
    operands = [(f"q{chr(97 + i)}", ATOM) for i in range(len(row.sample.args))]
    for writer in (row.op.notation.text, row.op.notation.latex):
        written = writer(len(operands), row.sample.params).fill(list(operands))
        assert all(name in written for name, _ in operands), written
    assert written.count("{") == written.count("}")
    assert written.count(r"\left") == written.count(r"\right")


# --- gradients


@every_differentiable_row
def test_gradients_agree_with_finite_differences_to_second_order(row):
    check_grads(row.function, row.variables, order=2 if THOROUGH or any(row is first for first in FIRST) else 1)


@every_differentiable_row
def test_a_recorded_backward_pass_gives_the_same_gradients(row):
    applied = row.applied()
    u = applied.cotangent()
    on_arrays = gradients(applied.out, applied.leaves, u)
    on_tensors = gradients(applied.out, applied.leaves, u, create_graph=True)
    for x, plain, recorded in zip(applied.leaves, on_arrays, on_tensors):
        assert plain.shape == recorded.shape == x.shape
        assert plain.dtype == recorded.dtype == x.dtype
        same(recorded.numpy(), plain)


@every_differentiable_row
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept_forward_and_in_every_rule(row, dtype):
    variables = [x.astype(dtype) for x in row.variables]
    applied, kept = row.applied(variables), row.sample.params.get("dtype", dtype)
    if row.op in scipy.TABLE:  # of a Python number and float32 some of SciPy's ufuncs make float64
        kept = row.op.forward(*row.arguments(variables), **row.sample.params).dtype
    assert applied.out.dtype == kept
    for i, rule in applied.rules():
        assert rule(applied.cotangent()).dtype in (dtype, kept), f"the rule of input {i}"
    recorded = gradients(applied.out, applied.leaves, applied.cotangent(), create_graph=True)
    assert [x_bar.dtype for x_bar in recorded] == [dtype] * len(recorded)


@every_differentiable_row
def test_a_broadcast_operand_gets_the_sum_over_its_uses(row):
    shapes = [np.shape(x) for x in row.sample.args]
    y = row.function(*row.variables)
    try:
        elementwise = len(shapes) > 1 and np.broadcast_shapes(*shapes) == np.shape(y)
        stretched = [np.broadcast_to(x, np.shape(y)) for x in row.variables]
        elementwise = elementwise and np.array_equal(row.function(*stretched), y)
    except ValueError:
        elementwise = False
    if elementwise:
        applied, full = row.applied(), row.applied(stretched)
        u = applied.cotangent()
        given = gradients(applied.out, applied.leaves, u)
        for x, x_bar, whole in zip(applied.leaves, given, gradients(full.out, full.leaves, u)):
            extra = whole.ndim - x.ndim
            axes = (*range(extra), *(i + extra for i, n in enumerate(x.shape) if n == 1))
            same(x_bar, whole.sum(axis=axes, keepdims=True).reshape(x.shape))


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
@examples(10)
@given(data=st.data())
def test_rules_are_linear_in_the_cotangent(op, data):
    row = data.draw(st.sampled_from([row for row in DIFFERENTIABLE if row.op is op]), label="row")
    a, b = data.draw(st.tuples(*[st.floats(-3, 3, allow_subnormal=False)] * 2), label="a, b")
    applied = row.applied()
    u, v = applied.cotangent(1), applied.cotangent(2)
    for i, rule in applied.rules():
        same(rule(a * u + b * v), a * rule(u) + b * rule(v), f"the rule of input {i}", rtol=1e-10, atol=1e-10)


# --- memory


@every_differentiable_op
def test_every_layout_gives_the_same(row):
    applied = row.applied()
    u = applied.cotangent()
    expected = gradients(applied.out, applied.leaves, u)
    for name, layout in LAYOUTS.items():
        variables = [layout(np.asarray(x)) for x in row.variables]
        same(row.function(*variables), applied.out.numpy(), name)
        leaves = [Tensor(x, copy=False) for x in variables]
        for x_bar, wanted in zip(gradients(row.function(*leaves), leaves, layout(np.asarray(u))), expected):
            same(x_bar, wanted, name)
        for i, rule in applied.rules():
            same(rule(layout(np.asarray(u))[()]), rule(u), f"the rule of input {i}, cotangent {name}")


@every_row
def test_nothing_that_comes_in_is_modified(row):
    given = [np.copy(x) if isinstance(x, np.ndarray) else x for x in row.sample.args]
    row.op(*given, **row.sample.params)
    assert_untouched(given, row.sample.args)
    if row in DIFFERENTIABLE:
        applied = row.applied()
        assert_untouched([x.numpy() for x in applied.leaves], row.variables)
        u = applied.cotangent()
        before = [np.copy(x) for x in (u, applied.out.value, *applied.out.operands) if is_variable(x)]
        for _, rule in applied.rules():
            rule(u)
        assert_untouched([x for x in (u, applied.out.value, *applied.out.operands) if is_variable(x)], before)


def assert_untouched(arrays, originals):
    for array, original in zip(arrays, originals):
        if isinstance(original, np.ndarray):
            np.testing.assert_array_equal(array, original)


# --- constants


@every_row
def test_an_op_of_arrays_only_is_no_tensor(row):
    assert not isinstance(row.op(*row.sample.args, **row.sample.params), Tensor)


@every_differentiable_op
def test_one_variable_at_a_time_gives_its_part_of_the_gradient(row):
    applied = row.applied()
    u = random_like(applied.out.numpy())
    expected = gradients(applied.out, applied.leaves, u)
    for k in range(len(applied.leaves)):
        leaf = Tensor(row.variables[k])
        y = row.function(*row.variables[:k], leaf, *row.variables[k + 1 :])
        if y.requires_grad:
            for cotangent in (u, Tensor(u)):
                [x_bar] = gradients(y, [leaf], cotangent, create_graph=isinstance(cotangent, Tensor))
                same(plainly(x_bar), expected[k], f"argument {k} alone, cotangent {cotangent!r}")
        else:
            assert not expected[k].any()
