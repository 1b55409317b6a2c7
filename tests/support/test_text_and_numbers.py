"""Texts, numbers and contractions, as they are written for readers."""

import numpy as np
import pytest

from tinygrad_dnn.support.allowed import one_of, whole
from tinygrad_dnn.support.contraction import as_product
from tinygrad_dnn.support.difference import largest_error, tolerance_of
from tinygrad_dnn.support.table import Column, as_text
from tinygrad_dnn.support.text import entities, exact, finite, identifier, missing, padded, printable, short, shortened
from tinygrad_dnn.support.words import said


def test_texts():
    assert entities('a "<b>" & c') == "a &quot;&lt;b&gt;&quot; &amp; c"
    assert entities("<>&'\"\\") == "&lt;&gt;&amp;&#39;&quot;&#92;"
    assert shortened("abcdefghijklmnop", 9) == "abcd…mnop"
    assert printable("ann\x1b[2J\u202e.py\nbob.py") == "ann\\x1b[2J\\u202e.py\nbob.py"
    links = "\x1b]8;;http://x\x1b\\a\x07", "\x9d8;;http://x\x9ca", "\x9b2J\x85\x7f\r\b"  # with the C1 controls, too
    assert not [text for text in links if not printable(text).isprintable()]
    assert [padded(text, 4) + "|" for text in ("dW", "参")] == ["dW  |", "参  |"]
    names = ("W1", "my weight", "1st", "lambda", "", "θ")
    assert [identifier(name) for name in names] == ["W1", "my_weight", "_1st", "lambda_", "x", "θ"]


def test_numbers():
    assert [short(x) for x in (33.0, -0.123456, 1e-5, float("nan"))] == ["33", "-0.1235", "1e-05", "nan"]
    assert [exact(x) for x in (3.0, 0.1, 1e22, float("-inf"))] == ["3", "0.1", "1e+22", "-inf"]
    assert finite({"x": (1.0, float("nan"))}) == {"x": [1.0, "nan"]}
    assert finite(float("-inf"), instead=missing) is None


def test_contractions_become_products_where_that_is_faster():
    product = "np.dot({0}.reshape(240, 20), {1}.transpose(1, 0)).reshape(8, 30, 9)"
    assert as_product("nij,kj->nik", (8, 30, 20), (9, 20)) == product
    assert as_product("ij,ij->i", (300, 200), (300, 200)) is None


def test_tolerances_follow_the_dtype():
    found = tolerance_of(np.float64), tolerance_of(np.float64, lenient=True), tolerance_of(np.float64, np.float32)
    assert found == (1e-07, 1e-05, 0.001)


def test_a_table_has_a_line_for_each_row():
    square = Column[int]("square", lambda n: n * n, "n²", lambda n: str(n * n))
    assert as_text([Column[int]("", heading="n", text=str), square], [3, 12]) == ["n   n²", "3   9", "12  144"]


def test_errors_are_relative_and_values_of_a_kind():
    assert largest_error([1, 4], [1, 5]) == 0.2
    assert said("everywhere", "zh", value=1) == "处处为 1"
    with pytest.raises(ValueError, match="train: epochs is 0; allowed: a whole number, at least 1"):
        whole(at_least=1).read("train", "epochs", 0)
    with pytest.raises(ValueError, match="draw: direction is 'up'; allowed: None or LR or TB"):
        one_of(None, "LR", "TB").read("draw", "direction", "up")
