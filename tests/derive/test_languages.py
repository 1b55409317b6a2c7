"""Words around formulas: both languages from one table, and why each rule holds."""

import re
import string

import numpy as np
import pytest

from tinygrad_dnn import Tensor, derive, relu
from tinygrad_dnn.support.text import columns
from tinygrad_dnn.support.words import LANGUAGES, TABLE, said


def holes(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("key", TABLE)
def test_every_key_has_both_languages_with_the_same_names_in_them(key):
    words = TABLE[key]
    assert words.keys() == set(LANGUAGES)
    assert all(words.values())
    assert holes(words["en"]) == holes(words["zh"])
    assert re.search("[\u4e00-\u9fff]", words["zh"])
    assert not re.search("[\u4e00-\u9fff]", words["en"])


def network():
    rng = np.random.default_rng(0)
    W, b = Tensor(rng.standard_normal((3, 2)), name="W"), Tensor(np.zeros((3, 1)), name="b")
    X = Tensor(rng.standard_normal((2, 5)), name="X", requires_grad=False)
    A = relu((W @ X + b).named("Z")).named("A")
    return np.sum(A * A).named("J")


def test_why_a_bias_is_summed_over_the_examples_stands_with_its_rule():
    text = derive(network()).explained()
    assert "why: b is used once for each of the 5 examples, so what comes back from all of them is added up." in text
    assert "row i of d(W X)" in text
    assert "why: J changes exactly as much as itself, so the walk back starts with 1." in text
    assert "A is used 2 times" in text


def test_the_same_in_chinese():
    found = derive(network(), language="zh")
    text = found.explained()
    assert text.startswith("已知\n  W   (3, 2)     对它求导")
    assert "\n前向\n" in text
    assert "\n反向\n" in text
    assert "为什么：b 对 5 个样本各用一次，所以它们传回来的全部要加起来。" in text
    assert "由 c = a b 得 da = dc b^T" in text
    words = re.sub(r"[A-Za-z]+(?=[^\u4e00-\u9fff]*$)", "", text, flags=re.MULTILINE)
    assert not re.search(r"\b(why|rule|gives|given|number|constant|the)\b", words, re.IGNORECASE)
    assert "<mtext>一个数</mtext>" in found._repr_html_()
    assert [str(step) for step in found.steps] == [str(step) for step in derive(network()).steps]


SHAPES = r"(?<=  )(\(\d+, \d+\)|一个数)$"


def test_columns_stand_below_each_other_in_chinese_too():
    X, w, b = (Tensor(np.ones(shape), name=name) for shape, name in (((2, 3), "X"), ((2, 1), "w"), ((), "b")))
    A = (1 / (1 + np.exp(-(w.T @ X + b)))).named("A")
    J = (-np.mean(np.log(A))).named("J")
    text = derive(J, simplify=True, language="zh").text
    assert "代入" in text
    assert "put in" not in text
    for part, marks in zip(text.split("\n\n"), ("对它求导", SHAPES, f"{SHAPES}|代入|约分"), strict=False):
        ends = [columns(line[: found.start()]) for line in part.splitlines() if (found := re.search(marks, line))]
        assert len(ends) > 1
        assert len(set(ends)) == 1


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="derive: language is 'de'; allowed: en or zh"):
        derive(network(), language="de")


def test_a_long_chain_without_names_is_explained_in_the_names_of_the_rule():
    x = Tensor(0.5, name="x")
    y = x
    for _ in range(3000):
        y = np.sin(y)
    assert "why: " in derive(y).explained()


def test_words_take_names():
    assert said("adds up", "zh", x="w", k=3).startswith("w 用了 3 次")


@pytest.mark.parametrize(("language", "word"), [("en", "examples"), ("zh", "样本")])
def test_the_course_sums_over_examples_and_says_which_form_it_is(language, word):
    W, b = Tensor(np.ones((2, 3)), name="W"), Tensor(np.ones((2, 1)), name="b")
    X = np.arange(15.0).reshape(3, 5)
    J = (np.sum(np.sum((W @ X + b).named("Z"), axis=0) ** 2) / 5).named("J")
    course, true = (derive(J, convention=form, language=language) for form in ("course", None))
    assert rf"db &= \frac{{\sum_{{\text{{{word}}}}} dZ}}{{m}}" in course.latex
    assert f"<munder><mo>∑</mo><mtext>{word}</mtext></munder>" in course.mathml
    assert r"\sum_{\text{axis } 0}" in course.latex  # units
    assert r"\sum_{\text{axis } 1}" in true.latex
    assert said("course", language) in course._repr_html_()
    assert true._repr_html_() == true.mathml


def test_the_layers_of_the_course_stand_above():
    W, A = Tensor(np.ones((2, 3)), name="W^{[1]}"), Tensor(np.ones((3, 4)), name="A[0]", requires_grad=False)
    found = derive(np.sum((W @ A).named("Z^{[1]}")).named("J"))
    assert "dW[1] = dZ[1] A[0]^T" in found.text
    assert r"d{W^{[1]}} &= d{Z^{[1]}} {A^{[0]}}^T" in found.latex
    assert "<msup><mi>W</mi><mrow><mo>[</mo><mn>1</mn><mo>]</mo></mrow></msup>" in found.mathml
    assert found.run()["dW_1"].shape == (2, 3)
