"""The parts that formulas are made of, each on its own: names, rules, words, MathML, what a reader types."""

import re

import numpy as np
import pytest

from tinygrad_dnn import Tensor, derive
from tinygrad_dnn.core.notation import ADD, Form
from tinygrad_dnn.derive import mathml
from tinygrad_dnn.derive.convention import summed
from tinygrad_dnn.derive.formula import read, shown
from tinygrad_dnn.derive.names import Namer, latex, plain, titles
from tinygrad_dnn.derive.rules import body_of, phrase, rule_of, run_rule
from tinygrad_dnn.derive.wording import Use, Words, fill, worded
from tinygrad_dnn.ops import subtract, tanh
from tinygrad_dnn.ops.arithmetic import add


def test_a_symbol_is_given_out_once_in_each_notation():
    namer = Namer()
    W, again, dW = (namer.symbol(name).python for name in ("W", "W", "dW"))
    assert (W, again, dW) == ("W", "W_2", "dW")
    assert namer.differential(Namer().symbol("W")).python == "dW_2"


def test_a_name_is_on_one_line_and_in_quotes_unless_it_is_a_word():
    names = {"W1": "W1", "W^{[1]}": "W[1]", "a + b": "'a + b'", "two\nlines": r"'two\nlines'"}
    assert {name: plain(name) for name in names} == names


def test_given_names_come_first_then_kinds_in_the_order_of_the_graph():
    a, b = Tensor(1.0, name="a"), Tensor(2.0)
    assert [symbol.title for symbol in titles([np.sin(a * b) + b]).symbols.values()] == ["a", "y", "x", "v1", "v2"]


def test_a_mean_is_a_sum_and_m():
    Z = Tensor([[1.0, 2.0, 3.0]], name="Z")
    total, examples = summed(np.mean(Z**2).named("J"))
    assert (total.item(), total.name, examples) == (14.0, "mJ", (3, -1))
    with pytest.raises(ValueError, match="a mean over m examples"):
        summed(np.sum(Z**2))


def test_a_rule_is_its_source_and_its_statement():
    assert body_of(tanh.vjps[0]) == "y_bar * (1 - y**2)"
    assert body_of(body_of) is None  # more than one expression
    assert rule_of(Tensor(np.ones((2, 3))) @ np.ones((3, 4)), 0).statement == "c = a b gives da = dc b^T"
    assert run_rule(np.tanh(Tensor([1.0, 2.0])), 0, ["x"], "y", "dy", longest=10).flowing.op.name == "multiply"
    assert run_rule(np.tanh(Tensor([1.0, 2.0])), 0, ["x"], "y", "dy", longest=1) is None


def test_a_record_is_written_in_the_names_of_its_leaves():
    x = Tensor([1.0, 2.0], name="x")
    assert phrase(-x * (1 - x**2)) == "-x * (1 - x ** 2)"


@pytest.mark.parametrize(("op", "text"), [(add, "x - y"), (subtract, "x + y")])
def test_a_minus_sign_within_turns_a_sum_around(op, text):
    x, less = Words("x"), Words("-y", ADD, opposite=Words("y"))
    assert worded(Use("text", op, [x, less], [(2,), (2,)], {}, (2,))).text == text


def test_mathml_is_filled_and_fenced_as_tall_as_what_is_within():
    quotient = fill("latex", Form(r"\frac{{{}}}{{{}}}"), [Words("a"), Words("b")])
    assert mathml.read(quotient) == "<mfrac><mi>a</mi><mi>b</mi></mfrac>"
    level, tall = ('<mo fence="true" stretchy="false">', '<mo fence="true">')
    assert mathml.read(r"\left(a\right)") == f"<mrow>{level}(</mo><mi>a</mi>{level})</mo></mrow>"
    within = mathml.read(quotient)
    assert mathml.read(rf"\left({quotient}\right)") == f"<mrow>{tall}(</mo>{within}{tall})</mo></mrow>"


def test_names_in_latex():
    shown_as = {
        "W1": "W_{1}",
        "AL": "AL",
        "theta": r"\theta",
        "θ_2": r"\theta_{2}",
        "J_π": r"\text{J}\_\pi ",
        "loss": r"\mathrm{loss}",
        "50%": r"\text{50}\%",
    }
    shown_as |= {"W^{[1]}": "{W^{[1]}}", "A[2]": "{A^{[2]}}", "x^(3)": "{x^{(3)}}"}
    assert {name: latex(name) for name in shown_as} == shown_as


def test_the_courses_notation_is_read():
    assert shown(read("dW^{[2]} = 1/m dZ^{[2]} A^{[1]T}")[1]) == "1 / m dZ[2] A[1].T"


@pytest.mark.parametrize(
    ("function", "latex"),
    [
        (lambda x: x[0], "{x_{1}}_{0}"),
        (lambda x: np.einsum("ij,jk->ik", x, x), "{x_{1}}_{ij} {x_{1}}_{jk}"),
        (lambda x: np.linalg.inv(x.T), r"\left(x_{1}^T\right)^{-1}"),
    ],
)
def test_a_name_with_a_subscript_takes_another_in_braces(function, latex):
    found = derive(np.sum(function(Tensor(np.eye(2), name="x1"))).named("J")).latex
    assert latex in found
    script = r"(?:\{(?:[^{}]|\{[^{}]*\})*\}|\w)"
    assert not re.search(rf"_{script}(?:\^{script})?_|\^{script}(?:_{script})?\^", found)
