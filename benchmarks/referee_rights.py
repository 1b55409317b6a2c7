"""Right variants: programs that look different, and are not wrong."""

from __future__ import annotations

from collections.abc import Iterator

from .referee_corpus import BASE, Entry

_FUSED = """
def L_model_backward(AL, Y, caches):
    grads, L, m = {}, len(caches), Y.shape[1]
    dZ = AL - Y
    for l in range(L, 0, -1):
        (A_prev, W, b), Z = caches[l - 1]
        if l < L:
            dZ = grads["dA" + str(l)] * (Z > 0)
        grads["dW" + str(l)] = dZ @ A_prev.T / m
        grads["db" + str(l)] = dZ.mean(axis=1, keepdims=True)
        if l > 1:
            grads["dA" + str(l - 1)] = W.T @ dZ
    return grads
"""

_DICT_CACHES = {
    "linear_forward": """
def linear_forward(A, W, b):
    return W @ A + b, {"input": A, "weights": W}
""",
    "linear_activation_forward": """
def linear_activation_forward(A_prev, W, b, activation):
    Z, cache = linear_forward(A_prev, W, b)
    A = sigmoid(Z)[0] if activation == "sigmoid" else relu(Z)[0]
    cache["out"], cache["pre"] = A, Z
    return A, cache
""",
    "linear_backward": """
def linear_backward(dZ, cache):
    A, W = cache["input"], cache["weights"]
    m = A.shape[1]
    return W.T.dot(dZ), dZ.dot(A.T) / m, dZ.sum(axis=1).reshape(-1, 1) / m
""",
    "linear_activation_backward": """
def linear_activation_backward(dA, cache, activation):
    dZ = dA * cache["out"] * (1 - cache["out"]) if activation == "sigmoid" else np.where(cache["pre"] > 0, dA, 0)
    return linear_backward(dZ, cache)
""",
}

_VARIANTS: dict[str, dict[str, str]] = {
    "base": {},
    "fused": {"L_model_backward": _FUSED},
    "dict caches": _DICT_CACHES,
    "mask from A": {
        "relu": "def relu(Z):\n    A = Z * (Z > 0)\n    return A, A\n",
        "relu_backward": "def relu_backward(dA, cache):\n    return np.multiply(dA, np.int64(cache > 0))\n",
    },
    "A cached by sigmoid": {
        "sigmoid": "def sigmoid(Z):\n    A = 0.5 * (1 + np.tanh(Z / 2))\n    return A, A\n",
        "sigmoid_backward": "def sigmoid_backward(dA, cache):\n    return dA * cache * (1 - cache)\n",
    },
    "update in place": {
        "update_parameters": """
def update_parameters(parameters, grads, learning_rate):
    for key in parameters:
        parameters[key] -= learning_rate * grads["d" + key]
    return parameters
""",
    },
    "update of a copy": {
        "update_parameters": """
def update_parameters(params, grads, learning_rate):
    parameters = {key: value.copy() for key, value in params.items()}
    for l in range(len(parameters) // 2):
        parameters[f"W{l + 1}"] -= learning_rate * grads[f"dW{l + 1}"]
        parameters[f"b{l + 1}"] -= learning_rate * grads[f"db{l + 1}"]
    return parameters
""",
    },
    "cost by dot": {
        "compute_cost": """
def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = (-np.dot(Y, np.log(AL).T) - np.dot(1 - Y, np.log(1 - AL).T)) / m
    return cost
""",
    },
    "cost with an epsilon": {
        "compute_cost": """
def compute_cost(AL, Y):
    return float(-np.mean(Y * np.log(AL + 1e-8) + (1 - Y) * np.log(1 - AL + 1e-8)))
""",
    },
    "extra keys": {
        "L_model_backward": BASE["L_model_backward"].replace(
            "    return grads", '    grads["dAL"], grads["m"] = dAL, m\n    return grads'
        ),
    },
    "no dA kept": {
        "L_model_backward": """
def L_model_backward(AL, Y, caches):
    grads, dA = {}, -(Y / AL) + (1 - Y) / (1 - AL)
    for l in range(len(caches), 0, -1):
        activation = "sigmoid" if l == len(caches) else "relu"
        dA, grads["dW%d" % l], grads["db%d" % l] = linear_activation_backward(dA, caches[l - 1], activation)
    return grads
""",
    },
    "harmless change in place": {
        "relu": "def relu(Z):\n    cache = Z.copy()\n    Z[Z < 0] = 0\n    return Z, cache\n",
    },
    "nested helper": {
        "sigmoid": """
def sigmoid(Z):
    def stable(z):
        return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))
    return stable(Z), Z
""",
    },
    "lambda": {
        "relu": "relu = lambda Z: (np.maximum(Z, 0.0), Z)\n",
        "relu_backward": "relu_backward = lambda dA, cache: np.heaviside(cache, 0) * dA\n",
    },
    "by columns": {
        "linear_backward": """
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW, db = np.zeros_like(W), np.zeros_like(b)
    for i in range(m):
        dW += np.outer(dZ[:, i], A_prev[:, i]) / m
        db += dZ[:, [i]] / m
    return np.dot(W.T, dZ), dW, db
""",
    },
    "he initialisation": {
        "initialize_parameters_deep": BASE["initialize_parameters_deep"]
        .replace("* 0.01", "* np.sqrt(2 / layer_dims[l - 1])")
        .replace("(3)", "(1)"),
    },
    "square root initialisation": {
        "initialize_parameters_deep": BASE["initialize_parameters_deep"].replace("* 0.01", "/ np.sqrt(layer_dims[l - 1])"),
    },
    "cost divided last": {
        "compute_cost": """
def compute_cost(AL, Y):
    m = Y.shape[1]
    logprobs = np.multiply(-np.log(AL), Y) + np.multiply(-np.log(1 - AL), 1 - Y)
    return 1.0 / m * np.nansum(logprobs)
""",
    },
}


def rights() -> Iterator[Entry]:
    """Every right variant."""
    for name, edits in _VARIANTS.items():
        yield Entry(f"right: {name}", BASE | edits)
