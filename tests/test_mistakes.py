"""Messages for the next mistake: each of the table of mistakes names its remedy."""

import copy
import math
import pickle
import warnings

import matplotlib
import numpy as np
import pytest

import tinygrad_dnn
from tinygrad_dnn import Tensor, derive, draw, explore
from tinygrad_dnn.dnn.data import load
from tinygrad_dnn.dnn.manual import initialize_parameters_deep
from tinygrad_dnn.dnn.optimisers import Adam
from tinygrad_dnn.referee import assert_gradients, check, check_gradients, compare

from .mistakes import PEOPLE

ROWS = [(who, *row.split(" -> ")) for who, rows in PEOPLE.items() for row in rows.strip().splitlines()]


def names():
    """Return what a program of the table finds."""
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    ours = {name: getattr(tinygrad_dnn, name) for name in tinygrad_dnn.__all__}
    t, W, x = Tensor([1.0, -2.0, 3.0], name="t"), Tensor(np.ones((2, 3)), name="W"), np.ones(3)
    return ours | {
        "np": np,
        "math": math,
        "copy": copy,
        "pickle": pickle,
        "plt": plt,
        "load": load,
        "Adam": Adam,
        "check": check,
        "compare": compare,
        "check_gradients": check_gradients,
        "t": t,
        "W": W,
        "x": x,
        "assert_gradients": assert_gradients,
        "initialize_parameters_deep": initialize_parameters_deep,
        "f": lambda x: np.sum(x**2),
    }


@pytest.mark.parametrize(("who", "program", "remedy"), ROWS, ids=[f"{who}: {program}" for who, program, _ in ROWS])
def test_the_message_names_the_remedy(who, program, remedy):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        said = ""
        try:
            exec(program, names())
        except Exception as error:
            said = str(error)
    assert remedy in " ".join([said, *(str(warning.message) for warning in warned)])


@pytest.mark.parametrize("who", PEOPLE)
def test_there_are_25_of_each(who):
    assert len(PEOPLE[who].strip().splitlines()) >= 25


def test_what_is_missing_is_not_listed():
    t = Tensor([[1.0]])
    for x in (t, t * 2, draw(np.sum(t)), explore(np.sum(t)), derive(np.sum(t))):
        assert not [name for name in dir(x) if not hasattr(x, name)]
    assert not hasattr(t, "relu")
    assert getattr(t, "cuda", None) is None
    assert "call `zero_grad`" in Tensor.backward.__doc__
