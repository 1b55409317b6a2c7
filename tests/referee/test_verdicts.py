"""Verdicts on programs: right variants, mistakes, missing functions, other exercises."""

from __future__ import annotations

import itertools

import pytest

from benchmarks.referee_corpus import BASE, Entry, singles
from benchmarks.referee_rights import rights
from benchmarks.referee_styles import STYLES, imported, plain, single_precision

from .conftest import CheckText
from .programs import LOGISTIC, REGULARISED, SHALLOW, SOFTMAX, THREE_LAYERS

ROTATED = list(zip(singles(), itertools.cycle(STYLES), strict=False))


@pytest.mark.parametrize("entry", list(rights()), ids=lambda entry: entry.name)
@pytest.mark.parametrize("style", ["plain", pytest.param("einsum", marks=pytest.mark.slow)])
def test_right_variants_are_right(check_text: CheckText, entry: Entry, style: str) -> None:
    verdict = check_text(STYLES[style](entry.sources))
    assert verdict.verdict == "right", str(verdict)


@pytest.mark.parametrize("spell", [imported, single_precision])
def test_imported_helpers_and_single_precision_are_right(check_text: CheckText, spell: object) -> None:
    verdict = check_text(spell(BASE))  # type: ignore[operator]
    assert verdict.verdict == "right", str(verdict)


def test_an_error_of_an_imported_helper_reads_like_one_of_the_file(check_text: CheckText) -> None:
    wrong = BASE["linear_activation_backward"].replace("relu_backward(dA, ", "relu_backward(dA[:1], ")
    assert wrong != BASE["linear_activation_backward"]
    message = check_text(imported(BASE | {"linear_activation_backward": wrong}))["linear_activation_backward"].message
    assert "right inputs: ValueError: relu_backward: dA (1, " in message
    assert message.endswith("is the mistake.")


def test_scipy_can_be_imported(check_text: CheckText) -> None:
    pytest.importorskip("scipy")
    verdict = check_text("import scipy.io, scipy.optimize\nfrom scipy.special import expit\n" + plain(BASE))
    assert (verdict.verdict, verdict.notes) == ("right", [])


@pytest.mark.parametrize(
    ("entry", "style"),
    [
        pytest.param(entry, style, id=entry.name, marks=[pytest.mark.slow] * (number % 2))
        for number, (entry, style) in enumerate(ROTATED[::2])
    ],
)
def test_mistakes_are_named(check_text: CheckText, entry: Entry, style: str) -> None:
    verdict = check_text(STYLES[style](entry.sources), "a.ipynb" if style == "notebook" else "a.py")
    root = verdict.first_wrong
    assert root is not None
    assert {root.name} == entry.roots
    assert root.cause in entry.mistakes[0].causes, root.message
    assert root.message.endswith(".")


def test_a_function_that_passes_an_error_on_is_right(check_text: CheckText) -> None:
    wrong = BASE | {"linear_forward": BASE["linear_forward"].replace("+ b", "- b")}
    verdict = check_text(plain(wrong))
    assert [f.name for f in verdict.functions if f.verdict != "right"] == ["linear_forward"]
    assert not verdict
    assert not verdict["linear_forward"]
    assert verdict["linear_backward"]


def test_two_mistakes_are_both_found(check_text: CheckText) -> None:
    wrong = BASE | {
        "relu": BASE["relu"].replace("maximum", "minimum"),
        "L_model_backward": BASE["L_model_backward"].replace("dAL = -(", "dAL = ("),
    }
    verdict = check_text(plain(wrong))
    assert {f.name for f in verdict.functions if f.verdict == "wrong"} == {"relu", "L_model_backward"}
    assert verdict.first_wrong == verdict["relu"]


def test_where(check_text: CheckText) -> None:
    verdict = check_text(
        "import numpy as np\n\ndef linear_backward(dZ, cache):\n    A_prev, W, b = cache\n    m = A_prev.shape[1]\n"
        "    dW = np.dot(dZ, A_prev.T) / m\n    db = np.sum(dZ, axis=1, keepdims=True)\n"
        "    return np.dot(W.T, dZ), dW, db\n"
    )
    root = verdict.first_wrong
    assert root is not None
    assert (root.name, root.quantity, root.cause, root.line, root.cell) == (
        "linear_backward",
        "db",
        "missing-1/m",
        7,
        None,
    )
    assert root.right_formula == "db = 1/m * sum(dZ, axis=1, keepdims=True)"
    assert root.your_formula == "db = sum(dZ, axis=1, keepdims=True)"
    assert root.max_error == pytest.approx(6.0)
    assert {f.name for f in verdict.functions if f.verdict == "missing"} >= {"linear_forward", "compute_cost"}


@pytest.mark.parametrize("name", [n for n in BASE if n not in ("sigmoid", "relu", "sigmoid_backward", "relu_backward")])
def test_without_one_function_a_submission_is_incomplete(check_text: CheckText, name: str) -> None:
    verdict = check_text(plain({key: text for key, text in BASE.items() if key != name}))
    expected = "right" if name.startswith("initialize") else "incomplete"
    assert verdict.verdict == expected, str(verdict)


def test_what_is_still_to_be_written_is_missing(check_text: CheckText) -> None:
    for body in ("pass", '"""Compute the cost."""', "raise NotImplementedError", "raise NotImplementedError()"):
        verdict = check_text(plain(BASE | {"compute_cost": f"def compute_cost(AL, Y):\n    {body}\n"}))
        assert (verdict.verdict, verdict["compute_cost"].verdict) == ("incomplete", "missing")


def test_the_dA_naming_is_noted(check_text: CheckText) -> None:
    assert check_text(STYLES["shifted"](BASE)).notes == ["dA naming: shifted by one layer"]
    assert check_text(plain(BASE)).notes == []


@pytest.mark.parametrize("program", [LOGISTIC, SHALLOW, THREE_LAYERS, REGULARISED, SOFTMAX])
def test_the_other_exercises_are_known(check_text: CheckText, program: str) -> None:
    verdict = check_text(program)
    assert verdict.verdict == "right", str(verdict)
    assert len(verdict.functions) >= 2


@pytest.mark.parametrize(
    ("program", "right", "wrong", "function", "quantity", "cause"),
    [
        (LOGISTIC, "1 / m * np.sum(dZ)", "np.sum(dZ)", "propagate", "db", "missing-1/m"),
        (LOGISTIC, "-1 / m * np.sum", "1 / m * np.sum", "propagate", "cost", "sign"),
        (SHALLOW, "np.tanh(Z1)", "np.maximum(0, Z1)", "forward_propagation", "A2", "wrong-activation"),
        (SHALLOW, "(1 - np.power(A1, 2))", "A1 * (1 - A1)", "backward_propagation", "dW1", "wrong-activation"),
        (SHALLOW, "- learning_rate", "+ learning_rate", "update_parameters", "W1", "sign"),
        (THREE_LAYERS, "dtheta = x", "dtheta = theta", "backward_propagation", "dtheta", "stale-value"),
        (THREE_LAYERS, "np.int64(A2 > 0)", "np.int64(A2 >= 0)", "backward_propagation_n", "dZ2", "relu-mask"),
        (THREE_LAYERS, "db1 = 1.0 / m", "db1 = 4.0 / m", "backward_propagation_n", "db1", "factor"),
        (THREE_LAYERS, "1.0 / m * np.sum(np.mul", "np.sum(np.mul", "forward_propagation_n", "cost", "missing-1/m"),
        (REGULARISED, "+ lambd / m * W", "", "backward_propagation_with_regularization", "dW3", "missing-term"),
        (REGULARISED, "lambd / (2 * m)", "lambd / m", "compute_cost_with_regularization", "cost", "factor"),
        (SOFTMAX, "np.sum(e, axis=0", "np.sum(e, axis=1", "softmax", "A", "sum-axis"),
        (SOFTMAX, "return A - Y", "return Y - A", "softmax_cross_entropy_backward", "dZ", "sign"),
    ],
)
def test_mistakes_in_the_other_exercises(
    check_text: CheckText, program: str, right: str, wrong: str, function: str, quantity: str, cause: str
) -> None:
    assert right in program
    root = check_text(program.replace(right, wrong)).first_wrong
    assert root is not None
    assert (root.name, root.quantity, root.cause) == (function, quantity, cause), root.message


IN_PLACE = """
import numpy as np
def relu_backward(dA, cache):
    dZ = np.array(dA, copy=True)
    dZ[cache > 0] = 0
    return dZ
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    dW = np.zeros(W.shape)
    for i in range(len(W)):
        dW[i, :] = A_prev @ dZ[i]
    return W.T @ dZ, dW, np.sum(dZ, axis=1, keepdims=True) / A_prev.shape[1]
"""


def test_the_line_is_that_of_the_write_not_of_the_array_that_is_written_to(check_text: CheckText) -> None:
    verdict = check_text(IN_PLACE)
    assert [verdict[name].line for name in ("relu_backward", "linear_backward")] == [5, 11], str(verdict)


@pytest.mark.parametrize("name", ["dA", "my_dA", "dA_in"])
def test_what_the_course_calls_wrong_at_a_kink_is_wrong_whatever_the_argument_is_called(check_text: CheckText, name: str) -> None:
    text = f"import numpy as np\ndef relu_backward({name}, cache):\n    return {name} * (cache >= 0)\n"
    assert check_text(text)["relu_backward"].cause == "relu-mask"


def test_the_message_speaks_of_a_case_that_failed(check_text: CheckText) -> None:
    """sigmoid_backward(dAL) in every layer: dW2 is right in the network of two layers, and wrong in deeper ones."""
    right = 'linear_activation_backward(grads["dA" + str(l + 1)], current_cache, "relu")'
    wrong = BASE["L_model_backward"].replace(right, 'linear_activation_backward(dAL, current_cache, "sigmoid")')
    root = check_text(plain(BASE | {"L_model_backward": wrong})).first_wrong
    assert root is not None
    assert (root.quantity, root.cause) == ("dW2", "unknown")
    assert "yours divided by the right one lies between" in root.message
