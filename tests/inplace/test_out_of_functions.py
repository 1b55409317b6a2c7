"""Functions of NumPy that are no ufuncs write into arrays of Tensors too."""

import numpy as np
import pytest

from tinygrad_dnn import Tensor
from tinygrad_dnn.core.errors import NoRuleError


def test_clip_into_its_own_argument():
    w = Tensor(np.array([-2.0, 0.5, 3.0]), name="w")
    h = w * 2
    seen = h[1:]
    assert np.clip(h, -3, 3, out=h) is h
    np.sum(h * np.array([1.0, 2.0, 3.0])).backward()
    assert h.array.tolist() == [-3, 1, 3]
    assert seen.array.tolist() == [1, 3]
    assert w.grad.tolist() == [0, 4, 0]


def test_a_plain_array_still_takes_no_result():
    with pytest.raises(NoRuleError, match="out"):
        np.clip(Tensor(np.ones(2)) * 2, -1, 1, out=np.zeros(2))
