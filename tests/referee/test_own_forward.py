"""Backward functions beyond the exercises are judged against the file's own forward functions."""

from __future__ import annotations

import pytest

from .conftest import CheckText
from .next_courses import CONVOLUTION, LAYERS, RECURRENT

RIGHT = {
    "convolution": (CONVOLUTION, {"conv_backward", "pool_backward"}),
    "recurrent": (RECURRENT, {"rnn_cell_backward", "lstm_cell_backward"}),
    "layers": (LAYERS, {"batchnorm_backward"}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_functions_are_right(check_text: CheckText, name: str) -> None:
    text, functions = RIGHT[name]
    verdict = check_text(text)
    assert verdict.verdict == "right", str(verdict)
    assert {f.name for f in verdict.functions if f.name.endswith("_backward")} == functions


WRONG = [
    (CONVOLUTION, "db[:, :, :, c] += dZ", "db[:, :, :, c] = dZ", "conv_backward", "db", "unknown"),
    (CONVOLUTION, "c] += A_prev_pad[at]", "c] -= A_prev_pad[at]", "conv_backward", "dW", "sign"),
    (CONVOLUTION, "== np.max(A_prev[at])", "!= np.max(A_prev[at])", "pool_backward", "dA_prev", "unknown"),
    (RECURRENT, "dot(dtanh, a_prev.T)", "dot(a_prev, dtanh.T)", "rnn_cell_backward", "dWaa", "transpose"),
    (RECURRENT, "(dtanh, axis=1, keepdims=True)", "(dtanh, axis=1)", "rnn_cell_backward", "dba", "keepdims"),
    (RECURRENT, '"dc_prev"] = dc * ft', '"dc_prev"] = -dc * ft', "lstm_cell_backward", "dc_prev", "sign"),
    (LAYERS, "dgamma, dbeta = np.sum", "dgamma, dbeta = 2 * np.sum", "batchnorm_backward", "dgamma", "factor"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "right", "wrong", "function", "quantity", "cause"),
    [
        pytest.param(*row, marks=[pytest.mark.slow] * (row[0] is RECURRENT and row[5] != "transpose")) for row in WRONG
    ],  # the cells take two seconds for each
)
def test_a_mistake_is_named(
    check_text: CheckText, text: str, right: str, wrong: str, function: str, quantity: str, cause: str
) -> None:
    assert right in text
    verdict = check_text(text.replace(right, wrong, 1))
    found = {f.name: f for f in verdict.functions if f.verdict != "right"}
    assert set(found) == {function}, str(verdict)
    assert (found[function].cause, found[function].verdict) == (cause, "wrong"), str(verdict)
    assert f"{quantity}: " in found[function].message
    assert "Judged by differences of " in found[function].message


def test_a_convention_of_1_over_m_is_noted_and_not_blamed(check_text: CheckText) -> None:
    text = LAYERS.replace("return dx, dgamma, dbeta", "return dx, dgamma / N, dbeta / N")
    verdict = check_text(text)
    assert verdict.verdict == "right", str(verdict)
    assert "dgamma, dbeta carry 1/m, as of a cost that is a mean" in str(verdict)


def test_what_cannot_be_called_or_is_left_open_is_said(check_text: CheckText) -> None:
    other = LAYERS.replace("def batchnorm_forward(x,", "def batchnorm_forward(inputs,").replace(" x.", " inputs.")
    assert check_text(other).verdict == "not judged"
    raising = LAYERS.replace("N = dout.shape[0]", "N = dout.shape[5]")
    found = check_text(raising).functions[0]
    assert (found.verdict, found.cause) == ("crashed", "exception")
    assert "batchnorm_backward raises an error on right inputs: IndexError" in found.message
    lost = LAYERS.replace(
        "def batchnorm_forward(x, gamma, beta, bn_param):",
        "def batchnorm_forward(x, gamma, beta, bn_param):\n    gamma = gamma.none",
    )
    assert "batchnorm_backward is not judged: batchnorm_forward raises AttributeError" in str(check_text(lost))
    open_ = LAYERS[: LAYERS.index("    x_hat, gamma, var, eps = cache")] + "    pass\n"
    assert check_text(open_)["batchnorm_backward"].verdict == "missing"


DROPOUT = """
import numpy as np

def dropout_forward(x, dropout_param):
    np.random.seed(dropout_param["seed"])
    mask = (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]
    return x * mask, (dropout_param, mask)

def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout * mask
"""


def test_dropout_with_a_seed_is_judged(check_text: CheckText) -> None:
    assert check_text(DROPOUT)["dropout_backward"].verdict == "right"
    wrong = check_text(DROPOUT.replace("return dout * mask", "return dout * (mask > 0)"))
    assert wrong["dropout_backward"].verdict == "wrong"


def test_a_file_of_layers_is_told_how_to_judge_one(check_text: CheckText) -> None:
    text = "class Layer:\n    def forward(self, x, y): return x\n    def backward(self, dout): return dout\n"
    assert "layer = Layer(...); print(check_backward(layer.forward, layer.backward, inputs))" in str(check_text(text))
