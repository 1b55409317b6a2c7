"""Every published figure of the course's week 4 is reproduced to half a unit of its last printed place."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tinygrad_dnn.dnn import manual

CASES = json.loads((Path(__file__).parent.parent / "data" / "course_v2.json").read_text())["cases"]
PRINTED_DECIMALS = 8  # of NumPy's arrays, which leave out trailing zeros


def read_printed(text):
    """Return what was printed, as an array, and half a unit of its last place."""
    rows = re.findall(r"\[([^\[\]]+)\]", text)
    if not rows:
        _, _, decimals = text.partition(".")
        return np.array(float(text)), 0.5 * 10.0 ** -len(decimals)
    return np.array([[float(number) for number in row.split()] for row in rows]), 0.5 * 10.0**-PRINTED_DECIMALS


def arrays(inputs):
    return {
        name: np.array(value, dtype=float) if isinstance(value, list) and isinstance(value[0], list) else value
        for name, value in inputs.items()
    }


def layer_outputs(result):
    return dict(zip(("dA_prev", "dW", "db"), result, strict=True))


def L_model_forward(X, **parameters):
    AL, caches = manual.L_model_forward(X, parameters)
    return {"AL": AL, "len_caches": len(caches)}


def linear_activation_backward(dA, A_prev, W, b, Z, activation):
    return layer_outputs(manual.linear_activation_backward(dA, ((A_prev, W, b), Z), activation))


def L_model_backward(AL, Y, A0, W1, b1, Z1, A1, W2, b2, Z2):
    return manual.early_dA_names(manual.L_model_backward(AL, Y, [((A0, W1, b1), Z1), ((A1, W2, b2), Z2)]))


def update_parameters(parameters, grads, learning_rate):
    return manual.update_parameters(arrays(parameters), arrays(grads), learning_rate)


RUN = {
    "initialize_parameters": manual.initialize_parameters,
    "initialize_parameters_deep": manual.initialize_parameters_deep,
    "linear_forward": lambda **inputs: {"Z": manual.linear_forward(**inputs)[0]},
    "linear_activation_forward": lambda **inputs: {"A": manual.linear_activation_forward(**inputs)[0]},
    "L_model_forward": L_model_forward,
    "compute_cost": lambda AL, Y: {"cost": manual.compute_cost(AL, Y)},
    "linear_backward": lambda dZ, A_prev, W, b: layer_outputs(manual.linear_backward(dZ, (A_prev, W, b))),
    "linear_activation_backward": linear_activation_backward,
    "L_model_backward": L_model_backward,
    "update_parameters": update_parameters,
}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_published_figure(case):
    results = RUN[case["function"]](**arrays(case["inputs"]))
    for name, text in case["published"].items():
        printed, half_a_unit = read_printed(text)
        assert np.shape(results[name]) == printed.shape
        assert np.all(np.abs(results[name] - printed) <= half_a_unit), (name, results[name], printed)


def test_every_function_of_week_4_has_a_figure():
    assert {case["function"] for case in CASES} == set(RUN)


def test_the_figures_are_read_as_printed():
    printed, half_a_unit = read_printed("[[ 0.5 -0.25]\n [ 0.   1.  ]]")
    assert printed.tolist() == [[0.5, -0.25], [0.0, 1.0]]
    assert half_a_unit == 5e-9
    assert read_printed("0.41493159961539694")[1] == pytest.approx(5e-18)


def test_the_published_dA1_is_the_derivative_by_the_data():
    case = next(case for case in CASES if case["function"] == "L_model_backward")
    inputs = arrays(case["inputs"])
    caches = [
        ((inputs["A0"], inputs["W1"], inputs["b1"]), inputs["Z1"]),
        ((inputs["A1"], inputs["W2"], inputs["b2"]), inputs["Z2"]),
    ]
    grads = manual.L_model_backward(inputs["AL"], inputs["Y"], caches)
    assert set(grads) == {"dA0", "dA1", "dW1", "db1", "dW2", "db2"}
    assert grads["dA0"].shape == inputs["A0"].shape
    assert grads["dA1"].shape == inputs["A1"].shape
    early = manual.early_dA_names(grads)
    assert early["dA1"] is grads["dA0"]
    assert early["dA2"] is grads["dA1"]
    assert early["dW1"] is grads["dW1"]
    assert "dA0" not in early
