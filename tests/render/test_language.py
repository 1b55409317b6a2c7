"""Pictures and pages in Chinese, and in the course's form: the words from tables that have both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Formatter

import numpy as np
import pytest
from typer.testing import CliRunner

from tinygrad_dnn import Tensor, draw, explore, sigmoid
from tinygrad_dnn.cli.commands import app
from tinygrad_dnn.render.page import html
from tinygrad_dnn.support.words import TABLE

from ..pages import unpacked

FOLDER = Path(html.__file__).parent
TEXTS = json.loads((FOLDER / "texts.json").read_text("utf-8"))
CHINESE = re.compile("[\u4e00-\u9fff]")


def fields(text):
    return sorted(field for _, field, _, _ in Formatter().parse(text) if field is not None)


def asked():
    """The keys that the page's scripts ask for, as far as they stand there literally."""
    for path in sorted(FOLDER.glob("*.js")):
        text = path.read_text("utf-8")
        yield from re.findall(r"\bt\(\s*'([^'\\]+)'", text)
        yield from (key for pair in re.findall(r"\bt\([^()'`]*\? '([^']+)' : '([^']+)'", text) for key in pair)
    script = (FOLDER / "controls.js").read_text("utf-8")
    keys = re.search(r"KEYS = \[(.*?)\n\];", script, re.DOTALL).group(1)
    yield from re.findall(r"\['[^']+', '([^']+)'\]", keys)
    yield from re.findall(r"sign\('\w+', '([^']+)'", script)


def test_every_text_of_the_page_has_both_languages():
    english, chinese = TEXTS["en"], TEXTS["zh"]
    assert english.keys() <= chinese.keys()
    keys = set(asked())
    assert len(keys) > 80
    assert keys <= chinese.keys(), keys - chinese.keys()
    for key, text in chinese.items():
        assert CHINESE.search(text), key
        assert fields(text) == fields(english.get(key, key)), key


def test_every_word_of_pictures_has_both_languages():
    for key, words in TABLE.items():
        assert words.keys() == {"en", "zh"}, key
        assert fields(words["en"]) == fields(words["zh"]), key


def test_a_picture_speaks_chinese(cost_of):
    J = cost_of(2, 3, 1)
    picture = draw(J, backward=True, legend=True, language="zh")
    for words in ("参数, 3 × 2", "数据, 2 × 4", "圆角：参数", "2 条路之和", "沿轴 1 求和", "值 ["):
        assert words in picture.source, words
    assert "标量" in picture.text()
    for words in ("parameter,", "broadcast", "sum of", "scalar", "gradient"):
        assert words not in picture.source
    assert "个结点，画成" in draw(J, depth=0, language="zh").source


def test_badges_and_differences_speak_chinese():
    W = Tensor([[1.0, 2.0]], name="W")
    picture = draw(np.sum(W * W * 1e5).named("J"), against={"dW": np.array([[2e5, 5e5]])}, language="zh")
    assert "⚠ 梯度很大：范数" in picture.source
    assert "✗ dW 不一致：" in picture.source
    assert "这里 4e+05，那边 5e+05" in picture.text() + picture.source


@pytest.mark.parametrize("function", [draw, explore])
def test_other_languages_and_conventions_are_refused(function, first_graph):
    with pytest.raises(ValueError, match=f"{function.__name__}: language is 'de'; allowed: en or zh"):
        function(first_graph, language="de")
    with pytest.raises(ValueError, match=f"{function.__name__}: convention is 'mine'; allowed: None or true or course"):
        function(first_graph, convention="mine")
    with pytest.raises(ValueError, match=f"{function.__name__}: the course's convention is about a cost that is a mean"):
        function(first_graph, convention="course")


# --- the course's form


def logistic(m=5):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((3, m)), (rng.random((1, m)) > 0.5).astype(float)
    W, b = Tensor(rng.standard_normal((1, 3)), name="W"), Tensor([[0.1]], name="b")
    A = sigmoid((W @ X + b).named("Z")).named("A")
    return np.mean(-(Y * np.log(A) + (1 - Y) * np.log(1 - A))).named("J")


def gradients(data):
    return {node["name"]: np.array(node["gradient"]["entries"]) for node in data["nodes"] if node["gradient"]}


def test_the_courses_form_has_the_1_over_m_in_dW_and_db_alone():
    J = logistic()
    true, course = (gradients(draw(J, gradients=True, convention=form).data()) for form in ("true", "course"))
    for name in ("W", "b"):
        np.testing.assert_allclose(course[name], true[name], rtol=1e-12)
    for name in ("Z", "A"):
        np.testing.assert_allclose(course[name], 5 * true[name], rtol=1e-12)


def test_the_graph_of_the_caller_keeps_its_names(cost_of):
    J = cost_of(2, 3, 1)
    before = draw(J).text()
    draw(J, convention="course")
    assert draw(J).text() == before


def test_what_flows_into_a_parameter_adds_up_to_its_gradient():
    w = Tensor(np.array([[0.5, -1.0]]), name="w")
    J = np.mean(w * np.ones((4, 2)) + w**2).named("J")
    data = draw(J, backward=True, convention="course", rules=True).data()
    into = [edge for edge in data["edges"] if edge["source"] == 0]
    total = sum(np.array(edge["contribution"]["entries"]) for edge in into)
    np.testing.assert_allclose(total, gradients(data)["w"], rtol=1e-12)
    assert all(" / " in edge["rule"] for edge in into)
    J.backward()
    np.testing.assert_allclose(total, w.grad, rtol=1e-12)


@pytest.mark.parametrize(("form", "words"), [("course", "This is the course's form"), ("true", "These are the true")])
def test_the_picture_and_the_page_say_which_form_they_show(form, words):
    J = logistic()
    assert words.replace("'", "&#39;") in draw(J, convention=form).source
    page = explore(J, convention=form)
    assert page.data["note"]["en"].startswith(words)
    assert all(("(m = 5)" in note) is (form == "course") for note in page.data["note"].values())
    assert explore(J).data["note"]["en"].startswith("dZ and dA carry the 1/m of J")
    assert draw(J, gradients=True).source.count("dZ and dA carry") == 1
    assert "1/m" not in draw(J).source  # which shows no gradients
    assert not any(explore(np.sum(J.inputs[0]).named("S")).data["note"].values())
    assert ("mJ" in page.data["derivation"][0]["latex"]) is (form == "course")
    assert [("mJ" in found["latex"]) for found in explore(J).data["derivation"]] == [False, True]


def test_the_page_of_the_courses_form_adds_up():
    data = explore(logistic(), convention="course").data
    W = next(i for i, node in enumerate(data["nodes"]) if node["name"]["text"] == "W")
    (pull, *others) = data["pulls"][W]
    total = np.sum([p["entries"] for p in (pull, *others)], axis=0)
    np.testing.assert_allclose(total, np.ravel(data["nodes"][W]["gradient"]["rows"]), rtol=1e-6)
    (use,) = [edge for edge in data["edges"] if edge["source"] == W]
    own, general = (data["formulas"][use["backward"][kind]]["text"] for kind in ("own", "general"))
    assert own.endswith(" / 5")
    assert "5" not in general


# --- the commands


def test_the_commands_take_language_and_convention(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import numpy as np\nfrom tinygrad_dnn import Tensor\nw = Tensor([1.0, 2.0])\nJ = np.mean(w * w)\n")
    drawn = CliRunner().invoke(app, ["draw", str(program), "--text", "--language", "zh", "--convention", "course"])
    assert drawn.exit_code == 0, drawn.output
    assert "标量" in drawn.output
    explored = CliRunner().invoke(app, ["explore", str(program), "--language", "zh", "--convention", "course"])
    assert explored.exit_code == 0, explored.output
    text = program.with_suffix(".html").read_text("utf-8")
    assert '<html lang="zh-Hans"' in text
    assert "一步一步" in text
    assert "这是课程的写法" in unpacked(text)


def spoken_of(page):
    """Return the formulas of the course's form, and the pictures without those of the other."""
    places = [edge["backward"] for edge in page.data["edges"] if "examples" in edge.get("broadcast", {})]
    formulas = [page.data["formulas"][place["course"]][kind] for place in places for kind in ("text", "latex")]
    pictures = "".join(re.sub(r"axis=\d", "", picture["svg"]) for picture in page.data["pictures"])
    return " ".join([*formulas, pictures])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("rows", [False, True])
def test_in_the_courses_form_sums_are_over_the_examples(language, rows):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((5, 3)), (rng.random((5, 1)) > 0.5).astype(float)
    W, b = Tensor(rng.standard_normal((3, 1)), name="W"), Tensor([[0.1]], name="b")
    A = sigmoid((X @ W + b if rows else W.T @ X.T + b).named("Z")).named("A")
    Y = Y if rows else Y.T
    J = np.mean(-(Y * np.log(A) + (1 - Y) * np.log(1 - A))).named("J")
    words = {"en": "over the examples", "zh": "对样本"}[language]
    drawn = draw(J, backward=True, language=language, convention="course").source
    for said in (drawn, spoken_of(explore(J, language=language)).replace("\ue0fd", words)):
        assert words in said
        assert not re.search(r"axis[ =]\d|轴 \d", said)
    assert f"axis={1 - rows}" in draw(J, backward=True, language=language).source


def test_the_layer_of_a_name_stands_above():
    W, b = Tensor(np.ones((2, 3)), name="W^{[1]}"), Tensor(np.ones((2, 1)), name="b^[1]")
    J = np.sum(((W @ np.ones((3, 4))) + b).named("Z^{[1]}")).named("J")
    picture = draw(J, backward=True)
    above = r'{0}<sup><font point-size="\d+">\[1\]</font></sup>'
    assert all(re.search(above.format(name), picture.source) for name in ("dW", "db", " b", ">Z"))
    assert "^{[" not in picture.source
    assert "dZ[1] =" in picture.text()
    page = explore(J)
    names = [node["name"] for node in page.data["nodes"] if "[1]" in node["name"]["text"]]
    assert {name["text"] for name in names} == {"W[1]", "b[1]", "Z[1]"}
    assert {name["latex"] for name in names} == {"{W^{[1]}}", "{b^{[1]}}", "{Z^{[1]}}"}
    assert all("<msup>" in name["mathml"] for name in names)
    assert "<sup" not in page.data["pictures"][0]["svg"]  # in one piece, which scripts replace
    assert ">W[1]<" in page.data["pictures"][0]["svg"]
