"""MathML: every notation can be read, and what comes out is well formed."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tinygrad_dnn.core.notation import ADD, ATOM, MULTIPLY, Form
from tinygrad_dnn.derive.mathml import as_one, read
from tinygrad_dnn.derive.names import latex
from tinygrad_dnn.derive.wording import Words, fill, number

from ..ops.table import every_row

a, b = Words("a"), Words("b")
THIN = '<mspace width="0.2em"/>'


def filled(form, operands):
    return read(fill("latex", form, operands))


@every_row
def test_mathml_knows_every_command_of_the_notations(row):
    form = row.op.notation.form("latex", [np.shape(x) for x in row.sample.args], row.sample.params)
    written = filled(form, [Words(f"q_{{{i}}}") for i in range(len(row.sample.args))])
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
        (r"{} \odot \text{{two words}} {}", f"<mi>a</mi><mo>⊙</mo><mtext>two\u00a0words</mtext>{THIN}<mi>b</mi>"),
        (r"{} {}", f"<mi>a</mi>{THIN}<mi>b</mi>"),
        (r"{} \text{{if }} {}", "<mi>a</mi><mtext>if\u00a0</mtext><mi>b</mi>"),
        (r"{}_{{1}}^{{2}} {}", f"<msubsup><mi>a</mi><mn>1</mn><mn>2</mn></msubsup>{THIN}<mi>b</mi>"),
        (r"\unheardof {} + {}", f"<mi>unheardof</mi>{THIN}<mi>a</mi><mo>+</mo><mi>b</mi>"),
        (r"\theta {} + \lfloor {} \rfloor", f"<mi>θ</mi>{THIN}<mi>a</mi><mo>+</mo><mo>⌊</mo><mi>b</mi><mo>⌋</mo>"),
    ],
)
def test_constructions(template, expected):
    assert filled(Form(template), [a, b]) == expected


def test_operands_that_hold_less_tightly_get_parentheses():
    written = filled(Form("{} {}", MULTIPLY, MULTIPLY), [Words("a + b", ADD), a])
    assert written.startswith('<mrow><mo fence="true" stretchy="false">(</mo><mi>a</mi>')


def test_parentheses_grow_with_what_is_tall_and_with_nothing_else():
    call = Form(r"\log\left({}\right)")
    tall = Words(r"\frac{a}{b}")
    assert filled(call, [a]).count('stretchy="false"') == 2
    assert "stretchy" not in filled(call, [tall])
    assert "stretchy" not in filled(Form("{}", ATOM, ATOM), [tall._replace(binds=MULTIPLY)])


def test_index_and_exponent_stand_one_above_the_other():
    A1, dZ1 = map(Words, ("A_{1}", "dZ_{1}"))
    transposed = Form("{}^T", MULTIPLY, ATOM)
    assert filled(transposed, [A1]) == "<msubsup><mi>A</mi><mn>1</mn><mi>T</mi></msubsup>"
    assert "<mi>d</mi><msubsup><mi>Z</mi>" in filled(transposed, [dZ1])


def test_holes_that_a_page_fills_stay_as_they_are():
    assert read("\\frac{\ue0ff}{\ue001}") == "<mfrac>\ue0ff\ue001</mfrac>"
    assert as_one("\ue000 \ue001^T") == f"<mrow>\ue000{THIN}<msup>\ue001<mi>T</mi></msup></mrow>"


@pytest.mark.parametrize("name", ["my weights", "50%", "a^b~c", "{x}\\text{y}", "a_b_c", "<b>", "$x$"])
def test_names_are_shown_letter_by_letter(name):
    shown = "".join(ET.fromstring(as_one(latex(name))).itertext())
    assert shown.replace("\u00a0", " ") == name


def test_powers_of_ten():
    assert (
        read(number("latex", -2e-8)[0]) == "<mo>−</mo><mn>2</mn><mo>⋅</mo><msup><mn>10</mn><mrow><mo>−</mo><mn>8</mn></mrow></msup>"
    )
    assert read(number("latex", 1e16)[0]) == "<msup><mn>10</mn><mn>16</mn></msup>"


def test_negative_numbers():
    assert read(number("latex", -2.5)[0]) == "<mo>−</mo><mn>2.5</mn>"
