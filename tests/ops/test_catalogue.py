"""The table of what is supported: complete, true, and as committed."""

import inspect
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tinygrad_dnn import Tensor, relu, sigmoid
from tinygrad_dnn.core.protocol import implementations
from tinygrad_dnn.derive.rules import body_of
from tinygrad_dnn.ops import activations, arithmetic

from .catalogue import OPERATORS, document, formula, name_of, reached_by, vjps
from .table import every_differentiable_op, every_op

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture(scope="module")
def page():
    return document()


def test_the_committed_page_is_up_to_date(page):
    assert PAGE.read_text(encoding="utf-8") == page, "run `make docs`"


@pytest.mark.slow
def test_the_module_writes_the_page(page):
    command = [sys.executable, "-m", "tests.ops.catalogue"]
    written = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PAGE.parents[1])
    assert written.stdout == page


@every_op
def test_every_op_has_a_line_with_its_formula(page, op):
    [line] = [line for line in page.splitlines() if line.startswith(f"| `{op.name}` | ") and formula(op) in line]
    assert line.replace(r"\|", "").count("|") == 5


def test_every_function_is_on_the_page(page):
    assert [f for f in map(name_of, implementations) if f"`{f}`" not in page] == []


@pytest.mark.parametrize("function", OPERATORS)
def test_operators_are_the_functions_that_they_are_said_to_be(function):
    x, y = np.array([[1.5, 2.5], [0.5, 3.5]]), np.array([[2.0, 1.0], [3.0, 0.5]])
    found = eval(OPERATORS[function], {"x": Tensor(x), "y": y, "index": 1})
    expected = x[1] if function == "getitem" else function(*(x, y)[: getattr(function, "nin", 1)])
    np.testing.assert_array_equal(found.numpy(), expected)


def test_rules_are_shown_as_they_are_written():
    assert vjps(sigmoid) == ["`z_bar = a_bar * a * (1.0 - a)`"]
    assert vjps(arithmetic.multiply) == ["`x_bar = z_bar * y`", "`y_bar = z_bar * x`"]
    assert "`np.add`" not in reached_by(arithmetic.add)
    assert reached_by(arithmetic.add) == ["np.add", "x + y"]
    assert reached_by(relu) == ["relu(z)"]
    assert formula(activations.sigmoid) == r"$\sigma\left(z\right)$"


@every_differentiable_op
def test_a_rule_that_is_shown_computes_what_the_rule_computes(row):
    applied = row.applied()
    out, u = applied.out, applied.cotangent()
    for i, rule in applied.rules():
        written = next(islice(row.op.vjps, i, None))
        body = body_of(written)
        if body is not None and not written.__code__.co_freevars:
            given = inspect.signature(written).bind(u, out.value, *out.operands, **out.params)
            given.apply_defaults()
            shown = eval(body, {**written.__globals__, **given.arguments})
            np.testing.assert_array_equal(shown, rule(u))


def test_functions_that_are_more_than_an_expression_are_not_shown():
    def long(y_bar, y, x):
        z = x + 1
        return y_bar * z

    def short(y_bar, y, x):
        """Have a docstring."""
        return y_bar * x

    first, second = lambda y_bar, y, x: y_bar * 2, lambda y_bar, y, x: y_bar * 3
    assert body_of(long) is None
    assert body_of(np.sin) is None
    assert body_of(short) == "y_bar * x"
    assert (body_of(first), body_of(second)) == ("y_bar * 2", "y_bar * 3")
