"""A name of 10 MB, of a tensor or of an operation, costs a picture and a page two seconds at most."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tinygrad_dnn import Tensor, draw, explore, primitive

LONG = "x" * 10_000_000


@pytest.mark.parametrize("of", ["tensor", "operation"])
def test_a_long_name_costs_little(of: str) -> None:
    sine = primitive(np.sin.__call__, vjp=lambda y_bar, y, x: y_bar * np.cos(x), name=LONG if of == "operation" else "sine")
    x = Tensor(np.ones(2), name=LONG if of == "tensor" else "x")
    y = np.sum(sine(x))
    begun = time.process_time()
    assert len(draw(y).source) < 100_000
    assert len(explore(y).html) < 11_000_000
    assert time.process_time() - begun < 40  # minutes, were the name measured or escaped at every mention
