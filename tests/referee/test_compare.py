"""Autodiff, the hand-derived formulas and finite differences: that they agree, and that it shows where they do not."""

import csv
import io
import json
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dnn.manual_oracle import cost as oracle
from tests.dnn.manual_oracle import derivative
from tinygrad_dnn.dnn import dropout_masks, manual, tensors
from tinygrad_dnn.referee import compare
from tinygrad_dnn.referee.compare import CONVENTION, SHORTCUT

from ..cases import examples

HIDDEN = ["relu", "leaky_relu", "tanh", "sigmoid"]
module = import_module("tinygrad_dnn.referee.compare")


def network(sizes, m, seed=1, last="sigmoid"):
    rng = np.random.default_rng(seed)
    parameters = manual.initialize_parameters_deep(sizes, scaling="fan_in", seed=seed)
    parameters = {name: p if name[0] == "W" else rng.standard_normal(p.shape) / 4 for name, p in parameters.items()}
    X = rng.standard_normal((sizes[0], m))
    classes = np.arange(m) % max(2, sizes[-1])
    Y = np.eye(sizes[-1])[:, classes] if last == "softmax" else (rng.random((sizes[-1], m)) > 0.5) * 1.0
    return parameters, X, Y


@examples(15)
@given(st.data())
def test_all_ways_agree_on_any_network(data):
    L = data.draw(st.integers(1, 4))
    last = data.draw(st.sampled_from(["sigmoid", "softmax"]))
    sizes = [data.draw(st.integers(1, 4)) for _ in range(L)] + [3 if last == "softmax" else 1]
    activations = [data.draw(st.sampled_from(HIDDEN)) for _ in range(L - 1)] + [last]
    case = network(sizes, data.draw(st.integers(1, 5)), seed=data.draw(st.integers(0, 1000)), last=last)
    masks = dropout_masks(sizes, case[1].shape[1], 0.7, seed=1) if data.draw(st.booleans()) else None
    result = compare(*case, activations, masks=masks, lambd=data.draw(st.sampled_from([0.0, 0.5])))
    assert result.ok, str(result)
    assert [row.quantity for row in result.rows] == [f"d{kind}{l}" for l in range(L, 0, -1) for kind in "AZWb"]
    assert result.largest.hand.relative <= 1e-12
    assert {row.quantity: row.shape for row in result.rows if row.quantity[1] in "Wb"} == {
        f"d{name}": value.shape for name, value in case[0].items()
    }


def test_the_course_s_network_agrees_to_1e_12():
    parameters, X, Y = network([12288, 20, 7, 5, 1], 209)
    result = compare(parameters, X, Y, finite_differences=False)
    assert result.ok
    assert len(result.rows) == 16
    assert result.largest.hand.relative <= 1e-12
    assert result["dW1"].shape == (20, 12288)


def test_large_arrays_are_sampled_and_the_finite_differences_of_the_first_layer_are_right():
    parameters, X, Y = network([300, 20, 1], 11)
    result = compare(parameters, X, Y, lambd=0.3)
    row = result["dW1"]
    assert row.ok
    assert row.autodiff_numerical.entries + row.left_out == 60
    assert row.autodiff_numerical.relative < 1e-7
    assert result["db1"].autodiff_numerical.entries + result["db1"].left_out == 20


@pytest.mark.parametrize("quantity", ["dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"])
def test_a_formula_that_is_wrong_by_a_tenth_of_a_per_mille_is_found(monkeypatch, quantity):
    right = manual.L_model_backward_in_full

    def wrong(*args, **kwargs):
        grads = right(*args, **kwargs)
        return {**grads, quantity: grads[quantity] * 1.0001}

    monkeypatch.setattr(module.manual, "L_model_backward_in_full", wrong)
    result = compare(*network([3, 4, 1], 6), ["tanh", "sigmoid"])
    assert [row.quantity for row in result.rows if not row.ok] == [quantity]
    row = result[quantity]
    assert row.verdict == "differs"
    assert row.hand.relative == pytest.approx(5e-5, rel=1e-3)
    assert row.autodiff_numerical.relative < 1e-7 < 1e-5 < row.hand_numerical.relative
    assert f"1 of 8 gradients do not agree: {row.title} differs." in str(result)


def test_one_wrong_entry_of_a_large_matrix_is_found_located_and_differenced(monkeypatch):
    right = manual.L_model_backward_in_full

    def wrong(*args, **kwargs):
        grads = right(*args, **kwargs)
        grads["dW1"][7, 123] += 1e-3
        return grads

    monkeypatch.setattr(module.manual, "L_model_backward_in_full", wrong)
    row = compare(*network([300, 20, 1], 11))["dW1"]
    assert (row.verdict, row.hand.index, row.hand_numerical.index) == ("differs", (7, 123), (7, 123))
    assert row.hand.absolute == pytest.approx(1e-3)


def test_a_missing_1_over_m_is_found(monkeypatch):
    right = manual.L_model_backward_in_full
    monkeypatch.setattr(
        module.manual,
        "L_model_backward_in_full",
        lambda AL, Y, *args, **kw: {name: g * Y.shape[1] if name == "db1" else g for name, g in right(AL, Y, *args, **kw).items()},
    )
    result = compare(*network([3, 4, 1], 6), finite_differences=False)
    assert [row.quantity for row in result.rows if not row.ok] == ["db1"]


def test_finite_differences_overrule_an_autodiff_that_is_wrong(monkeypatch):
    right = module.gradients
    monkeypatch.setattr(
        module,
        "gradients",
        lambda J, xs: [g * 1.001 if x.name == "W2" else g for x, g in zip(xs, right(J, xs), strict=True)],
    )
    result = compare(*network([3, 4, 1], 6))
    assert {row.quantity: row.verdict for row in result.rows if not row.ok} == {"dW2": "autodiff differs"}


def test_the_derivatives_of_a_cost_are_those_of_an_outside_judge():
    parameters, X, Y = network([3, 4, 2], 5)
    activations = ["tanh", "sigmoid"]
    by_autodiff = module._by_autodiff(module.network_case(parameters, X, Y, activations, None, 0.4))[1]
    for name, value in parameters.items():
        judge = derivative(lambda v, n=name: oracle({**parameters, n: v}, X, Y, activations, lambd=0.4), value)
        np.testing.assert_allclose(by_autodiff[f"d{name}"], judge, rtol=1e-10)
    for name, shape in {"Z1": (4, 5), "A1": (4, 5), "Z2": (2, 5), "A2": (2, 5)}.items():
        judge = derivative(lambda v, n=name: oracle(parameters, X, Y, activations, lambd=0.4, nudges={n: v}), np.zeros(shape))
        np.testing.assert_allclose(by_autodiff[f"d{name}"], judge, rtol=1e-10)


def test_dZ_and_dA_are_compared_over_m_and_the_convention_is_stated():
    result = compare(*network([3, 4, 1], 6), finite_differences=False)
    assert {row.quantity: row.title for row in result.rows if row.over_m} == {
        name: f"{name} / m" for name in ("dA2", "dZ2", "dA1", "dZ1")
    }
    assert result.notes == [CONVENTION]
    assert "1/m" in str(result)


def test_formulas_are_those_of_the_network():
    parameters, X, Y = network([3, 4, 3], 6, last="softmax")
    masks = dropout_masks([3, 4, 3], 6, 0.5, seed=1)
    result = compare(parameters, X, Y, ["leaky_relu", "softmax"], masks=masks, lambd=0.1, finite_differences=False)
    assert {row.quantity: row.formula for row in result.rows} == {
        "dA2": "-Y / A2",
        "dZ2": "A2 * (dA2 - Σ over classes of dA2 * A2)",
        "dW2": "1/m dZ2 (A1 * D1)ᵀ + λ/m W2",
        "db2": "1/m Σ over examples of dZ2",
        "dA1": "W2ᵀ dZ2 * D1",
        "dZ1": "dA1 * (1 where Z1 > 0, else 0.01)",
        "dW1": "1/m dZ1 Xᵀ + λ/m W1",
        "db1": "1/m Σ over examples of dZ1",
    }


@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_saturated_network_is_compared_from_Z_on(last, dtype):
    parameters, X, Y = network([3, 4, 3], 6, last=last)
    parameters = {name: (p * 3000).astype(dtype) for name, p in parameters.items()}
    result = compare(parameters, X, Y, ["tanh", last], lambd=0.3)
    assert result.ok, str(result)
    assert SHORTCUT in result.notes
    assert result.rows[0].quantity == "dZ2"
    assert result.rows[0].formula == "A2 - Y"


def test_an_AL_of_1_alone_is_saturation_too_and_dropout_goes_with_it():
    parameters, X, Y = network([3, 4, 1], 6)
    parameters["b2"][:] = 60
    masks = dropout_masks([3, 4, 1], 6, 0.5, seed=2)
    result = compare(parameters, X, Y, ["tanh", "sigmoid"], masks=masks)
    assert result.ok, str(result)
    assert SHORTCUT in result.notes


def test_float32_is_compared_in_float32():
    parameters, X, Y = network([3, 4, 1], 6)
    result = compare({name: p.astype(np.float32) for name, p in parameters.items()}, X, Y, ["tanh", "sigmoid"])
    assert result.ok, str(result)
    assert "float32" in result.title
    assert 0 < result.largest.hand.relative < 1e-5
    assert result.rows[0].tolerance == 1e-3
    for row in result.rows:  # the differences are taken in float64 all the same
        assert row.left_out == 0
        assert row.autodiff_numerical.relative < 1e-5


def test_dead_units_and_kinks_are_no_false_alarm():
    parameters, X, Y = network([3, 4, 1], 6)
    parameters["b1"][:] = [[-100.0], [0.0], [0.0], [0.3]]
    parameters["W1"][1] = 0
    result = compare(parameters, X, Y)
    assert result.ok, str(result)
    assert result["db1"].left_out == 1


def test_tensors_as_parameters_are_taken_as_they_are():
    parameters, X, Y = network([3, 4, 1], 6)
    leaves = tensors(parameters)
    assert compare(leaves, X, Y, finite_differences=False).ok
    assert leaves["W1"].grad is None


def test_nothing_is_changed():
    parameters, X, Y = network([3, 4, 1], 6)
    before = {name: p.copy() for name, p in parameters.items()}
    compare(parameters, X, Y)
    assert all(np.array_equal(p, before[name]) and p.flags.writeable for name, p in parameters.items())


def test_the_tolerance_can_be_set():
    result = compare(*network([3, 4, 1], 6), finite_differences=False, tolerance=1e-300)
    assert not result.ok


def test_what_does_not_fit_is_explained():
    parameters, X, Y = network([3, 4, 1], 6)
    with pytest.raises(ValueError, match=r"compare: X \(6, 3\) does not fit W1 \(4, 3\)"):
        compare(parameters, X.T, Y)
    with pytest.raises(ValueError, match=r"compare: parameters has the keys \['W1', 'W2', 'b2'\]"):
        compare({name: p for name, p in parameters.items() if name != "b1"}, X, Y)
    with pytest.raises(ValueError, match="parameters is a list, and must be a dict"):
        compare(list(parameters.values()), X, Y)
    with pytest.raises(ValueError, match=r"compare: Y\[0, 0\] is 2.0, and labels are 0 or 1.*np.eye"):
        compare(parameters, X, Y * 0 + 2)
    with pytest.raises(ValueError, match=r"compare: Y\[0, 0\] is nan, and labels are 0 or 1"):
        compare(parameters, X, Y * np.nan)
    with pytest.raises(ValueError, match=r"compare: Y \(1, 5\) does not fit AL \(1, 6\)"):
        compare(parameters, X, Y[:, :5])
    with pytest.raises(ValueError, match=r"compare: b2\[0, 0\] is inf, and there is no gradient to compare"):
        compare({**parameters, "b2": np.array([[np.inf]])}, X, Y)
    with pytest.raises(ValueError, match="there is no activation 'rely'"):
        compare(parameters, X, Y, ["rely", "sigmoid"])


def test_json_has_plain_values_only():
    result = compare(*network([3, 4, 1], 6))
    data = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert data["ok"] is True
    assert data["cost"] == result.cost
    row = data["rows"][2]
    assert (row["quantity"], row["shape"], row["verdict"], row["over_m"]) == ("dW2", [1, 4], "agrees", False)
    assert row["hand"]["relative"] == result["dW2"].hand.relative
    assert row["autodiff_numerical"]["entries"] == 4
    assert data["notes"] == [CONVENTION]


def test_csv_has_a_line_for_each_row(tmp_path):
    result = compare(*network([3, 4, 1], 6), finite_differences=False)
    text = result.to_csv(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text(encoding="utf-8") == text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["quantity"] for row in rows] == [row.quantity for row in result.rows]
    assert rows[2]["shape"] == "1 4"
    assert float(rows[2]["relative"]) == result["dW2"].hand.relative
    assert rows[2]["autodiff_numerical"] == ""
    assert rows[0]["formula"] == "-(Y / A2 - (1 - Y) / (1 - A2))"


def test_the_text_is_a_table_of_at_most_120_columns():
    text = str(compare(*network([3, 4, 1], 6)))
    lines = text.splitlines()
    assert lines[0].startswith("Network 3-4-1 (relu, sigmoid), m = 6, float64; J = ")
    assert lines[2].split()[:3] == ["quantity", "shape", "max"]
    assert [line.split()[0] for line in lines[3:11]] == ["dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"]
    assert "All 8 gradients agree; largest relative difference" in text
    assert max(map(len, lines)) <= 120


def test_a_notebook_gets_a_table():
    html = compare(*network([3, 4, 1], 6), finite_differences=False)._repr_html_()
    assert html.count("<tr>") == 9
    assert "dA2 / m" in html
    assert "✓ agrees" in html
    assert "rel a-n" not in html


def test_an_unknown_quantity_is_refused():
    with pytest.raises(KeyError, match=r"'dW9' was not compared; compared were: dA2, dZ2"):
        compare(*network([3, 4, 1], 6), finite_differences=False)["dW9"]
