"""Names of 10 MB: pictures and pages answer at once."""

import time

import numpy as np
import pytest

from tinygrad_dnn import Tensor, draw, explore, scope

NAME = 'a<b>&"\\N' + "x" * 10_000_000


@pytest.mark.layout
@pytest.mark.parametrize("picture", [lambda J: explore(J).html, lambda J: draw(J).svg()], ids=["explore", "draw"])
def test_a_name_of_10_mb(picture):
    with scope(NAME):
        w = Tensor(np.ones(3), name=NAME)
        J = np.sum(np.tanh(w) * w).named(NAME)
    begun = time.process_time()
    assert len(picture(J)) < 2_000_000
    assert time.process_time() - begun < 2
