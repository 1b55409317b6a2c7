"""Functions that share a name with the course's and belong to something else are not blamed for it."""

HEAD = "import numpy as np\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n"
RECURRENT = (
    HEAD
    + """
def initialize_parameters(n_a, n_x, n_y):
    return {"Wax": np.ones((n_a, n_x)), "Waa": np.ones((n_a, n_a)), "ba": np.zeros((n_a, 1))}
"""
)
WORDS = (
    HEAD
    + """
def forward_propagation(X, parameters):
    a1 = np.tanh(np.dot(parameters["weight1"], X) + parameters["bias1"])
    a2 = sigmoid(np.dot(parameters["weight2"], a1) + parameters["bias2"])
    return a2, {"z1": a1, "a1": a1, "z2": a2, "a2": a2}
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dz2 = cache["a2"] - Y
    dz1 = np.dot(parameters["weight2"].T, dz2) * (1 - cache["a1"] ** 2)
    return {"dweight1": np.dot(dz1, X.T) / m, "dbias1": np.sum(dz1, axis=1, keepdims=True) / m,
            "dweight2": np.dot(dz2, cache["a1"].T) / m, "dbias2": np.sum(dz2, axis=1, keepdims=True) / m}
def update_parameters(parameters, grads, learning_rate=0.1):
    return {key: parameters[key] - learning_rate * grads["d" + key] for key in parameters}
"""
)
ROWS = (
    HEAD
    + """
def forward_propagation(X, parameters):
    cache = {"A0": X.T}
    for l in range(1, len(parameters) // 2 + 1):
        cache[f"A{l}"] = sigmoid(parameters[f"W{l}"] @ cache[f"A{l - 1}"] + parameters[f"b{l}"])
    return cache
def backward_propagation(parameters, cache, X, Y):
    m, L = len(X), len(parameters) // 2
    dA = (cache[f"A{L}"] - Y.T) / (cache[f"A{L}"] * (1 - cache[f"A{L}"]))
    grads = {}
    for l in reversed(range(1, L + 1)):
        dZ = dA * cache[f"A{l}"] * (1 - cache[f"A{l}"])
        grads[f"dW{l}"], grads[f"db{l}"] = dZ @ cache[f"A{l - 1}"].T / m, dZ.sum(axis=1, keepdims=True) / m
        dA = parameters[f"W{l}"].T @ dZ
    return grads
"""
)
DICTS = """
import numpy as np
def relu_forward(x):
    return x * (x > 0)
def relu_backward(x, dout):
    return {"x": dout * (x > 0)}
"""
KINK = "import numpy as np\ndef relu_backward(dout, cache):\n    return dout * (cache >= 0)\n"


def test_parameters_of_another_network(check_text):
    verdict = check_text(RECURRENT)
    assert verdict.verdict == "right"
    assert "Wax, Waa, ba" in verdict.not_judged["initialize_parameters"]


def test_keys_in_whole_words(check_text):
    verdict = check_text(WORDS)
    right = {function.name for function in verdict.functions if function}
    assert {"forward_propagation", "backward_propagation", "update_parameters"} <= right, str(verdict)
    wrong = check_text(WORDS.replace("np.dot(dz1, X.T) / m", "np.dot(dz1, X.T)"))
    assert wrong["backward_propagation"].verdict == "wrong"


def test_a_layout_of_its_own(check_text):
    verdict = check_text(ROWS)
    assert {"forward_propagation", "backward_propagation"} <= {*verdict.not_judged}, str(verdict)
    assert verdict.first_wrong is None


def test_gradients_in_a_dict_are_no_array(check_text):
    verdict = check_text(DICTS)
    assert verdict.verdict == "not judged"
    assert "dict (x)" in verdict.not_judged["relu_backward"]


def test_any_slope_at_the_kink(check_text):
    assert check_text(KINK)["relu_backward"].verdict == "right"
    assert check_text(KINK.replace("dout, cache", "dA, cache").replace("dout *", "dA *"))["relu_backward"].verdict == "wrong"
    assert check_text(KINK.replace(">= 0", "< 0"))["relu_backward"].verdict == "wrong"


TWO_LAYERS = (
    HEAD
    + """
def forward_propagation(X, parameters):
    W1, b1, W2, b2 = parameters["W1"], parameters["b1"], parameters["W2"], parameters["b2"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
def update_parameters(parameters, grads, learning_rate=1.2):
    W1 = parameters["W1"] - learning_rate * grads["dW1"]
    b1 = parameters["b1"] - learning_rate * grads["db1"]
    W2 = parameters["W2"] - learning_rate * grads["dW2"]
    b2 = parameters["b2"] - learning_rate * grads["db2"]
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
"""
)


def test_an_update_of_two_layers_written_out(check_text):
    assert check_text(TWO_LAYERS)["update_parameters"].verdict == "right"
    wrong = check_text(TWO_LAYERS.replace('"W2"] - learning_rate', '"W2"] + learning_rate'))["update_parameters"]
    assert (wrong.verdict, wrong.quantity, wrong.cause) == ("wrong", "W2", "sign")
