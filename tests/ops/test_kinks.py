"""The table of docs/kinks.md: every row is run, eagerly and as a program."""

import pathlib

import numpy as np
import pytest

import tinygrad_dnn as tg
from tinygrad_dnn import Tensor, gradients, jit

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "kinks.md"
NAMES = {"np": np, "relu": tg.relu, "leaky_relu": tg.leaky_relu, "nan": np.nan, "inf": np.inf}


def rows():
    """The expression, the point and the gradient of each row, as texts and dicts."""
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            yield cells[0], numbers(cells[1], "="), numbers(cells[2], ":")


def numbers(text, sign):
    return {name.strip(): float(eval(value, NAMES)) for name, value in (part.split(sign) for part in text.split(","))}


ROWS = list(rows())
every_row = pytest.mark.parametrize(("expression", "at", "expected"), ROWS, ids=[f"{e} at {a}" for e, a, _ in ROWS])


def test_the_table_is_read():
    assert len(ROWS) > 45
    assert all(at.keys() == gradient.keys() for _, at, gradient in ROWS)


@every_row
def test_the_gradient_is_the_one_of_the_table(expression, at, expected):
    leaves = {name: Tensor(x) for name, x in at.items()}
    with np.errstate(all="ignore"):
        y = eval(expression, NAMES | leaves)
        found = gradients(y, list(leaves.values()))
    np.testing.assert_allclose(found, list(expected.values()), rtol=1e-12, atol=1e-15)


@every_row
def test_a_program_has_the_same_gradient(expression, at, expected):
    text = f"lambda {', '.join(at)}: {expression}"
    with np.errstate(all="ignore"):
        found = jit(tg.grad(eval(text, NAMES), tuple(range(len(at)))))(*at.values())
    np.testing.assert_allclose(found, list(expected.values()), rtol=1e-12, atol=1e-15)
