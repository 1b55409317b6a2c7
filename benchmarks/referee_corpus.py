"""The referee's proof corpus: right solutions of the course's exercise and systematic mistakes in them.

A base solution is edited by one `Mistake` (or two), then spelled in one of several styles
(`benchmarks.referee_styles`), so that the same mistake is met as ``np.dot`` and ``@``, with
other names, with imported helpers, in either dA naming.
It was written before the referee's hypotheses and knows nothing of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

BASE: dict[str, str] = {
    "sigmoid": """
def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    cache = Z
    return A, cache
""",
    "relu": """
def relu(Z):
    A = np.maximum(0, Z)
    cache = Z
    return A, cache
""",
    "sigmoid_backward": """
def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * s * (1 - s)
    return dZ
""",
    "relu_backward": """
def relu_backward(dA, cache):
    Z = cache
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ
""",
    "initialize_parameters": """
def initialize_parameters(n_x, n_h, n_y):
    np.random.seed(1)
    W1 = np.random.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = np.random.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
""",
    "initialize_parameters_deep": """
def initialize_parameters_deep(layer_dims):
    np.random.seed(3)
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L):
        parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters
""",
    "linear_forward": """
def linear_forward(A, W, b):
    Z = np.dot(W, A) + b
    cache = (A, W, b)
    return Z, cache
""",
    "linear_activation_forward": """
def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return A, cache
""",
    "L_model_forward": """
def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        A, cache = linear_activation_forward(A_prev, parameters["W" + str(l)], parameters["b" + str(l)], "relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters["W" + str(L)], parameters["b" + str(L)], "sigmoid")
    caches.append(cache)
    return AL, caches
""",
    "compute_cost": """
def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = -1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    cost = np.squeeze(cost)
    return cost
""",
    "linear_backward": """
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1 / m * np.dot(dZ, A_prev.T)
    db = 1 / m * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db
""",
    "linear_activation_backward": """
def linear_activation_backward(dA, cache, activation):
    linear_cache, activation_cache = cache
    if activation == "relu":
        dZ = relu_backward(dA, activation_cache)
        dA_prev, dW, db = linear_backward(dZ, linear_cache)
    elif activation == "sigmoid":
        dZ = sigmoid_backward(dA, activation_cache)
        dA_prev, dW, db = linear_backward(dZ, linear_cache)
    return dA_prev, dW, db
""",
    "L_model_backward": """
def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    m = AL.shape[1]
    Y = Y.reshape(AL.shape)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    current_cache = caches[L - 1]
    dA, dW, db = linear_activation_backward(dAL, current_cache, "sigmoid")
    grads["dA" + str(L - 1)] = dA
    grads["dW" + str(L)] = dW
    grads["db" + str(L)] = db
    for l in reversed(range(L - 1)):
        current_cache = caches[l]
        dA, dW, db = linear_activation_backward(grads["dA" + str(l + 1)], current_cache, "relu")
        grads["dA" + str(l)] = dA
        grads["dW" + str(l + 1)] = dW
        grads["db" + str(l + 1)] = db
    return grads
""",
    "update_parameters": """
def update_parameters(parameters, grads, learning_rate):
    L = len(parameters) // 2
    for l in range(L):
        parameters["W" + str(l + 1)] = parameters["W" + str(l + 1)] - learning_rate * grads["dW" + str(l + 1)]
        parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - learning_rate * grads["db" + str(l + 1)]
    return parameters
""",
}


@dataclass(frozen=True)
class Mistake:
    """One edit of one function.

    Attributes
    ----------
    kind : str
        What goes wrong, in a few words.
    function, old, new : str
        In this function, `old` becomes `new`.
    causes : tuple of str
        What the referee may call it.
    """

    kind: str
    function: str
    old: str
    new: str
    causes: tuple[str, ...]


def _mistakes(function: str, *rows: tuple[str, str, str, str]) -> list[Mistake]:
    return [Mistake(kind, function, old, new, tuple(causes.split())) for kind, old, new, causes in rows]


MISTAKES: list[Mistake] = [
    *_mistakes(
        "sigmoid",
        ("exponent not negated", "np.exp(-Z)", "np.exp(Z)", "sign"),
        ("one left out", "(1 + np.exp(-Z))", "np.exp(-Z)", "missing-term"),
        ("tanh for sigmoid", "1 / (1 + np.exp(-Z))", "np.tanh(Z)", "wrong-activation"),
        ("minus for plus", "1 + np.exp", "1 - np.exp", "sign"),
    ),
    *_mistakes(
        "relu",
        ("minimum for maximum", "np.maximum", "np.minimum", "wrong-activation relu-mask"),
        ("leaky", "np.maximum(0, Z)", "np.maximum(0.01 * Z, Z)", "wrong-activation relu-mask"),
        ("no rectifying", "np.maximum(0, Z)", "1 * Z", "wrong-activation relu-mask"),
        ("absolute value", "np.maximum(0, Z)", "np.abs(Z)", "wrong-activation relu-mask"),
    ),
    *_mistakes(
        "sigmoid_backward",
        ("no upstream", "dA * s * (1 - s)", "s * (1 - s)", "missing-term"),
        ("Z for s", "dA * s * (1 - s)", "dA * Z * (1 - Z)", "sigmoid-derivative"),
        ("s left out", "dA * s * (1 - s)", "dA * (1 - s)", "sigmoid-derivative missing-term"),
        ("tanh's derivative", "dA * s * (1 - s)", "dA * (1 - s ** 2)", "sigmoid-derivative wrong-activation"),
        ("plus for minus", "(1 - s)", "(1 + s)", "sign sigmoid-derivative"),
        ("sigmoid for its derivative", "dA * s * (1 - s)", "dA * s", "sigmoid-derivative missing-term"),
        ("sigmoid of sigmoid", "np.exp(-Z)", "np.exp(-1 / (1 + np.exp(-Z)))", "sigmoid-derivative"),
    ),
    *_mistakes(
        "relu_backward",
        ("no mask", "    dZ[Z <= 0] = 0\n", "", "relu-mask"),
        ("mask keeps zero", "Z <= 0", "Z < 0", "relu-mask"),
        ("mask inverted", "Z <= 0", "Z > 0", "relu-mask"),
        ("mask from dA", "dZ[Z <= 0]", "dZ[dA <= 0]", "relu-mask"),
        ("mask at one", "Z <= 0", "Z <= 1", "relu-mask"),
        ("mask sets one", "dZ[Z <= 0] = 0", "dZ[Z <= 0] = 1", "relu-mask"),
        ("input changed", "np.array(dA, copy=True)", "dA", "changes-its-input"),
        ("mask alone", "dZ = np.array(dA, copy=True)", "dZ = np.ones(dA.shape)", "missing-term relu-mask"),
    ),
    *_mistakes(
        "initialize_parameters",
        ("zeros", "np.random.randn(n_h, n_x) * 0.01", "np.zeros((n_h, n_x))", "unknown missing-term factor"),
        ("transposed shape", "np.random.randn(n_h, n_x)", "np.random.randn(n_x, n_h)", "transpose shape"),
        ("flat bias", "np.zeros((n_h, 1))", "np.zeros(n_h)", "keepdims shape"),
        ("random bias", "np.zeros((n_y, 1))", "np.random.randn(n_y, 1)", "unknown"),
    ),
    *_mistakes(
        "initialize_parameters_deep",
        (
            "transposed shape",
            "(layer_dims[l], layer_dims[l - 1])",
            "(layer_dims[l - 1], layer_dims[l])",
            "transpose shape",
        ),
        ("last layer forgotten", "range(1, L)", "range(1, L - 1)", "layer-index"),
        ("flat bias", "np.zeros((layer_dims[l], 1))", "np.zeros(layer_dims[l])", "keepdims shape"),
        (
            "bias shape from the layer below",
            "np.zeros((layer_dims[l], 1))",
            "np.zeros((layer_dims[l - 1], 1))",
            "layer-index shape",
        ),
    ),
    *_mistakes(
        "linear_forward",
        ("no bias", "np.dot(W, A) + b", "np.dot(W, A)", "missing-bias"),
        ("bias subtracted", "np.dot(W, A) + b", "np.dot(W, A) - b", "sign"),
        ("W transposed", "np.dot(W, A)", "np.dot(W.T, A)", "transpose"),
        ("operands swapped", "np.dot(W, A)", "np.dot(A, W)", "operand-order"),
        ("elementwise product", "np.dot(W, A)", "W * A", "operand-order"),
        ("bias twice", "+ b", "+ 2 * b", "factor"),
    ),
    *_mistakes(
        "linear_activation_forward",
        (
            "activations swapped",
            'if activation == "sigmoid"',
            'if activation != "sigmoid"',
            "wrong-activation exception",
        ),
        ("relu for sigmoid", "sigmoid(Z)", "relu(Z)", "wrong-activation"),
        ("sigmoid for relu", "relu(Z)", "sigmoid(Z)", "wrong-activation"),
        ("no activation", "A, activation_cache = relu(Z)", "A, activation_cache = Z, Z", "wrong-activation relu-mask"),
        ("A cached for Z", "cache = (linear_cache, activation_cache)", "cache = (linear_cache, A)", "stale-value"),
    ),
    *_mistakes(
        "L_model_forward",
        ("sigmoid in hidden layers", '"relu"', '"sigmoid"', "wrong-activation"),
        ("relu at the output", '"sigmoid"', '"relu"', "wrong-activation"),
        ("first layer skipped", "range(1, L)", "range(2, L)", "layer-index"),
        ("A not carried on", "A_prev = A", "A_prev = X", "layer-index stale-value"),
        ("bias of the next layer", 'parameters["b" + str(l)]', 'parameters["b" + str(l + 1)]', "layer-index"),
        ("weights of the next layer", 'parameters["W" + str(l)]', 'parameters["W" + str(l + 1)]', "layer-index"),
    ),
    *_mistakes(
        "compute_cost",
        ("no 1/m", "-1 / m * np.sum", "-np.sum", "missing-1/m"),
        ("sign", "-1 / m", "1 / m", "sign"),
        ("half the loss", "Y * np.log(AL) + (1 - Y) * np.log(1 - AL)", "Y * np.log(AL)", "missing-term"),
        ("other half", "Y * np.log(AL) + (1 - Y) * np.log(1 - AL)", "(1 - Y) * np.log(1 - AL)", "missing-term"),
        ("minus between", "np.log(AL) + (1", "np.log(AL) - (1", "sign"),
        (
            "labels and predictions swapped",
            "Y * np.log(AL) + (1 - Y) * np.log(1 - AL)",
            "AL * np.log(Y + 1e-8) + (1 - AL) * np.log(1 - Y + 1e-8)",
            "operand-order wrong-cost unknown",
        ),
        (
            "squared error",
            "-1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))",
            "1 / m * np.sum((AL - Y) ** 2)",
            "wrong-cost",
        ),
        ("halved", "-1 / m", "-1 / (2 * m)", "factor"),
        ("log10", "np.log(AL)", "np.log10(AL)", "factor wrong-cost"),
        ("1/m twice", "np.squeeze(cost)", "np.squeeze(cost) / m", "extra-1/m"),
        (
            "bracket closed too late",
            "(1 - Y) * np.log(1 - AL)",
            "(1 - Y * np.log(1 - AL))",
            "missing-term wrong-cost sign operand-order unknown",
        ),
        ("number of rows for m", "m = Y.shape[1]", "m = Y.shape[0]", "missing-1/m factor"),
    ),
    *_mistakes(
        "linear_backward",
        ("no 1/m in dW", "1 / m * np.dot", "np.dot", "missing-1/m"),
        ("no 1/m in db", "1 / m * np.sum", "np.sum", "missing-1/m"),
        ("1/m in dA", "np.dot(W.T, dZ)", "1 / m * np.dot(W.T, dZ)", "extra-1/m"),
        ("1/m twice in dW", "1 / m * np.dot", "1 / m / m * np.dot", "extra-1/m"),
        ("A not transposed", "A_prev.T)", "A_prev)", "transpose"),
        ("W not transposed", "W.T", "W", "transpose"),
        ("dZ and A swapped", "np.dot(dZ, A_prev.T)", "np.dot(A_prev.T, dZ)", "operand-order"),
        ("W and dZ swapped", "np.dot(W.T, dZ)", "np.dot(dZ, W.T)", "operand-order"),
        ("dW transposed", "np.dot(dZ, A_prev.T)", "np.dot(A_prev, dZ.T)", "transpose"),
        ("db over units", "np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ, axis=0, keepdims=True)", "sum-axis"),
        ("db over everything", "np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ)", "sum-axis"),
        ("db flat", "axis=1, keepdims=True", "axis=1", "keepdims"),
        ("db is a mean of a mean", "np.sum(dZ", "np.mean(dZ", "extra-1/m"),
        ("sign of dW", "dW = 1 / m", "dW = -1 / m", "sign"),
        ("sign of db", "db = 1 / m", "db = -1 / m", "sign"),
        ("dW doubled", "dW = 1 / m", "dW = 2 / m", "factor"),
        ("m counts features", "A_prev.shape[1]", "A_prev.shape[0]", "factor missing-1/m unknown"),
        ("db not summed", "np.sum(dZ, axis=1, keepdims=True)", "dZ", "sum-axis missing-term"),
        ("db from W", "np.sum(dZ,", "np.sum(W,", "stale-value"),
    ),
    *_mistakes(
        "linear_activation_backward",
        ("relu's derivative for sigmoid", "sigmoid_backward(", "relu_backward(", "wrong-activation"),
        ("sigmoid's derivative for relu", "relu_backward(", "sigmoid_backward(", "wrong-activation"),
        ("no derivative of relu", "dZ = relu_backward(dA, activation_cache)", "dZ = dA", "relu-mask missing-term"),
        (
            "no derivative of sigmoid",
            "dZ = sigmoid_backward(dA, activation_cache)",
            "dZ = dA",
            "sigmoid-derivative missing-term",
        ),
        (
            "dA for dZ",
            "linear_backward(dZ, linear_cache)",
            "linear_backward(dA, linear_cache)",
            "stale-value relu-mask sigmoid-derivative missing-term",
        ),
        (
            "dZ times dA",
            "dZ = sigmoid_backward(dA, activation_cache)",
            "dZ = dA * sigmoid_backward(dA, activation_cache)",
            "unknown missing-term factor sigmoid-derivative extra-term",
        ),
        ("returns swapped", "return dA_prev, dW, db", "return dA_prev, db, dW", "operand-order shape"),
    ),
    *_mistakes(
        "L_model_backward",
        ("sign of dAL", "dAL = -(", "dAL = (", "sign cost-gradient"),
        ("plus in dAL", "np.divide(Y, AL) - np.divide", "np.divide(Y, AL) + np.divide", "sign cost-gradient"),
        (
            "half of dAL",
            "-(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))",
            "-np.divide(Y, AL)",
            "missing-term cost-gradient",
        ),
        ("AL - Y for dAL", "-(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))", "AL - Y", "cost-gradient"),
        ("1/m in dAL", "dAL = -(", "dAL = -1 / m * (", "extra-1/m cost-gradient"),
        ("caches one off", "current_cache = caches[l]", "current_cache = caches[l + 1]", "layer-index"),
        ("last cache for all", "current_cache = caches[l]", "current_cache = caches[L - 1]", "layer-index stale-value"),
        ("sigmoid in hidden layers", '"relu"', '"sigmoid"', "wrong-activation"),
        ("relu at the output", '"sigmoid"', '"relu"', "wrong-activation"),
        (
            "dA not carried on",
            'linear_activation_backward(grads["dA" + str(l + 1)], current',
            "linear_activation_backward(dAL, current",
            "stale-value layer-index",
        ),
        ("first layer forgotten", "reversed(range(L - 1))", "reversed(range(1, L - 1))", "layer-index missing-term"),
        ("keys one off", 'grads["dW" + str(l + 1)] = dW', 'grads["dW" + str(l)] = dW', "layer-index"),
        ("db stored for dW", 'grads["dW" + str(L)] = dW', 'grads["dW" + str(L)] = db', "stale-value shape"),
        ("forward order", "reversed(range(L - 1))", "range(L - 1)", "layer-index exception"),
        (
            "labels changed",
            "Y = Y.reshape(AL.shape)",
            "Y = 1 - Y.reshape(AL.shape)",
            "cost-gradient sign operand-order",
        ),
    ),
    *_mistakes(
        "update_parameters",
        ("ascent in W", '["W" + str(l + 1)] - learning_rate', '["W" + str(l + 1)] + learning_rate', "sign"),
        ("ascent in b", '["b" + str(l + 1)] - learning_rate', '["b" + str(l + 1)] + learning_rate', "sign"),
        ("no learning rate", '- learning_rate * grads["dW"', '- grads["dW"', "missing-term factor"),
        ("last layer forgotten", "range(L)", "range(L - 1)", "layer-index"),
        ("first layer forgotten", "range(L)", "range(1, L)", "layer-index"),
        (
            "old b kept",
            '    parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - learning_rate * grads["db" + str(l + 1)]\n',
            "    pass\n",
            "missing-term stale-value",
        ),
        ("db subtracted from W", 'grads["dW" + str(l + 1)]', 'grads["db" + str(l + 1)]', "stale-value"),
        (
            "W's update in b",
            'parameters["b" + str(l + 1)] - learning_rate * grads["db"',
            'parameters["b" + str(l + 1)] - 2 * learning_rate * grads["db"',
            "factor",
        ),
        ("gradient alone", 'parameters["W" + str(l + 1)] - learning_rate', "- learning_rate", "missing-term"),
    ),
]


@dataclass(frozen=True)
class Entry:
    """One program of the corpus, with what is known about it."""

    name: str
    sources: dict[str, str]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def roots(self) -> set[str]:
        """The functions that are wrong by themselves."""
        return {mistake.function for mistake in self.mistakes}


def mutated(mistakes: tuple[Mistake, ...]) -> dict[str, str]:
    """The base solution with these mistakes in it."""
    sources = dict(BASE)
    for mistake in mistakes:
        before = sources[mistake.function]
        sources[mistake.function] = before.replace(mistake.old, mistake.new)
        if sources[mistake.function] == before:
            raise ValueError(f"{mistake.kind!r} changes nothing in {mistake.function}")
    return sources


def singles() -> Iterator[Entry]:
    """Every mistake on its own."""
    for mistake in MISTAKES:
        yield Entry(f"{mistake.function}: {mistake.kind}", mutated((mistake,)), (mistake,))


def doubles(every: int = 29) -> Iterator[Entry]:
    """Every so-manieth pair of mistakes in two different functions."""
    pairs = [pair for pair in itertools.combinations(MISTAKES, 2) if pair[0].function != pair[1].function]
    for first, second in pairs[::every]:
        name = f"{first.function}: {first.kind} + {second.function}: {second.kind}"
        yield Entry(name, mutated((first, second)), (first, second))
