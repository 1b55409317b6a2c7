"""`tinygrad-dnn derive`."""

import json

import numpy as np
import pytest

from tinygrad_dnn.cli.commands import loaded


@pytest.fixture
def run(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as stopped:
            loaded("derive").main(list(arguments))
        captured = capsys.readouterr()
        return stopped.value.code, captured.out + captured.err

    return run


def test_the_course_s_network(run):
    status, output = run("--layers", "2-3-1")
    assert status == 0
    for formula in ("dZ2 = dA2 * A2 * (1 - A2)", "dW2 = dZ2 A1^T", "dA1 = W2^T dZ2", "dZ1 = dA1 * (Z1 > 0)"):
        assert formula in output
    assert "W2   (1, 3)" in output


def test_simplified(run):
    assert "dZ2 = (A2 - Y) / m" in run("--layers", "2-3-1", "--simplify")[1]
    assert "dZ2 = (A2 - Y) / m" in run("--layers", "2-3-4", "--activations", "tanh,sigmoid", "--simplify")[1]


def test_rules_and_numbers_on_demand(run):
    explained = run("--layers", "2-3-1", "--rules", "--numbers")[1]
    assert "rule: c = a b gives da = dc b^T" in explained
    assert "relu([[" in explained
    assert "rule: c = a b" not in run("--layers", "2-3-1", "--numbers")[1]


def test_the_other_notations(run):
    assert run("--layers", "2-3-1", "--latex")[1].startswith(r"\begin{aligned}")
    assert run("--layers", "2-3-1", "--mathml")[1].startswith("<math ")
    program = run("--layers", "2-3-1", "--numpy")[1]
    shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1), "X": (2, 5), "Y": (1, 5)}
    space = {name: np.full(shape, 0.5) for name, shape in shapes.items()}
    exec(program, space)
    assert space["dW1"].shape == (3, 2)


def test_json(run):
    found = json.loads(run("--layers", "2-1", "--json")[1])
    assert found.keys() == {"legend", "steps", "program"}
    [dZ1] = [step for step in found["steps"] if step["target"] == "dZ1"]
    assert dZ1["text"] == "dA1 * A1 * (1 - A1)"
    assert dZ1["shape"] == [1, 5]
    assert dZ1["rules"] == [
        {
            "op": "sigmoid",
            "formula": "a_bar * a * (1.0 - a)",
            "statement": "a = sigmoid(z) gives dz = da * a * (1 - a)",
        }
    ]
    assert dZ1["scope"] == ["layer 1"]


def test_a_program(run, tmp_path):
    path = tmp_path / "program.py"
    path.write_text("from tinygrad_dnn import Tensor\na = Tensor(2.0)\nJ = a * a\n")
    assert "da = dJ * a + dJ * a" in run(str(path))[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either a program or --layers"),
        (["--layers", "2-x"], "units of two or more layers are wanted"),
        (["--layers", "2-1", "--latex", "--json"], "choose one of"),
        (["missing.py"], "there is no program"),
    ],
)
def test_what_cannot_be_carried_out(run, arguments, message):
    status, output = run(*arguments)
    assert status == 2
    assert message in output
