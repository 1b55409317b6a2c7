"""Every NumPy function that works on Tensors, called as people call it."""

import ast
import warnings

import autograd.numpy as anp
import numpy as np
from autograd import make_vjp

from tinygrad_dnn import Tensor, check_grads, gradients
from tinygrad_dnn.core.protocol import implementations
from tinygrad_dnn.core.pytree import flatten

from ..cases import ORDER, THOROUGH, one_test_for_each
from .calls import ELEMENTWISE, INDEXING, OPERANDS, PLAIN, PRODUCTS, REDUCTIONS, SHAPES, calls
from .table import DIFFERENTIABLE, ROWS, TABLE, identifier, plainly, random_like, same

WRONG_IN_AUTOGRAD = {
    "np.tile(A, 2)": "it adds up the repetitions along the wrong axis",
    "np.var(A, axis=1, mean=0.5, ddof=1)": "it does not read mean=",
}
GROUPS = {
    "elementwise": calls(ELEMENTWISE),
    "reductions": calls(REDUCTIONS),
    "products": calls(PRODUCTS),
    "shapes": calls(SHAPES),
    "indexing": calls(INDEXING),
}
DIFFERENTIATED = [call for group in GROUPS.values() for call in group]


def names_in(call):
    return sorted({n.id for n in ast.walk(ast.parse(call)) if isinstance(n, ast.Name)} & OPERANDS.keys())


def functions_in(call):
    """The NumPy functions that an expression calls, as the keys of `implementations`."""
    found = set()
    for node in ast.walk(ast.parse(call)):
        path = ast.unparse(node).split(".") if isinstance(node, ast.Attribute) else []
        if path[:1] == ["np"] and all(map(str.isidentifier, path)):
            function = np
            for i, name in enumerate(path[1:], 2):
                if isinstance(function, np.ufunc):
                    found.add((function, name))
                    break
                function = getattr(function, name)
                if callable(function) and i == len(path):
                    found.add(function)
    return found


def evaluated(call, numpy, operands):
    return eval(call, {"np": numpy, **OPERANDS, **operands})


def test_every_function_that_is_implemented_is_called():
    called = set().union(*(functions_in(c) for c in DIFFERENTIATED + calls(PLAIN)))
    called |= {f for op in TABLE if op.samples for f in op.numpy}
    called |= {f for f, made in implementations.items() if made in TABLE}
    missing = [f for f in implementations if not isinstance(f, str) and f not in called]
    assert not missing, f"add calls of these to calls.py: {missing}"


@one_test_for_each("call", {**GROUPS, "plain": calls(PLAIN)})
def test_the_value_and_its_type_are_numpys(call):
    names = names_in(call)
    expected = eval(call, {"np": np, **OPERANDS})
    found = evaluated(call, np, {name: Tensor(OPERANDS[name]) for name in names})
    assert type(found).__name__ == type(expected).__name__ or not isinstance(expected, (tuple, list))
    for y, wanted in zip(flatten(found), flatten(expected), strict=True):
        if not isinstance(wanted, (np.ndarray, np.number)):
            assert y == wanted
            continue
        same(plainly(y), wanted, call)
        assert plainly(y).dtype == wanted.dtype


@one_test_for_each("call", GROUPS if THOROUGH else {name: group[::3] for name, group in GROUPS.items()})
def test_gradients_agree_with_finite_differences(call):
    names = names_in(call)
    f = lambda *xs: evaluated(call, np, dict(zip(names, xs)))  # noqa: E731
    check_grads(f, [OPERANDS[name] for name in names], order=ORDER)


@one_test_for_each("call", GROUPS)
def test_float32_is_kept_where_numpy_keeps_it(call):
    names = names_in(call)
    values = [OPERANDS[name].astype(np.float32) for name in names]
    leaves = [Tensor(x) for x in values]
    expected = flatten(evaluated(call, np, dict(zip(names, values))))
    for y, wanted in zip(flatten(evaluated(call, np, dict(zip(names, leaves)))), expected):
        assert plainly(y).dtype == wanted.dtype
        if isinstance(y, Tensor) and y.requires_grad:
            recorded = gradients(y, leaves, random_like(y.numpy()), create_graph=True)
            assert {x_bar.dtype for x_bar in recorded} == {np.dtype(np.float32)}


def answer_of_autograd(call, k, values, u):
    """The gradients of one output (of the only one if k is None) by HIPS autograd; None where it has no rule."""
    names = names_in(call)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            whole = lambda xs: evaluated(call, anp, dict(zip(names, xs)))  # noqa: E731
            part = make_vjp(whole if k is None else lambda xs: whole(xs)[k])
            return part(values)[0](np.asarray(u))
    except Exception:  # what it raises is of every kind
        return None


def test_gradients_are_those_of_autograd_where_it_has_them():
    answered = set()
    for call in DIFFERENTIATED:
        values = tuple(OPERANDS[name] for name in names_in(call))
        leaves = [Tensor(x) for x in values]
        found = evaluated(call, np, dict(zip(names_in(call), leaves)))
        for k, y in enumerate(found) if isinstance(found, (tuple, list)) else [(None, found)]:
            u = random_like(plainly(y))
            theirs = answer_of_autograd(call, k, values, u) if isinstance(y, Tensor) and y.requires_grad else None
            if theirs is not None and call not in WRONG_IN_AUTOGRAD:
                answered.add(call)
                for x_bar, wanted in zip(gradients(y, leaves, u), theirs):
                    same(x_bar, wanted, call, rtol=1e-9, atol=1e-10)
    assert len(answered) > 200


DIRECT = [
    (row, function)
    for row in ROWS
    for function in row.op.numpy
    if implementations[function] == row.op.__call__ and not isinstance(function, str)
]


@one_test_for_each("row, function", {"all": DIRECT}, lambda case: f"{case[1]}: {identifier(case[0])}")
def test_an_op_that_stands_for_a_numpy_function_does_what_that_does(row, function):
    called = getattr(*function) if isinstance(function, tuple) else function
    leaves = [Tensor(x) for x in row.variables]
    expected = called(*row.sample.args, **row.sample.params)
    found = called(*row.arguments(leaves), **row.sample.params)
    same(plainly(found), expected)
    assert isinstance(found, Tensor) or row not in DIFFERENTIABLE
