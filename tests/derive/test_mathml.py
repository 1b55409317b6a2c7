"""MathML: every notation can be read, and what comes out is well formed."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tinygrad_dnn.core.notation import ADD, ATOM, MULTIPLY, Form
from tinygrad_dnn.derive.mathml import fill, symbol
from tinygrad_dnn.derive.names import Symbol
from tinygrad_dnn.derive.wording import number

from ..ops.table import every_row

a, b = ("<mi>a</mi>", ATOM), ("<mi>b</mi>", ATOM)


@every_row
def test_mathml_knows_every_command_of_the_notations(row):
    form = row.op.notation.form("latex", [np.shape(x) for x in row.sample.args], row.sample.params)
    written = fill(form, [(f"<mi>q{i}</mi>", ATOM) for i in range(len(row.sample.args))])
    ET.fromstring(f"<mrow>{written}</mrow>")
    assert "\\" not in written
    for unread in (
        "sqrt",
        "operatorname",
        "left",
        "right",
        "begin",
        "text",
        "odot",
        "cdot",
        "lVert",
        "mathbf",
        "times",
    ):
        assert f">{unread}<" not in written


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (r"\frac{{{}}}{{{}}}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"{}^{{{}}}", "<msup><mi>a</mi><mi>b</mi></msup>"),
        (r"\sum_{{{}}} {}", "<munder><mo>∑</mo><mi>a</mi></munder><mi>b</mi>"),
        (r"\sqrt[3]{{{} + {}}}", "<mroot><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>3</mn></mroot>"),
        (r"{} \odot \text{{two words}} {}", "<mi>a</mi><mo>⊙</mo><mtext>two\u00a0words</mtext><mi>b</mi>"),
        (r"{} {}", '<mi>a</mi><mspace width="0.2em"/><mi>b</mi>'),
        (r"{} \text{{if }} {}", "<mi>a</mi><mtext>if\u00a0</mtext><mi>b</mi>"),
        (r"{}_{{1}}^{{2}} {}", "<msubsup><mi>a</mi><mn>1</mn><mn>2</mn></msubsup><mi>b</mi>"),
        (r"\unheardof {} + {}", "<mi>unheardof</mi><mi>a</mi><mo>+</mo><mi>b</mi>"),
    ],
)
def test_constructions(template, expected):
    assert fill(Form(template), [a, b]) == expected


def test_operands_that_hold_less_tightly_get_parentheses():
    total = ("<mi>a</mi><mo>+</mo><mi>b</mi>", ADD)
    written = fill(Form("{} {}", MULTIPLY, MULTIPLY), [total, a])
    assert written.startswith('<mrow><mo fence="true" stretchy="false">(</mo><mi>a</mi>')


def test_parentheses_grow_with_what_is_tall_and_with_nothing_else():
    call = Form(r"\log\left({}\right)")
    tall = ("<mfrac><mi>a</mi><mi>b</mi></mfrac>", ATOM)
    assert fill(call, [a]).count('stretchy="false"') == 2
    assert "stretchy" not in fill(call, [tall])
    assert "stretchy" not in fill(Form("{}", ATOM, ATOM), [(tall[0], MULTIPLY)])


def test_index_and_exponent_stand_one_above_the_other():
    A1, dZ1 = (symbol(Symbol("", "", latex)) for latex in ("A_{1}", "dZ_{1}"))
    transposed = Form("{}^T", MULTIPLY, ATOM)
    assert fill(transposed, [(A1, ATOM)]) == "<mrow><msubsup><mi>A</mi><mn>1</mn><mi>T</mi></msubsup></mrow>"
    assert "<mi>d</mi><msubsup><mi>Z</mi>" in fill(transposed, [(dZ1, ATOM)])


def test_powers_of_ten():
    assert (
        number("mathml", -2e-8)[0]
        == "<mo>−</mo><mn>2</mn><mo>⋅</mo><msup><mn>10</mn><mrow><mo>−</mo><mn>8</mn></mrow></msup>"
    )
    assert number("mathml", 1e16)[0] == "<msup><mn>10</mn><mn>16</mn></msup>"


def test_negative_numbers():
    assert number("mathml", -2.5)[0] == "<mo>−</mo><mn>2.5</mn>"
