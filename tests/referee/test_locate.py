"""Hand-written backward passes of many styles: none is blamed that is right, and mistakes are found in their lines."""

import importlib.util
import re
import sys
from collections import Counter
from types import ModuleType

import numpy as np
import pytest

from tinygrad_dnn import Tensor, trace
from tinygrad_dnn.referee import check_backward, check_gradients, compare_named

from ..cases import one_in
from .by_hand import PROGRAMS


def loaded(folder, name: str, text: str) -> ModuleType:
    path = folder / f"{name}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def judged(folder, name, text, call, **names):
    scope = {
        **names,
        "M": loaded(folder, name, text),
        "rng": np.random.default_rng(7),
        "np": np,
        "check_gradients": check_gradients,
        "check_backward": check_backward,
    }
    with np.errstate(all="ignore"):
        return eval(call, scope)


@pytest.mark.parametrize("name", one_in(3, PROGRAMS))
def test_a_right_program_is_right(name, tmp_path):
    text, call, _ = PROGRAMS[name]
    found = judged(tmp_path, f"right_{name}", text, call)
    assert found.ok, str(found)


def told_lines(found):
    texts = [str(row.message) for row in found.rows if not row.ok]
    return [int(line) for text in texts for line in re.findall(r"Line (\d+)", text)[:1]], texts


@pytest.mark.slow
def test_planted_mistakes_are_seen_all_and_told_in_their_line(tmp_path):
    counts = Counter()
    for name, (text, call, mistakes) in PROGRAMS.items():
        for k, (right, wrong) in enumerate(mistakes):
            found = judged(tmp_path, f"wrong_{name}_{k}", text.replace(right, wrong, 1), call)
            assert not found.ok, (name, wrong)
            lines, texts = told_lines(found)
            line = text[: text.index(right)].count("\n") + 1 + right.startswith("\n")
            counts["all"] += 1
            counts["followed"] += bool(lines)
            counts["line"] += line in lines[:1]
            counts["cause"] += bool(lines) and any("No single small mistake" not in text for text in texts)
    assert counts["all"] >= 90
    assert counts["line"] >= 0.8 * counts["followed"] > 45, counts
    assert counts["cause"] >= 0.75 * counts["followed"], counts


TWO = """
import numpy as np
def cost(W1, b1, W2, b2, X, Y):
    A1 = np.tanh(np.dot(W1, X) + b1)
    A2 = 1 / (1 + np.exp(-(np.dot(W2, A1) + b2)))
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / X.shape[1]
def gradients(W1, b1, W2, b2, X, Y):
    m = X.shape[1]
    A1 = np.tanh(np.dot(W1, X) + b1)
    A2 = 1 / (1 + np.exp(-(np.dot(W2, A1) + b2)))
    dZ2 = Y - A2
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(W2.T, dZ2) * (1 - A1 ** 2)
    dW1 = np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return dW1, db1, dW2, db2
"""


def test_two_independent_mistakes_are_both_told_in_the_same_words_each_time(tmp_path):
    M, rng = loaded(tmp_path, "two", TWO), np.random.default_rng(1)
    parameters = tuple(rng.normal(size=shape) for shape in ((4, 3), (4, 1), (1, 4), (1, 1)))
    data = rng.normal(size=(3, 7)), np.array([[1.0, 0, 0, 1, 0, 1, 0]])
    found = check_gradients(M.cost, M.gradients, parameters, *data)
    assert {row.quantity: (row.cause, re.findall(r"Line (\d+)", row.message)) for row in found.rows} == {
        "dW1": ("missing-1/m", ["15"]),
        "db1": ("sign", ["11"]),
        "dW2": ("sign", ["11"]),
        "db2": ("sign", ["11"]),
    }
    assert "`dZ2 = Y - A2`" in found["db2"].message
    assert "Right: dW1 = " in found["dW1"].message
    assert str(check_gradients(M.cost, M.gradients, parameters, *data)) == str(found)


def test_what_cannot_be_followed_is_judged_without_a_line():
    def gradient(w):
        return np.array([2 * v for v in w.tolist()]) * 3

    found = check_gradients(lambda w: np.sum(w * w), gradient, np.array([1.0, 2.0]))
    assert not found.ok
    assert "gradient could not be followed on Tensors, so no line is told" in str(found)
    assert found["dw"].cause == "factor"


def test_inputs_without_a_gradient_are_named():
    def backward(dout, cache):
        return {"dx": dout * cache}

    found = check_backward(lambda x, w: (x * w, w), backward, (np.ones(3), np.arange(3.0)))
    assert [(row.quantity, row.verdict) for row in found.rows] == [("dx", "agrees")]
    assert "backward gives no gradient for w: not judged." in str(found)
    with pytest.raises(ValueError, match=r"gave no gradient for any of x, w; return one for each input"):
        check_backward(lambda x, w: (x * w, w), lambda dout, cache: None, (np.ones(3), np.arange(3.0)))
    with pytest.raises(ValueError, match=r"takes dout, cache, and the forward function returned 1 value"):
        check_backward(lambda x: x, lambda dout, cache: dout, np.ones(3))


def test_intermediates_are_compared_by_name():
    def cost(W, X):
        logits = X @ W
        shifted = logits - np.max(logits, axis=1, keepdims=True)
        return np.sum(np.exp(shifted))

    rng = np.random.default_rng(2)
    J = trace(cost, rng.normal(size=(3, 2)), rng.normal(size=(4, 3)))
    shifted = np.exp(next(x for x in J.parents[0].parents).array)
    found = compare_named(J, {"dshifted": shifted, "dlogits": -shifted, "W": np.zeros(3)})
    assert [row.verdict for row in found.rows] == ["agrees", "differs", "differs"]
    assert found.rows[2].cause == "shape"
    with pytest.raises(KeyError, match="nothing called 'dother'"):
        compare_named(J, {"dother": 1})
    assert compare_named(np.sum(Tensor([1.0], name="x") * 2), {"dx": [2.0]}).ok
