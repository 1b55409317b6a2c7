"""The command draw, and the program that it runs."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from tinygrad_dnn.cli.commands import app
from tinygrad_dnn.cli.program import tensor_of

PROGRAM = """
import numpy as np
from tinygrad_dnn import Tensor
w, b = Tensor([1.0, 2.0], name="weights"), Tensor(0.5)
s = w * 3 + b
total = np.sum(s)
"""


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["draw", *map(str, arguments)])


def test_text_names_tensors_after_their_variables(program):
    result = run(program, "--text")
    assert result.exit_code == 0
    assert [line.split("  ")[0] for line in result.stdout.splitlines()] == [
        *["weights", "b", "v1 = weights * 3", "s = v1 + b", "total = sum(s)"],
    ]


def test_a_file_is_written_and_says_which_line_made_a_node(program):
    result = run(program, "-o", program.with_name("graph.dot"), "--backward", "--theme", "dark")
    assert result.exit_code == 0
    assert "program.py:5" in program.with_name("graph.dot").read_text()


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (None, ["--name", "Z"], "leaves no Tensor in a variable Z; it has w, b, s, total"),
        (None, ["-o", "graph.gif"], "should end with one of .svg"),
        ("x = 1\n\n1 / 0", [], "line 3, failed with ZeroDivisionError: division by zero"),
        ("J = 2.5", [], "leaves J as a plain float; make what it is to be differentiated by Tensors, as W = Tensor(W)"),
        ("x = 1", [], "leaves no scalar Tensor in a variable"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_line(program, change, arguments, message):
    if change:
        program.write_text(change)
    result = run(program, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_missing_program_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no program"):
        tensor_of(tmp_path / "none.py")
