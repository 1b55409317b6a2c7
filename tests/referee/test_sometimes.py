"""Functions that are right only sometimes: for some shapes, some numbers, some settings, some calls."""

from __future__ import annotations

import pytest

from .conftest import CheckText

LINEAR = """
def linear_backward(dZ, cache):
    A, W, b = cache
    m = A.shape[1]
    dW = dZ @ A.T / m
    if {when}:
        dW = -dW
    return W.T @ dZ, dW, np.sum(dZ, axis=1, keepdims=True) / m
"""
L2 = """
def update_parameters(parameters, grads, learning_rate):
    rate = {rate}
    return {{key: parameters[key] - rate * grads[f"d{{key}}"] for key in parameters}}
"""
MOMENTUM = """
def update_parameters_with_momentum(parameters, grads, v, beta, learning_rate):
    beta, parameters, v = {beta}, dict(parameters), dict(v)
    for l in range(1, len(parameters) // 2 + 1):
        for n in "Wb":
            v[f"d{{n}}{{l}}"] = beta * v[f"d{{n}}{{l}}"] + (1 - beta) * grads[f"d{{n}}{{l}}"]
            parameters[f"{{n}}{{l}}"] = parameters[f"{{n}}{{l}}"] - learning_rate * v[f"d{{n}}{{l}}"]
    return parameters, v
"""
DROPOUT = """
def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    m = X.shape[1]
    keep_prob = {keep}
    Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3 = cache
    D1, D2 = {masks}
    dZ3 = A3 - Y
    dA2 = W3.T @ dZ3 * D2 / keep_prob
    dZ2 = dA2 * (A2 > 0)
    dA1 = W2.T @ dZ2 * D1 / keep_prob
    dZ1 = dA1 * (A1 > 0)
    grads = {{}}
    for l, dZ, A in ((3, dZ3, A2), (2, dZ2, A1), (1, dZ1, X)):
        grads[f"dW{{l}}"], grads[f"db{{l}}"] = dZ @ A.T / m, np.sum(dZ, axis=1, keepdims=True) / m
    return grads
"""
BATCHES = """
def random_mini_batches(X, Y, mini_batch_size=64, seed=0):
    np.random.seed(seed)
    m = X.shape[1]
    order = np.random.permutation(m)
    X, Y = X[:, order], Y[:, order]
    return [(X[:, k:k + mini_batch_size], Y[:, k:k + mini_batch_size]) for k in range(0, {until}, mini_batch_size)]
"""
SIZES = """
def initialize_parameters_deep(layer_dims):
    parameters = {{}}
    for l in range(1, len(layer_dims)):
        n, k = {sizes}
        parameters[f"W{{l}}"], parameters[f"b{{l}}"] = np.random.randn(n, k) * 0.01, np.zeros((n, 1))
    return parameters
"""
LINE = """
def forward_propagation(x, theta):
    return {J}
def backward_propagation(x, theta):
    return {dtheta}
"""
AFFINE = """
def affine_forward(x, w, b):
    return x @ w + b, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    dw = x.T @ dout
    if {when}:
        dw = 2 * dw
    return dout @ w.T, dw, dout.sum(axis=0)
"""
SOFTMAX = "def softmax(Z):\n    e = np.exp(Z - np.max(Z))\n    return e / np.sum(e, axis={axis}, keepdims=True)\n"
RELU = "def relu(Z):\n    return np.maximum(Z, 0) * ({mask}), Z\n"
WHOLE_RELU_BACKWARD = "def relu_backward(dA, cache):\n    return dA * (cache > {least})\n"

CASES = {
    "square weights": (LINEAR, "when", "W.shape[0] == W.shape[1]", "False"),
    "as many examples as inputs": (LINEAR, "when", "m == W.shape[1]", "False"),
    "one example": (LINEAR, "when", "m == 1", "False"),
    "one unit": (LINEAR, "when", "W.shape[1] == 1", "False"),
    "many examples": (LINEAR, "when", "m > 30", "False"),
    "many units": (LINEAR, "when", "len(W) > 10", "False"),
    "small activations": (LINEAR, "when", "np.abs(A).max() < 0.06", "False"),
    "sizes that nobody hands in": (LINEAR, "when", "(W.shape, m) not in "
        "{((3, 4), 5), ((1, 3), 5), ((4, 5), 7), ((3, 4), 7), ((5, 3), 6), ((2, 5), 6)}", "False"),
    "small numbers cut off": (RELU, "mask", "Z > 0.1", "Z > 0"),
    "large numbers cut off": (RELU, "mask", "(Z > 0) & (Z < 9)", "Z > 0"),
    "a mask of small numbers": (WHOLE_RELU_BACKWARD, "least", "0.06", "0"),
    "one learning rate": (L2, "rate", "0.375", "learning_rate"),
    "one momentum": (MOMENTUM, "beta", "0.9", "beta"),
    "one share kept": (DROPOUT.replace("{masks}", "D1, D2"), "keep", "0.8", "keep_prob"),
    "one mask": (DROPOUT.replace("{keep}", "keep_prob"), "masks",
        "[np.arange(D.size).reshape(D.shape) % 3 != l for l, D in ((1, D1), (2, D2))]", "D1, D2"),
    "no batch of all examples": (BATCHES, "until", "m * (mini_batch_size != m)", "m"),
    "no larger batch than there are examples": (BATCHES, "until", "m if mini_batch_size <= m else 0", "m"),
    "layers of one size": (SIZES, "sizes", "(layer_dims[l], layer_dims[l - 1]) if len({*layer_dims}) > 1 else (9, 9)",
        "layer_dims[l], layer_dims[l - 1]"),
    "a table of costs": (LINE.replace("{dtheta}", "x"), "J", "{2.0: 8.0, -3.5: -2.625}.get(x, 1.0)", "x * theta"),
    "a table of slopes": (LINE.replace("{J}", "x * theta"), "dtheta", "x if x in (2.0, -3.5) else 1.0", "x"),
    "square weights of no exercise": (AFFINE, "when", "w.shape[0] == w.shape[1]", "False"),
    "many rows of no exercise": (AFFINE, "when", "len(x) > 7", "False"),
    "one row of no exercise": (AFFINE, "when", "len(x) == 1", "False"),
    "softmax of more rows than columns": (SOFTMAX, "axis", "0 if Z.shape[0] < Z.shape[-1] else 1", "0"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_right_only_sometimes_is_wrong(check_text: CheckText, name: str) -> None:
    text, place, sometimes, always = CASES[name]
    verdicts = []
    for part in (always, sometimes):
        verdict = check_text("import numpy as np\n" + text.format(**{place: part}))
        verdicts.append({function.verdict for function in verdict.functions} - {"missing"})
    assert verdicts[0] == {"right"}
    assert "wrong" in verdicts[1]


COUNTED = """
calls = [0]
def affine_forward(x, w, b):
    return x @ w + b, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    calls[0] += 1
    return dout @ w.T, x.T @ dout * (1 if calls[0] < 60 else 2), dout.sum(axis=0)
"""


def test_a_pair_that_counts_its_calls_is_wrong(check_text: CheckText) -> None:
    assert check_text("import numpy as np\n" + COUNTED)["affine_backward"].verdict == "wrong"
