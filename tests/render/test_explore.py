"""The page as a file: what is in it, that it is whole, safe and the same in every run. No browser is needed here."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from html import unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import tinygrad_dnn
from tinygrad_dnn import Tensor, explore, no_grad, scope
from tinygrad_dnn.cli.commands import app
from tinygrad_dnn.render import layout
from tinygrad_dnn.render.page import html

from ..ops.table import every_differentiable_op
from ..pages import unpacked

PROGRAM = """
import numpy as np
from tinygrad_dnn import Tensor, explore, scope
W, b = Tensor(np.arange(6.0).reshape(2, 3), name="W"), Tensor(np.ones((2, 1)), name="b")
with scope("layer"):
    A = np.tanh(W @ np.ones((3, 50)) + b)
print(explore(np.sum(A * A).named("J")).html)
"""


@pytest.fixture
def without_engine(monkeypatch):
    monkeypatch.setattr(layout, "engines", lambda: iter([]))


@pytest.fixture
def with_engine():
    if not list(layout.engines()):
        pytest.skip("no layout engine is installed")


def block(text, start, end):
    return re.search(f"{re.escape(start)}(.*?){re.escape(end)}", text, re.DOTALL).group(1)


def written(data, number):
    return data["formulas"][number]["text"].replace("\ue0ff", "dz").replace("\ue0fe", "z").translate({0xE000: "x", 0xE001: "y"})


# --- the file


def test_the_policy_names_the_one_style_sheet_and_the_one_module(first_graph):
    text = explore(first_graph).html
    policy = unescape(block(text, 'Content-Security-Policy" content="', '"'))
    style, loader = block(text, "<style>", "</style>"), block(text, "<script>", "</script>")
    for kind, parts in (("style", [style]), ("script", [loader, unpacked(text, "module")])):
        digests = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in parts]
        hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
        assert f"{kind}-src {hashes};" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_it_asks_nothing_of_the_network(first_graph):
    text = explore(first_graph).html
    text += unpacked(text) + unpacked(text, "module")
    addresses = set(re.findall(r"""https?://[^\s"'\\<>]*""", text))
    assert addresses <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/1998/Math/MathML",
    }
    assert not re.search(r"@import|url\(|\bfetch\(|<link(?! rel=\"icon\" href=\"data:,\")", text)


def test_the_module_is_all_of_its_parts_and_nothing_is_imported():
    folder = Path(html.__file__).parent
    assert {f"{name}.js" for name in html.SCRIPTS} == {path.name for path in folder.glob("*.js")} - {"loader.js"}
    assert not re.search(r"^import ", html.module(), re.MULTILINE)
    assert "export function mount(element, data)" in html.module()


def test_the_same_graph_gives_the_same_bytes_in_every_run():
    runs = [
        subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, env={"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert '"gradient":' in unpacked(runs[0].stdout.decode())


def test_it_is_saved_whole(first_graph, tmp_path):
    page = explore(first_graph)
    path = page.save(tmp_path / "J.html")
    assert path.read_text("utf-8") == page.html
    assert [p.name for p in tmp_path.iterdir()] == ["J.html"]
    with pytest.raises(FileNotFoundError, match="explore: there is no folder"):
        page.save(tmp_path / "no" / "J.html")


def test_a_notebook_gets_a_frame_a_picture_and_text(first_graph, with_engine):
    page = explore(first_graph)
    bundle = page._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    frame = re.fullmatch(r'<iframe sandbox="allow-scripts" .* srcdoc="([^"]*)"></iframe>', page._repr_html_(), re.DOTALL)
    assert unescape(frame.group(1)) == page.html
    assert repr(page) == bundle["text/plain"]
    assert "v = a + u" in repr(page)
    assert set(page._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}


HOSTILE = [
    "#010001",
    "</script><script>alert(1)</script>",
    "<!--",
    "]]>",
    "\"'&<>",
    "x" * 10_000,
    "a\nb",
    "\u2028\ud800\x00",
    "\\N{}$",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_stays_a_name(name):
    with scope(name):
        J = (Tensor(2.0, name=name) * Tensor(3.0, name="b")).named("J")
    text = explore(J, title=name).html
    assert text.count("<script") == text.count("</script>") == 3
    data = json.loads(unpacked(text))
    shown = data["nodes"][0]["name"]["text"]
    assert not data["pictures"] or shown in unescape(data["pictures"][0]["svg"])
    assert shown == name if name.isprintable() and len(name) < 40 else len(shown) < 60
    assert "<script>alert" not in text
    assert len(text) < 400_000


# --- what is in it


def test_a_rule_is_in_it_once_whatever_uses_it(cost_of, without_engine):
    x = Tensor(0.5, name="x")
    for _ in range(200):
        x = np.tanh(x)
    data = explore(x).data
    assert len(data["nodes"]) == 201
    assert len(data["formulas"]) < 6
    assert {edge["backward"]["own"] for edge in data["edges"]} == {data["edges"][0]["backward"]["own"]}
    formulas = [json.dumps(formula) for formula in explore(cost_of(4, 3, 2, 1)).data["formulas"]]
    assert len(formulas) == len(set(formulas))


def test_general_rules_have_letters_where_yours_have_numbers(first_graph, without_engine):
    data = explore(first_graph).data
    last, edge = data["nodes"][5], data["edges"][4]
    assert [written(data, last["forward"][kind]) for kind in ("general", "own")] == ["x * y", "3 * y"]
    assert [written(data, edge["backward"][kind]) for kind in ("general", "own", "local")] == ["dz * x", "dz * 3", "3"]
    power = explore(Tensor(2.0, name="x") ** 3).data
    assert written(power, power["edges"][0]["backward"]["general"]) == "dz * (3 * x ** 2)"


def test_nodes_and_gradients_are_called_what_formulas_call_them(without_engine):
    W, dW = Tensor(1.0, name="W"), Tensor(2.0, name="dW")
    data = explore(((W * dW).named("W") * 3).named("J")).data
    assert [node["name"]["text"] for node in data["nodes"]] == ["W", "dW", "W_2", "J"]
    assert data["nodes"][2]["name"]["latex"] == "{W^{(2)}}"
    assert [node.get("bar", {}).get("text") for node in data["nodes"]] == ["dW_2", None, "dW_2_2", None]


def test_latex_and_mathml_say_the_same(without_engine):
    a, b = Tensor(1.0, name="a"), Tensor(2.0, name="b")
    data = explore(a / b).data
    formula = data["formulas"][data["edges"][0]["backward"]["own"]]
    assert formula["latex"] == "\\frac{\ue0ff}{\ue001}"
    assert formula["mathml"] == "<mfrac>\ue0ff\ue001</mfrac>"
    assert formula["program"] == ["divide", "bar", "1"]


def test_arrays_are_shown_entry_by_entry_or_summed_up(without_engine):
    W = Tensor(np.arange(200.0).reshape(10, 20), name="W")
    small, large = explore(np.sum(W[:2, :2])).data["nodes"][1], explore(np.sum(W)).data["nodes"][0]
    assert small["value"]["rows"] == [[0, 1], [20, 21]]
    assert large["value"]["summary"] == "mean 99.5, from 0 to 199"
    assert len(large["value"]["thumbnail"]) == 6
    assert large["value"]["thumbnail"][0][0] == "#00224e"
    assert large["steepest"] == {"at": [0, 0], "value": 1.0}


def test_what_is_not_finite_is_said_in_strict_json(without_engine):
    with np.errstate(all="ignore"):
        J = np.log(Tensor(0.0, name="zero")) * Tensor([np.nan, 1.0], name="x")
    text = explore(np.sum(J)).html
    data = json.loads(unpacked(text), parse_constant=pytest.fail)
    assert data["nodes"][1]["value"] == "-inf"
    assert any("NaN" in badge for badge in data["nodes"][2]["badges"])


@pytest.mark.parametrize("sizes", [(2, 1), (3, 4, 2, 1)])
def test_what_arrives_along_each_path_adds_up_to_the_gradient(cost_of, without_engine, sizes):
    J = cost_of(*sizes)
    data = explore(J).data
    followed = [i for i, node in enumerate(data["nodes"]) if "gradient" in node and i not in data["outputs"]]
    assert sorted(data["pulls"]) == followed
    for i in followed:
        total = np.sum([pull["entries"] for pull in data["pulls"][i]], axis=0)
        bar = data["nodes"][i]["gradient"]
        gradient = np.ravel(bar["rows"] if isinstance(bar, dict) else bar)
        np.testing.assert_allclose(total, gradient, rtol=1e-7)
        for pull in data["pulls"][i]:
            edges = [data["edges"][e] for e in pull["edges"]]
            assert edges[0]["source"] == i
            assert edges[-1]["target"] == data["outputs"][0]
            assert all(a["target"] == b["source"] for a, b in pairwise(edges))


def test_paths_that_are_too_many_are_left_out(without_engine):
    y = Tensor([1.0, 2.0], name="x")
    for _ in range(5):
        y = y * 0.5 + y * 0.5
    data = explore(np.sum(y)).data
    assert data["nodes"][0]["name"]["text"] == "x"
    assert 0 not in data["pulls"]
    assert max(map(len, data["pulls"].values())) <= 24


@every_differentiable_op
def test_every_op_has_a_page(row, without_engine):
    applied = row.applied()
    data = explore(applied.out, cotangent=applied.cotangent()).data
    assert json.loads(json.dumps(data, allow_nan=False))
    assert len(data["nodes"]) == len(applied.leaves) + 1
    for edge in data["edges"]:
        assert ("contribution" in edge) is ("backward" in edge)


def test_scopes_can_be_opened_one_by_one(cost_of, with_engine):
    pictures = explore(cost_of(2, 3, 1), depth=0).data["pictures"]
    assert [sorted(drawn["boxes"]) != [] for drawn in pictures] == [True, False]
    ids = {i for box in pictures[0]["boxes"].values() for i in box}
    assert len(ids) > 10
    for drawn in pictures:
        assert "<style" not in drawn["svg"]
        assert "#0100" not in drawn["svg"]
        assert len(drawn["lines"]) == drawn["svg"].count('<g id="line')


def test_a_name_that_looks_like_a_part_of_an_svg_is_not_made_smaller(with_engine):
    name = "0.250980 1.0, 2.00 x &#45; 3.0"
    svg = unescape(explore((Tensor(2.0, name=name) * 3.0).named("J")).data["pictures"][0]["svg"])
    assert f">{name}</title>" in svg
    assert name in svg.split("</title>")[2].replace("\u00a0", " ")


def test_both_engines_draw_what_the_page_looks_for(first_graph, engine):
    (drawn,) = explore(first_graph).data["pictures"]
    for role, number in [("value", 6), ("gradient", 6), ("local", 5), ("flow", 5), ("state", 6)]:
        assert len(re.findall(rf'<text[^>]* fill="var\(--{role}\)"', drawn["svg"])) == number
    assert all(f'<g id="n{i}" class="node ' in drawn["svg"] for i in range(6))


def test_gradients_are_not_in_descriptions_where_a_guess_could_find_them(first_graph, with_engine):
    svg = explore(first_graph).data["pictures"][0]["svg"]
    assert not any("gradient" in found for found in re.findall(r"<(?:desc|title)>[^<]*|xlink:title[^>]*", svg))


def test_a_layout_that_takes_too_long_gives_way(cost_of, monkeypatch, with_engine):
    from tinygrad_dnn.render.page import layouts

    laid_out = layouts.laid_out

    def slow(source, kind, timeout):
        if source.count(' id="n') > 40:
            raise layout.LayoutTimeout("too long")
        return laid_out(source, kind, timeout)

    monkeypatch.setattr(layouts, "laid_out", slow)
    pictures = explore(cost_of(2, 8, 8, 8, 8, 8, 8, 1)).data["pictures"]
    assert pictures
    assert all("47 nodes, drawn as" in drawn["note"] for drawn in pictures)


# --- what is refused, and what is not there


def test_without_an_engine_the_page_says_how_to_get_one(first_graph, without_engine):
    page = explore(first_graph)
    assert page.data["pictures"] == []
    assert "apt-get install graphviz" in page.data["why"]
    assert set(page._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_without_a_gradient_there_is_the_forward_pass(without_engine):
    x = Tensor(2.0, name="x", requires_grad=False)
    data = explore(x * 3).data
    assert all("gradient" not in node for node in data["nodes"])
    assert "pulls" not in data


def test_nothing_that_is_set_gets_in_the_way(first_graph, without_engine):
    with no_grad():
        assert explore(first_graph).data["nodes"][1]["gradient"] == 6
    assert all(x.grad is None for x in first_graph.record.inputs if isinstance(x, Tensor))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"y": 3.0}, TypeError, "explore: got float; give the Tensor"),
        ({"y": []}, ValueError, "explore: got an empty list"),
        ({"theme": "blue"}, ValueError, "explore: theme is 'blue'; allowed: auto or light or dark"),
        ({"constants": "some"}, ValueError, "explore: constants is 'some'"),
        ({"y": Tensor([1.0, 2.0]) * 2}, tinygrad_dnn.ShapeError, "explore: a Tensor of shape"),
    ],
)
def test_wrong_arguments(first_graph, arguments, error, message):
    with pytest.raises(error, match=message):
        explore(**{"y": first_graph, **arguments})


# --- the command


def test_the_command_writes_a_page_that_says_which_line_made_a_node(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("from tinygrad_dnn import Tensor\na = Tensor(2.0)\nJ = a * a\n")
    result = CliRunner().invoke(app, ["explore", str(program), "--title", "Squares", "--theme", "dark"])
    assert result.exit_code == 0, result.output
    text = program.with_suffix(".html").read_text("utf-8")
    assert "<title>Squares</title>" in text
    assert 'data-theme="dark"' in text
    assert json.loads(unpacked(text))["nodes"][1]["line"] == ["program.py", 3]
    missing = CliRunner().invoke(app, ["explore", str(tmp_path / "none.py")])
    assert missing.exit_code == 2
    assert "there is no program" in missing.stderr


def test_each_use_says_why_its_rule_holds_in_either_language():
    W, X = Tensor(np.ones((2, 3)), name="W"), np.ones((3, 4))
    J = np.sum((W @ X).named("Z")).named("J")
    for language, words in (("en", "of W multiplies row k of"), ("zh", "W 的 (i, k) 元素乘")):
        whys = [edge.get("why", "") for edge in explore(J, language=language).data["edges"]]
        assert any(words in why for why in whys), whys
    with pytest.raises(ValueError, match="explore: language is 'de'; allowed: en or zh"):
        explore(J, language="de")
