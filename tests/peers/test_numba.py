"""Every op on every sample in loops: Numba compiles for minutes, so `make test` takes only some samples of each."""

import warnings

import numpy as np
import pytest

from tests.jit.test_numba import assert_close, loops
from tests.jit.test_programs import plainly, shaped_by_values
from tests.ops.table import DIFFERENTIABLE, ROWS, identifier
from tinygrad_dnn import value_and_grad

pytestmark = pytest.mark.peers


def assert_same(f, *args, rtol=1e-12):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = f(*args)
        largest = max(np.max(np.abs(y), initial=0, where=np.isfinite(y)) for y in plainly(wanted))
        assert_close(loops(f)(*args), wanted, rtol=rtol, least=max(1e-6 * largest, 1e-30))


@pytest.mark.parametrize("row", [row for row in ROWS if not shaped_by_values(row)], ids=identifier)
def test_every_op(row):
    assert_same(lambda *xs: row.op(*xs, **row.sample.params), *row.sample.args)


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=identifier)
def test_gradients_of_every_op(row):
    y = row.function(*row.variables)
    weights = np.cos(np.arange(np.size(y))).reshape(np.shape(y))
    every = tuple(range(len(row.variables)))
    assert_same(value_and_grad(lambda *xs: np.sum(weights * row.function(*xs)), every), *row.variables, rtol=1e-9)
