"""`Derivation.same`: formulas of readers are proved, refuted with numbers, or known to be equal on draws only."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tinygrad_dnn import Tensor, derive
from tinygrad_dnn.derive import question
from tinygrad_dnn.derive.formula import FormulaError
from tinygrad_dnn.derive.unfolded import Unfolded

from .networks import derivation

FACTS = json.loads((Path(__file__).parents[1] / "data" / "formulas.json").read_text("utf-8"))
shared = cache(derivation)


def ids(facts):
    return [f"{fact['network']}: {fact['formula']}" for fact in facts]


@pytest.mark.parametrize("fact", FACTS["course"], ids=ids(FACTS["course"]))
def test_every_formula_of_the_course_is_proved(fact):
    if "raises" in fact:
        with pytest.raises(FormulaError) as found:
            shared(fact["network"]).same(fact["formula"])
        assert fact["raises"] in str(found.value)
        return
    answer = shared(fact["network"]).same(fact["formula"])
    assert answer.verdict == fact.get("verdict", "yes"), str(answer)
    if not answer:
        return
    assert answer.form == fact.get("form", ""), str(answer)
    assert [given.removeprefix("given: ") for given in answer.conditions] == [fact[k] for k in ("given",) if k in fact]
    assert answer.steps[0].done == "derived"
    assert answer.steps[-1].done.startswith("yours")


@pytest.mark.parametrize("fact", FACTS["errata"], ids=ids(FACTS["errata"]))
def test_every_misprint_is_refuted_or_has_a_condition(fact):
    answer = shared(fact["network"]).same(fact["formula"])
    if "form" in fact:
        assert answer
        assert answer.form == fact["form"]
    else:
        assert answer.verdict == "no", str(answer)
        assert answer.message
    assert {fact["erratum"] for fact in FACTS["errata"]} == set(range(1, 28))


def test_each_formula_of_the_course_has_its_proofs():
    proved = {fact["network"] for fact in FACTS["course"]}
    assert {row["network"] for row in FACTS["table"]} <= proved
    assert {row["week"] for row in FACTS["table"]} == {2, 3, 4}


@pytest.mark.parametrize("row", FACTS["printed"], ids=[row["printed"] for row in FACTS["printed"]])
def test_each_published_misprint_is_refuted_or_its_condition_is_stated(row):
    """Each of the 36 is an erratum above, or a formula that holds or cannot be read, with a reason."""
    assert len(FACTS["printed"]) == 36
    if "erratum" in row:
        assert row["erratum"] in {fact["erratum"] for fact in FACTS["errata"]}
        return
    assert row["reason"]
    if row.get("verdict") == "yes":
        assert shared(row["network"]).same(row["formula"])
    elif "formula" in row:
        with pytest.raises(FormulaError, match="there is no"):
            shared(row["network"]).same(row["formula"])


@pytest.mark.parametrize(
    ("name", "formula", "verdict"),
    [
        ("leaky", "A1 = np.where(Z1 > 0, Z1, 0.01 * Z1)", "yes"),
        ("leaky", "A1 = 0.01 * Z1 + 0.99 * relu(Z1)", "yes"),
        ("leaky", "A1 = np.maximum(Z1, 0.01 * Z1)", "yes"),
        ("leaky", "dZ1 = np.where(Z1 <= 0, 0.01 * dA1, dA1)", "yes"),
        ("linear", "A2 = sigmoid(W2 W1 X + W2 b1 + b2)", "yes"),
        ("deep", "A1 = np.where(2 * Z1 > 0, Z1, 0)", "yes"),
        ("leaky", "A1 = np.maximum(0.1 * Z1, Z1)", "no"),
        ("leaky", "dZ1 = dA1 * np.where(Z1 > 0, 0.01, 1)", "no"),
        ("leaky", "A1 = np.maximum(2 * Z1, Z1)", "no"),
        ("deep", "A1 = (Z1 + np.abs(Z1)) / 2", "equal"),
        ("deep", "A1 = max(0, Z1)", "yes"),
        ("linear", "A2 = sigmoid(W1 W2 X + W2 b1 + b2)", "no"),
        ("momentum", "vnew = beta v + dW", "no"),
        ("adam", "snew = beta2 s + (1-beta2) dW^2", "yes"),
        ("adam", "Wnew = W - alpha vnew / (sqrt(snew) + 1e-8)", "no"),
        ("likelihood", "p = a^y + (1-a)^(1-y)", "no"),
    ],
)
def test_kinks_and_steps_of_learning(name, formula, verdict):
    answer = shared(name).same(formula)
    assert answer.verdict == verdict, str(answer)


# --- what is said


def test_a_proof_is_a_chain_from_the_derived_formula_to_the_readers():
    answer = shared("shallow").same("dZ2 = A2 - Y")
    assert [turn.formula for turn in answer.steps] == [
        "dZ2 = (A2 - Y) / m",
        "= m * A2 * (1 - A2) * ((1 - Y) / (m * (1 - A2)) - Y / (m * A2))",
        "= A2 - Y",
        "= A2 - Y",
    ]
    assert [turn.done for turn in answer.steps] == ["derived", "times m; put in dA2", "collect and cancel", "yours"]


@pytest.mark.parametrize(
    ("name", "formula", "identity"),
    [
        ("deep", "dZ1 = dA1 * (A1 > 0)", "relu(z) > 0 ⇔ z > 0"),
        ("deep", "A2 = (1 + np.tanh(Z2 / 2)) / 2", "(1 + tanh(z / 2)) / 2 = sigmoid(z)"),
        (
            "shallow",
            "A1 = (np.exp(Z1) - np.exp(-Z1)) / (np.exp(Z1) + np.exp(-Z1))",
            "(exp(z) - exp(-z)) / (exp(z) + exp(-z)) = tanh(z)",
        ),
        ("shallow", "dZ1 = dA1 / np.cosh(Z1) ** 2", "tanh(z) = (exp(2 z) - 1) / (exp(2 z) + 1)"),
        ("shallow", "J = -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))", "mean(x) = sum(x) / n"),
        ("shallow", "dW1 = (1/m) * np.dot((W2.T @ (A2 - Y)) * (1 - A1**2), X.T)", "put in dZ1, dA1, dZ2, dA2"),
    ],
)
def test_the_identities_of_the_steps_are_named(name, formula, identity):
    assert identity in "; ".join(turn.done for turn in shared(name).same(formula).steps)


def test_the_numbers_are_a_counterexample():
    found = shared("deep")
    answer = found.same("dZ1 = W2.T @ dZ2 * Z1")
    values = found.run(**answer.numbers)
    hers = values["W2"].T @ values["dZ2"] * 5 * values["Z1"]
    at = tuple(map(int, re.search(r"\[(\d), (\d)\]", answer.message).groups()))
    assert abs(hers[at] - 5 * values["dZ1"][at]) > 1e-6
    assert sum(np.count_nonzero(x) for x in answer.numbers.values()) < 8


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("dZ2 = Y - A2", "yours is minus the derived formula"),
        ("dW2 = m * np.dot(dZ2, A1.T)", "yours is 25 times the derived formula"),
        ("dZ1 = W2.T @ dZ2", "yours is dA1, and the derived formula has A1"),
        ("dZ1 = W2.T @ A2 * (1 - A1**2)", "yours has W2.T @ A2, and the derived formula has dA1"),
        ("dW2 = np.dot(dZ2.T, A1)", "needs equal inner sizes"),
        ("db2 = np.sum(dZ2)/m", "yours has shape"),
        ("db1 = 1/m * np.sum(dZ1, axis=1)", "yours has shape (3,), and db1 has (3, 1)"),
    ],
)
def test_where_they_part(formula, said):
    answer = shared("shallow").same(formula)
    if answer.verdict == "yes":  # a sum of a single row
        assert formula.startswith("db2")
    else:
        assert said in answer.message


def test_equal_on_draws_is_all_that_is_said_where_no_proof_is_known():
    answer = shared("shallow").same("dZ2 = np.sqrt((A2 - Y) ** 2) * np.sign(A2 - Y)")
    assert (answer.verdict, bool(answer)) == ("equal", False)
    assert "equal on 1,000 draws; no proof found" in str(answer)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("first", "dc = 9"),
        ("first", "db = a + 1"),
        ("first", "J = 33"),
        ("one example", "dz = a - 1"),
    ],
)
def test_what_holds_for_the_given_numbers_alone_is_refuted(name, formula):
    """Whole numbers, single ones and labels too are others in other draws."""
    answer = shared(name).same(formula)
    assert answer.verdict == "no", str(answer)
    assert "kink" not in answer.message
    assert answer.message.endswith("where")


def test_a_bias_that_begins_with_zero_is_drawn_too():
    w, b = Tensor(2.0, name="w"), Tensor(0.0, name="b")
    found = derive(((w * 1.5 + b - 1.0) ** 2).named("J"))
    assert found.same("dw = 3 (1.5 w + b - 1)")
    assert found.same("dw = 3 (1.5 w - b - 1)").verdict == found.same("dw = 3 (1.5 w - 1)").verdict == "no"


def test_rounding_refutes_nothing():
    """Where a sigmoid is nearly 1, log(1 - A) has few digits left: more digits show that both are the same."""
    found = derivation("three")
    for formula in (
        "J = np.mean(np.log(1 + np.exp(Z3)) - Y * Z3)",
        "J = np.mean(np.maximum(0, Z3) - Y * Z3 + np.log(1 + np.exp(-np.abs(Z3))))",
    ):
        assert found.same(formula).verdict != "no", str(found.same(formula))
    assert found.same("J = np.mean(np.log(1 + np.exp(Z3)) - Y * Z3) + 1e-6").verdict == "no"


def test_what_depends_on_a_length_of_1_is_said():
    answer = shared("shallow").same("dA1 = W2.T * dZ2")
    assert answer
    assert answer.conditions == ["given: an inner length of 1, for which A @ B = A * B"]
    assert not derivation("softmax").same("dA1 = W2.T * dZ2")


def test_a_formula_that_is_wrong_at_a_kink_alone_is_refuted():
    answer = shared("deep").same("dZ1 = dA1 * (Z1 >= 0)")
    assert answer.verdict == "no"
    assert answer.message.startswith("the two differ only at a kink\ndZ1[")
    Z1 = answer.numbers["W1"] @ answer.numbers["X"] + answer.numbers["b1"]
    assert not Z1.all()
    assert shared("deep").same("A1 = Z1 * A1 / Z1").verdict != "no"  # without a value where the derived one has some


def test_mistakes_are_never_proved():
    """Change one operator or one name of each formula of the course: what the numbers refute is not called the same."""
    names = {"A1": "A2", "A2": "A1", "dZ2": "dA2", "dZ1": "dA1", "W2": "dW2", "X": "A1", "Y": "A2"}
    judged = 0
    for fact in FACTS["course"]:
        if fact["network"] not in ("shallow", "deep"):
            continue
        for old, new in [*names.items(), ("+", "-"), ("*", "/"), ("1", "2")]:
            left, _, right = fact["formula"].partition("=")
            wrong = re.sub(rf"(?<![\w{{^\[]){re.escape(old)}(?![\w\]])", new, right, count=1)
            if wrong == right or "raises" in fact:
                continue
            try:
                answer = shared(fact["network"]).same(f"{left}={wrong}")
            except FormulaError:
                continue
            judged += 1
            if answer:
                values = shared(fact["network"]).run()
                assert answer.steps[-1].formula, (fact, wrong, values)
            assert answer.verdict in ("yes", "no", "equal")
    assert judged > 40


@pytest.mark.parametrize("name", ["shallow", "deep", "softmax"])
@pytest.mark.parametrize("simplify", [False, True])
def test_without_the_name_of_m_and_without_simplification(name, simplify):
    found = derivation(name, simplify=simplify)
    assert found.same("dZ2 = A2 - Y")
    assert found.same("dW1 = 1/m dZ1 X^T").form == "course"


@pytest.mark.parametrize("formula", ["dZ1 = np.abs(dZ1) * np.sign(dZ1)", "dW1 = 1/m np.abs(dZ1) * np.sign(dZ1) @ X.T"])
def test_the_search_for_a_proof_ends_by_a_count_and_not_by_a_clock(formula, monkeypatch):
    written = []
    monkeypatch.setattr(Unfolded, "defined", lambda self, step: written.append(step) or super(Unfolded, self).defined(step))
    found = derivation("shallow")
    counts = []
    for _ in range(2):
        written.clear()
        assert found.same(formula).verdict == "equal"
        counts.append(len(written))
    assert counts[0] == counts[1] < question.PATIENCE + 400
    monkeypatch.setattr(question, "PATIENCE", 0)
    assert found.same("dZ2 = A2 - Y").verdict == "equal"


def test_numbers_that_have_names_keep_them():
    """One that is not m: everything is read by the name that was given, and nothing is numbered anew."""
    Z = (Tensor(np.ones((4, 2)), name="X") @ Tensor(np.eye(2), name="W")).named("Z")
    found = derive((np.sum(Z**2) / 4).named("J"), constants={"N": 4}, simplify=True)
    assert "= Z * 2 / N    [" in str(found.same("dZ = Z * 2 / N"))
    assert "N" in found.text
    assert found.same("J = np.sum(Z * Z) / N")


COURSES = {
    "rows": (
        "dscores = (P - Y) / N; dW = X.T @ (P - Y) / N + reg * W; db = np.mean(P - Y, axis=0);"
        "dW = X.T.dot(dscores) + 2 * reg / 2 * W; P = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True);"
        "P = softmax(scores); L = -np.mean(np.sum(Y * np.log(P), axis=1)) + 0.5 * reg * np.sum(W**2);"
        "db = Σ dscores; db = 1/N Σ (P - Y)",
        "dscores = P - Y / N; dW = X.T.dot(P - Y) / N + 2 * reg * W; db = np.mean(P - Y, axis=1);"
        "dscores = 3 * (P - Y) / N; db = Σ (P - Y) / 3",
    ),
    "hinge": (
        "dz = -y * (y * z < 1) / N; dz = -y * (1 - y * z > 0) / N; dw = X.T @ dz + 0.1 * w;"
        "dw = -X.T @ (y * (t > 0)) / N + 0.1 * w; L = np.mean(np.maximum(0, 1 - y * z)) + 0.05 * np.sum(w**2)",
        "dw = X.T @ dz + 0.05 * w; dz = -y * (y * z > 1) / N",
    ),
    "normalised": (
        "dgamma = np.sum(dout * xhat, axis=0); dbeta = dout.sum(axis=0);"
        "var = np.mean(x**2, axis=1, keepdims=True) - mu**2;"
        "dx = (D * dxhat - np.sum(dxhat, axis=1, keepdims=True) - xhat * np.sum(dxhat * xhat, axis=1, keepdims=True))"
        " / (D * np.sqrt(var + eps)); var = np.var(x, axis=1, keepdims=True)",
        "dx = dxhat / np.sqrt(var + eps); var = np.mean(x**2, axis=1, keepdims=True) - mu",
    ),
    "attention": (
        "dS = A * (dA - np.sum(A * dA, axis=1, keepdims=True)); dQ = dS @ K / np.sqrt(d); dK = dS.T @ Q / np.sqrt(d);"
        "A = np.exp(S - S.max(axis=1, keepdims=True)) / np.exp(S - S.max(axis=1, keepdims=True))"
        ".sum(axis=1, keepdims=True)",
        "dK = dS @ Q / np.sqrt(d); dS = A * (1 - A) * dA; dQ = dS @ K",
    ),
    "dropped": (
        "dZ1 = W2.T @ dZ2 * D1 / keep_prob * (A1 > 0); dA1 = dA1d * D1 / keep_prob",
        "dZ1 = W2.T @ dZ2 * (A1 > 0)",
    ),
}


@pytest.mark.parametrize("name", COURSES)
def test_formulas_of_other_courses_are_proved_or_refuted(name):
    """Data in rows, numbers with names, sums of sums, 1-D arrays, masks of another form, means and variances."""
    right, wrong = COURSES[name]
    for formulas, verdict in ((right, "yes"), (wrong, "no")):
        for formula in formulas.split(";"):
            answer = shared(name).same(formula)
            assert answer.verdict == verdict, str(answer)


# --- reading


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("dZ3 = A2", "there is no dZ3 here; did you mean dZ2"),
        ("dZ2 = A2 - Q", "there is no Q here; known are"),
        ("dZ2 = A2 - y", "there is no y here"),
        ("dZ2 = (A2 - Y", "cannot be read"),
        ("dZ2 - A2", "is no formula"),
        ("= A2", "is no formula"),
        ("A2 - Y = dZ2", "is not the name of a quantity"),
        ("dZ2 = A2 @@ Y", "cannot be read"),
        ("dZ2 = A2 - Y; import os", "cannot be read"),
        ("dZ2 = __import__('os').system('true')", "there is no __import__"),
        ("dZ2 = A2.__class__", "is not understood"),
        ("dZ2 = (lambda: A2)()", "is not understood"),
        ("dZ2 = [A2 for A2 in Y]", "cannot be read"),
        ("dZ2 = [A2, Y]", "is not understood"),
        ("dZ2 = f'{A2}'", "is not understood"),
        ("dZ2 = np.load('x')", "there is no load here"),
        ("dZ2 = np.sum(A2, out=A2)", "out= is not known"),
        ("dZ2 = " + "(" * 280 + "A2" + ")" * 280, "cannot be read"),
        ("dZ2 = " + "A2 + " * 200 + "A2", "at most"),
        ("dZ2 = h'(Z2)", "no activation"),
        ("dZ2 = np.gradient(A2, axis=0)", "there is no function gradient; known are"),
    ],
)
def test_what_cannot_be_read_is_said(formula, said):
    with pytest.raises(FormulaError, match=re.escape(said)):
        shared("shallow").same(formula)


def test_large_numbers_end_early():
    assert "out of range" in shared("shallow").same("dZ2 = 9 ** 9 ** 9 ** 9").message
    assert not shared("shallow").same("dZ2 = A2 ** 10 ** 9")


def test_arrays_without_a_name_are_leaves_too():
    W, b = Tensor(np.ones((2, 3)), name="W"), Tensor(np.zeros((2, 1)), name="b")
    Z = (W @ np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]) + b).named("Z")
    A = np.tanh(Z).named("A")
    J = np.sum(np.array([[1.0, 2.0], [3.0, 5.0]]) * A).named("J")
    assert derive(J).same("db = np.sum(dA * (1 - A**2), axis=1, keepdims=True)").verdict == "yes"
    with pytest.raises(FormulaError, match=r"there is no X here; .*Tensor\(X, requires_grad=False, name='X'\)"):
        derive(J).same("dW = dZ @ X.T")
