"""The referee's sentences in Chinese, and a verdict in a notebook."""

import re

import numpy as np
import pytest

from tinygrad_dnn import Tensor
from tinygrad_dnn.dnn.manual import initialize_parameters_deep
from tinygrad_dnn.referee import check_backward, check_gradients, compare, compare_named
from tinygrad_dnn.referee.verdict import FunctionVerdict, concluded
from tinygrad_dnn.referee.words import CAUSES, CHINESE, WHY, translated, worded


def test_the_sentences_are_there_in_chinese():
    assert CHINESE["causes"].keys() == CAUSES.keys()
    assert CHINESE["why"].keys() == WHY.keys()
    db = FunctionVerdict(
        "linear_backward", "wrong", "db", "sign", "Its sign is flipped. Right: db = x.", right_formula="db = x",
        your_formula="db = -x", found=[1.0], expected=[-1.0], given={"m": 2}, why=WHY["db"],
    )  # fmt: skip
    crash = FunctionVerdict("relu", "crashed", None, "exception", "relu raises ValueError.")
    absent = FunctionVerdict("compute_cost", "missing", message="compute_cost is not defined.")
    right = FunctionVerdict("linear_forward", "right")
    verdict = concluded("a.py", [right, db, crash, absent], [])
    told = verdict.in_language("zh")
    assert told.first_wrong.message == "符号反了。应为 db = x。你写的相当于 db = -x。"
    assert "为什么：b 对每个样本各加一次" in str(told)
    assert "取 m = 2, 你的结果是 db = [1.0]，应为 [-1.0]。" in told._repr_html_()
    assert "relu raises ValueError." in str(told)
    assert told["linear_forward"] == right
    shown = re.sub("<[^>]+>", " ", told._repr_html_())
    assert [word for word in ("函数", "结论", "量", "原因", "正确", "有错", "运行出错", "没有定义") if word not in shown] == []
    assert not english(shown) & {
        "function",
        "verdict",
        "quantity",
        "cause",
        "line",
        "right",
        "wrong",
        "crashed",
        "defined",
    }
    assert told.to_json().keys() == verdict.to_json().keys()
    assert str(verdict.in_language("en")) == str(verdict)
    with pytest.raises(ValueError, match="check: language is 'de'; allowed: en or zh"):
        verdict.in_language("de")


@pytest.mark.parametrize(
    ("message", "chinese"),
    [
        (
            "dW is divided by A.shape[0] where m, the number of examples, is due: 1 / m. Also: db has the wrong sign.",
            "dW 除以了 A.shape[0]，应除以样本数 m。另外：db 符号反了。",
        ),
        ("Its sign is flipped. Also: db whatever.", "符号反了。另外：还有一处有错。"),
        ("It is summed over all units and examples, not for each unit.", "把所有单元和样本全部加起来了"),
        ("It is summed over the units (axis=0), not over the examples.", "对单元（axis=0）求和了"),
        ("It is a mean over the units (axis=0).", "对单元（axis=0）求了平均"),
    ],
)
def test_every_part_of_a_reason_is_in_chinese(message, chinese):
    verdict = FunctionVerdict("linear_backward", "wrong", "dW", "sign", message).in_language("zh")
    assert verdict.message.startswith(chinese)
    assert translated(message, "zh", "sign").startswith(chinese)
    assert "Also" not in verdict.message


def test_a_notebook_shows_what_is_not_defined_in_one_line():
    absent = [FunctionVerdict(name, "missing", message=f"{name} is not defined.") for name in ("relu", "compute_cost")]
    shown = concluded("a.py", [FunctionVerdict("sigmoid", "right"), *absent], [])._repr_html_()
    assert "not defined: relu, compute_cost" in shown
    assert "relu is not defined" not in shown


# --- comparisons


def english(text):
    """Return the words of English in a text, apart from names, formulas and what stands in backticks."""
    names = r"(?<![A-Za-z])(relu|sigmoid|norm|exp|log|NaN|inf|slope|logistic|cost|lambda|Tensor|float|dAL|dZL)(?![a-z])"
    text = re.sub(names, "", re.sub(r"`.*?`|\S+\.py", "", text))
    return set(re.findall(r"[A-Za-z]{3,}", text))


def logistic_cost(w, X, Y):
    A = 1 / (1 + np.exp(-(w @ X)))
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))


def slope(w, X, Y):
    return (1 / (1 + np.exp(-(w @ X))) - Y) @ X.T / X.shape[1]


WRONG = {
    "right": slope,
    "no 1/m": lambda w, X, Y: slope(w, X, Y) * X.shape[1],
    "sign": lambda w, X, Y: -slope(w, X, Y),
    "shape": lambda w, X, Y: slope(w, X, Y).ravel(),
    "nan": lambda w, X, Y: slope(w, X, Y) * np.nan,
    "any": lambda w, X, Y: slope(w, X, Y) + np.array([[0.1, 0.7]]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_comparison_of_any_gradient_is_in_chinese(name):
    rng = np.random.default_rng(0)
    w, X, Y = rng.standard_normal((1, 2)), rng.standard_normal((2, 5)), (rng.random((1, 5)) > 0.5) * 1.0
    found = check_gradients(logistic_cost, WRONG[name], (w,), X, Y, language="zh")
    told = str(found)
    assert english(told) == set()
    assert english(re.sub("<[^>]*>", " ", found._repr_html_())) == set()
    assert ("全部一致" in told) is (name == "right")
    assert check_gradients(logistic_cost, WRONG[name], (w,), X, Y).ok is found.ok


def test_a_comparison_of_a_network_is_in_chinese():
    rng = np.random.default_rng(0)
    parameters = initialize_parameters_deep([2, 3, 1])
    X, Y = rng.standard_normal((2, 5)), (rng.random((1, 5)) > 0.5) * 1.0
    told = str(compare(parameters, X, Y, lambd=0.1, language="zh"))
    assert english(told) == set()
    assert "8 个梯度全部一致" in told
    with pytest.raises(ValueError, match="compare: language is 'fr'"):
        compare(parameters, X, Y, language="fr")


def affine_forward(x, w, b):
    return x.dot(w) + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=1)


def test_pairs_and_intermediates_are_compared_in_chinese():
    inputs = np.ones((2, 3)), np.ones((3, 2)), np.zeros(2)
    pair = check_backward(affine_forward, affine_backward, inputs, language="zh")
    x = Tensor(np.array([1.0, 2.0]), name="x")
    h = np.tanh(x).named("h")
    named = compare_named(np.sum(h * h), {"dh": 2 * h.array, "dx": 2 * h.array}, language="zh")
    for found in (pair, named):
        assert english(str(found)) <= {"affine", "forward", "backward"}
        assert not found.ok
    with pytest.raises(ValueError, match="compare_named: language is 'fr'"):
        compare_named(h * h, {}, language="fr")


NOTES = "convention", "shortcut", "a and h", "kink", "untraced", "no line", "not a number", "guard"


@pytest.mark.parametrize("key", NOTES)
def test_every_note_is_in_chinese(key):
    told = translated(worded(key, tolerance=1e-7, hindrance="x", name="g", J="nan"), "zh")
    assert english(told) - {"nan"} == set()
    assert re.search("[\u4e00-\u9fff]{4}", told)


@pytest.mark.parametrize(
    ("cause", "text", "chinese"),
    [
        ("unknown", "It is wrong: 2, where 7 is right: a path is left out.", "2 不对，应为 7：漏了一条路。"),
        ("factor", "w is a factor or term too many. Right: dv = dz.", "w 是多出来的因子或项。应为 dv = dz。"),
        ("stale-value", "W2 is due where the dot in line 8 stands.", "写着第 8 行的 `dot` 的地方应为 W2。"),
        (
            "missing-path",
            "What comes back from the exp in line 3 to q is left out.",
            "漏了从第 3 行的 `exp` 传回 q 的那一份。",
        ),
        ("factor", "Nothing of the table. Right: dv = dz.", "差一个倍数。应为 dv = dz。"),
    ],
)
def test_a_reason_keeps_what_it_says_of_the_program(cause, text, chinese):
    assert translated(text, "zh", cause) == chinese


def test_a_variable_named_like_an_article_keeps_its_letter():
    found = check_gradients(lambda a, b: a * b, lambda a, b: (b * a, a), (2.0, 3.0))
    assert "da: a is a factor or term too many." in str(found)
