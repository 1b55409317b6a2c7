"""Words around formulas: both languages from one table, and why each rule holds."""

import re
import string

import numpy as np
import pytest

from tinygrad_dnn import Tensor, derive, relu, sigmoid
from tinygrad_dnn.support.text import columns, entities
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
    assert entities(said("course", language)) in course._repr_html_()
    assert "axis=1" not in course.text
    assert f"{said('over the examples', language)})" in course.text
    assert said("over the examples", language) not in true.text.rpartition("\n")[0]
    assert entities(said("either", language)) in true._repr_html_()


def test_the_layers_of_the_course_stand_above():
    W, A = Tensor(np.ones((2, 3)), name="W^{[1]}"), Tensor(np.ones((3, 4)), name="A[0]", requires_grad=False)
    found = derive(np.sum((W @ A).named("Z^{[1]}")).named("J"))
    assert "dW[1] = dZ[1] A[0]^T" in found.text
    assert r"d{W^{[1]}} &= d{Z^{[1]}} {A^{[0]}}^T" in found.latex
    assert "<msup><mi>W</mi><mrow><mo>[</mo><mn>1</mn><mo>]</mo></mrow></msup>" in found.mathml
    assert found.run()["dW_1"].shape == (2, 3)


# --- the comparison with a reader's formula

ASKED = {
    "dZ2 = A2 - Y": "对，对所有的值都成立\n  按课程的写法",
    "dZ1 = dA1 * (A1 > 0)": "[你的，dA1 不带 1/m]",
    "dW2 = dZ2 A1": "你的形状是 (3, 5)，而 dW2 的形状是 (1, 3)",
    "dZ2 = Y - A2": "差一个负号",
    "dW2 = 3 dZ2 A1.T / m": "你的是推导所得公式的 3 倍",
    "dZ1 = dA1": "推导所得公式里有 Z1",
    "db2 = dZ2": "你的形状是 (1, 5)",
    "dZ2 = (A2 - Y) * (1 + tanh(Z2) - sinh(Z2) / cosh(Z2))": "对，",
    "dZ1 = dA1 * (Z1 >= 0)": "两者只在折点处不同",
    "dA1 = W2 dZ2": "无法计算：",
    "J = mean(-(Y * log(A2) + (1 - Y) * log(1 - A2)))": "对，",
}
NAMES = (
    r"\b(sum|mean|max|log|exp|relu|sigmoid|tanh|sinh|cosh|not|a product of shapes .* needs equal inner sizes)\b"
    r"|\bnp\.\w+|\bconvention=|\b(course|Tensor|examples|units|axis|keepdims|True|False|where)=?\b(?=[=,()])"
)


@pytest.mark.parametrize("formula", ASKED)
def test_a_comparison_of_formulas_is_in_chinese(formula):
    X, Y = np.random.default_rng(1).standard_normal((2, 5)), np.array([[0.0, 1.0, 0.0, 1.0, 1.0]])
    shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
    p = {k: Tensor(np.random.default_rng(2).standard_normal(s), name=k) for k, s in shapes.items()}
    A1 = relu((p["W1"] @ X + p["b1"]).named("Z1")).named("A1")
    A2 = sigmoid((p["W2"] @ A1 + p["b2"]).named("Z2")).named("A2")
    Y = Tensor(Y, name="Y", requires_grad=False)
    J = (-np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / 5).named("J")
    chinese, english = (derive(J, language=language).same(formula) for language in ("zh", "en"))
    assert ASKED[formula] in str(chinese)
    assert (chinese.verdict, chinese.form) == (english.verdict, english.form)
    assert re.findall(r"[A-Za-z]{3,}", re.sub(NAMES, "", str(chinese))) == []
    assert not re.search("[\u4e00-\u9fff]", str(english))
