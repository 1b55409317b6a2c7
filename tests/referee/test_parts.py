"""Small parts of the referee, each by an example."""

import ast
import json
from types import SimpleNamespace

import numpy as np
import pytest

from tinygrad_dnn.referee import FunctionVerdict, Verdict
from tinygrad_dnn.referee.classroom.pages import _without_common_folder, page_names, tensors
from tinygrad_dnn.referee.classroom.report import as_json, graded, weights_of
from tinygrad_dnn.referee.compare import network_case
from tinygrad_dnn.referee.exercises.results import naming_notes
from tinygrad_dnn.referee.formulas import Line, Program, at_layer, evaluate, hand_formula, shown
from tinygrad_dnn.referee.gradients.arguments import named_alike, named_leaves
from tinygrad_dnn.referee.judge import rounded
from tinygrad_dnn.referee.load import decode, seed_of
from tinygrad_dnn.referee.mistakes import due_for
from tinygrad_dnn.referee.recognise import by_framework, left_open, notes_on, unknown
from tinygrad_dnn.referee.session import respelt, spelling_of
from tinygrad_dnn.referee.symptoms import mismatch
from tinygrad_dnn.referee.verdict import concluded, legible
from tinygrad_dnn.sandbox.child.execution import facts_of, mend


def test_a_seed_follows_from_secret_and_content():
    assert seed_of("a", b"x = 1") == seed_of("a", b"x = 1") != seed_of("b", b"x = 1")


def test_a_file_is_read_in_its_encoding():
    notes: list[str] = []
    assert decode("# Übung".encode("latin-1"), notes) == "# Übung"
    assert notes == ["not UTF-8: read as latin-1"]


def test_a_template_is_seen_to_be_open():
    assert left_open("def f(z):\n    g = 0\n    # YOUR CODE HERE\n    # ====\n    return g") == 2
    filled = "def f(z):\n    ### START CODE HERE ###\n    g = 1\n    ### END CODE HERE ###\n    return g"
    assert left_open(filled) is None


def test_errors_of_a_kind_are_one_note():
    error = {"cell": 3, "line": 1, "error": "NameError: name 'X' is not defined"}
    notes = notes_on([error, error | {"error": "NameError: name 'd' is not defined"}])
    assert notes == ["2 lines (from cell 3, line 1 on) need X, d, which are not here"]


def test_a_file_that_lacks_a_function_is_incomplete():
    functions = [FunctionVerdict("relu", "right"), FunctionVerdict("linear_forward", "missing")]
    assert concluded("a.py", functions, []).verdict == "incomplete"


def test_what_a_terminal_obeys_is_escaped():
    assert legible("ValueError: \x1b[2J\ud800\n  relu  right") == "ValueError: \\x1b[2J\\ud800 relu right"


def test_numbers_are_rounded_for_readers():
    assert rounded(np.array([[1.0, 2 / 3]])) == [[1, 0.6667]]
    assert (rounded(4.0), rounded("relu")) == (4, "relu")


def test_keys_are_spelt_as_the_file_spells_them():
    assert spelling_of({"f": {"texts": ["w1", "b1", "dw"]}, "g": {"texts": ["dA"]}}) == {"W": "w", "dW": "dw"}
    assert respelt([{"W1": 1, "b1": 2, "loss": 3}], {"W": "w"}) == [{"w1": 1, "b1": 2, "loss": 3}]


def test_paths_become_names_of_pages():
    assert _without_common_folder(["class/ann/hw.py", "class/anton/hw.py"]) == ["ann/hw.py", "anton/hw.py"]
    assert _without_common_folder(["a/hw.py"]) == ["hw.py"]
    assert page_names(["a/hw.py", "b/hw.py"]) == {"a/hw.py": "a_hw.py.html", "b/hw.py": "b_hw.py.html"}


def test_points_are_summed():
    assert weights_of("linear_backward=3, L_model_backward=2.5") == {"linear_backward": 3.0, "L_model_backward": 2.5}
    one = Verdict("a.py", "wrong", [FunctionVerdict("relu", "right"), FunctionVerdict("sigmoid", "wrong")])
    assert graded(one, {}).points == 1
    assert graded(one, {"relu": 2, "linear_backward": 3}).max_points == 5


def test_a_wrong_quantity_has_its_place_in_the_graph():
    assert tensors("linear_activation_backward", "dW").name == "A"
    assert tensors("backward_propagation_n", "dZ2").name == "A2"
    assert tensors("compute_cost", "cost").name == "J"


def test_formulas_are_evaluated_and_shown():
    linear = Program((Line("Z", "W @ A + b"),))
    assert evaluate(linear, {"W": np.ones((1, 2)), "A": np.eye(2), "b": 1.0}, 0)["Z"].tolist() == [[2, 2]]
    assert at_layer("dZ_l @ A_p.T", 2, 3) == "dZ2 @ A1.T"
    assert shown("dA_l * mask(Z_l > 0) + bias(b_l)") == "dA[l] * (Z[l] > 0) + b[l]"
    formulas = [hand_formula(quantity, ["relu", "sigmoid"]) for quantity in ("dW2", "dA1", "dZ1")]
    assert formulas == ["1/m dZ2 A1ᵀ", "W2ᵀ dZ2", "dA1 * (Z1 > 0)"]


def test_the_cost_is_a_function_of_an_intermediate():
    case = network_case({"W1": np.array([[2.0]]), "b1": np.array([[0.0]])}, [[1.0]], [[1]], None, None, 0.0)
    J, Z1 = case.cost_of("Z1")
    assert Z1 == 2
    assert J(Z1) == pytest.approx(np.log(1 + np.exp(-2)))


def test_gradients_are_matched_by_name():
    names = named_leaves(lambda biases, weights, X: ..., ([0.0, 1.0], [2.0]))[0]
    assert names == ["biases[0]", "biases[1]", "weights[0]"]
    assert named_alike(["dw", "db", "delta @ W.T"], ["inputs", "weights", "bias"]) == {"weights": 0, "bias": 1}


def test_python_2_and_magics_are_mended_line_by_line():
    mended = mend('%matplotlib inline\nfiles = !ls\nprint "cost", cost')
    assert mended == 'pass\nfiles = None\n_ = "cost", cost'


def test_the_facts_of_a_function():
    facts = facts_of(ast.parse("def f(x):\n    g['dW' + x] = h(x)\n    return g").body[0])
    found = facts["lines"], facts["assigned"], facts["names"], facts["texts"]
    assert found == ([1, 3], {"dW": [[2, 2]]}, ["g", "h", "x"], ["dW"])


def test_a_shape_is_told_by_its_cause():
    assert mismatch(np.zeros(3), np.zeros((3, 1))).cause == "keepdims"
    assert ("p @ q.T", "transpose") in [due[:2] for due in due_for("p @ q")]


def test_time_of_the_judge_is_linear_in_what_a_file_holds() -> None:
    """By the number of looks at lines, not by a clock: each of these took minutes."""
    lines = "    # your code here\n" * 40_000
    assert left_open(f"def f(z):\n{lines}    return 1") == 1
    assert left_open("def f(z):\n    # " + "your " * 400_000 + "\n    return 1") is None
    callers = {f"f{i}": {"names": [f"f{i - 1}"]} for i in range(30_000, 0, -1)}
    session = SimpleNamespace(functions={**callers, "f0": {"names": ["torch"]}}, imports={"torch": "torch"})
    users = by_framework(session)
    assert len(users) == 30_001
    assert {*users.values()} == {"it uses PyTorch"}
    names = {f"x{i}_backward": {} for i in range(60_000)}
    session = SimpleNamespace(functions=names, classes={}, derives=[f"y{i}" for i in range(1000)])
    assert [*unknown(session, [*names][:1000])][-1] == "58950 more"


def test_json_has_no_number_that_is_not_finite() -> None:
    found = [[float("nan"), float("inf")], -float("inf"), 0.5]
    wrong = FunctionVerdict("relu", "wrong", found=found, expected=1.0)
    (entry,) = json.loads(as_json([concluded("a.py", [wrong], [])]), parse_constant=lambda name: 1 / 0)
    assert entry["functions"][0]["found"] == [["NaN", "Infinity"], "-Infinity", 0.5]


def test_keys_of_strange_digits_are_no_layers() -> None:
    gradients = {"dA\u00b2": 1, "dA" + "9" * 5000: 2, "dW1": 3, "dA": 4}
    assert naming_notes([gradients]) == ["dA naming: no dA is returned"]
    assert naming_notes([gradients | {"dA0": 5}]) == []
