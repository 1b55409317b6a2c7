"""The referee's sentences in Chinese, and a verdict in a notebook."""

import pytest

from tinygrad_dnn.referee.verdict import CHINESE, FunctionVerdict, concluded
from tinygrad_dnn.referee.words import CAUSES, WHY


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
    assert told.to_json().keys() == verdict.to_json().keys()
    assert str(verdict.in_language("en")) == str(verdict)
    with pytest.raises(ValueError, match="check: language is 'de'; allowed: en or zh"):
        verdict.in_language("de")


def test_a_notebook_shows_what_is_not_defined_in_one_line():
    absent = [FunctionVerdict(name, "missing", message=f"{name} is not defined.") for name in ("relu", "compute_cost")]
    shown = concluded("a.py", [FunctionVerdict("sigmoid", "right"), *absent], [])._repr_html_()
    assert "not defined: relu, compute_cost" in shown
    assert "relu is not defined" not in shown
