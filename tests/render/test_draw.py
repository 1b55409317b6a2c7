"""The picture as a whole: its DOT text, what it says and what it refuses. None of these needs a layout engine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import ExitStack

import graphviz
import numpy as np
import pytest

import tinygrad_dnn
from tinygrad_dnn import Tensor, draw, relu, scope, sigmoid, trace_lines
from tinygrad_dnn.referee import compare
from tinygrad_dnn.render import layout

PROGRAM = """
import numpy as np
from tinygrad_dnn import Tensor, draw, scope
W, b = Tensor(np.arange(6.0).reshape(2, 3), name="W"), Tensor(np.ones((2, 1)), name="b")
with scope("layer"):
    A = np.tanh(W @ np.ones((3, 50)) + b)
picture = draw(np.sum(A * A).named("J"), backward=True)
print(picture.source, picture.text(), picture.json())
"""


def test_it_is_a_digraph_and_its_source_is_dot(first_graph):
    picture = draw(first_graph)
    assert isinstance(picture, graphviz.Digraph)
    assert picture.source.startswith('digraph "graph" {')
    assert picture.copy().source == picture.source
    assert picture.copy().text() == picture.text()


def test_the_edges_of_the_first_graph(first_graph):
    lines = [line.strip() for line in draw(first_graph, rules=False).source.splitlines()]
    assert [line.split(" [")[0] for line in lines if "->" in line] == [
        *["n1 -> n3", "n2 -> n3", "n0 -> n4", "n3 -> n4", "n4 -> n5"],
    ]


def test_both_uses_of_one_operand_are_drawn():
    a = Tensor(2.0, name="a")
    assert draw(a + a).source.count("n0 -> n1") == 2


def test_the_same_graph_gives_the_same_bytes_in_every_run():
    runs = [
        subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, env={"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert b"dW" in runs[0].stdout


def test_the_same_graph_gives_the_same_text_later_in_the_same_run():
    def source():
        a = Tensor(np.ones((2, 2)), name="a")
        return draw(np.sum(a @ a)).source

    assert source() == source()


def test_before_a_backward_pass_no_gradient_is_shown(first_graph):
    assert "da" not in draw(first_graph, rules=False).source
    assert "gradient" not in draw(first_graph).text()


def test_kept_gradients_are_shown(first_graph):
    first_graph.backward(retain_grads=True)
    assert "du = 3" in draw(first_graph).source
    assert "du = 3" not in draw(first_graph, gradients=False).source


def test_gradients_on_demand_touch_no_grad(first_graph):
    picture = draw(first_graph, gradients=True)
    assert "db = 6" in picture.source
    assert all(x is None or x.grad is None for x in [first_graph, *first_graph.record.inputs] if isinstance(x, Tensor))


def test_the_backward_pass_says_upstream_times_local(first_graph):
    source = draw(first_graph, backward=True).source
    assert "3 × 2 = 6" in source
    assert "← db = du * c" in source


def test_where_paths_meet_each_addend_is_listed():
    a = Tensor(2.0, name="a")
    source = draw((a * a + 3.0 * a).named("J"), backward=True).source
    assert "sum of 3 paths" in source
    assert source.count("+ 2 by v1") == 2
    assert source.count("+ 3 by v2") == 1


def test_an_addend_below_0_is_subtracted():
    a = Tensor(2.0, name="a")
    source = draw((a * a - 3.0 * a).named("J"), backward=True).source
    assert "− 3 by v2" in source
    assert "stub" not in source


def test_no_scalar_needs_a_cotangent():
    y = Tensor([1.0, 2.0], name="x") * 3
    with pytest.raises(tinygrad_dnn.ShapeError, match="cotangent of shape"):
        draw(y, backward=True)
    assert "dx" in draw(y, backward=True, cotangent=[1.0, 1.0]).source


@pytest.mark.parametrize(("shape", "whole"), [((6, 6), True), ((7, 2), False), ((2, 7), False), ((6,), True), ((7,), False)])
def test_cells_up_to_six_by_six(shape, whole):
    source = draw(Tensor(np.full(shape, 0.125), name="W")).source
    assert (">0.125</font></td>" in source) is whole
    assert ("mean 0.125" in source) is not whole


def test_a_stack_and_nothing_can_be_drawn():
    assert "mean 1" in draw(Tensor(np.ones((2, 3, 4)))).source
    assert "empty" in draw(Tensor(np.ones((0, 3)))).source


@pytest.mark.parametrize(
    ("made", "badge"),
    [
        (lambda x: sigmoid(x * 1000.0), "saturated: 100%"),
        (lambda x: relu(-(x * x)), "dead: 2 of 2 units"),
        (lambda x: x / np.zeros((2, 2)), "infinity in the value: 4 of 4"),
        (lambda x: x * np.nan, "NaN in the value: 4 of 4"),
        (lambda x: x * 0.0, "zero gradient"),
        (lambda x: x * 1e5, "large gradient: norm 2e+05"),
    ],
)
def test_badges(made, badge):
    x = Tensor([[1.0, 2.0], [-1.0, 3.0]], name="x")
    with np.errstate(all="ignore"):
        y = np.sum(made(x))
    assert f"⚠ {badge}" in draw(y, gradients=True).source


def test_an_ordinary_graph_has_no_badges(cost_of):
    assert "⚠" not in draw(cost_of(2, 1), gradients=True).source


def test_boxes_say_what_is_in_them(cost_of):
    source = draw(cost_of(2, 3, 1), depth=0, gradients=True).source
    assert "9 parameters: W1, b1" in source
    assert "gradient norm" in source
    assert "→ 3 × 4" in source


def test_lines_of_the_program_are_shown():
    with trace_lines():
        y = Tensor(1.0) * 2
    assert "test_draw.py:" in draw(y).source


# --- overlays


def test_a_gradient_derived_by_hand_is_compared_entry_by_entry():
    W = Tensor([[1.0, 2.0]], name="W")
    J = np.sum(W * W)
    right = draw(J, against={"dW": np.array([[2.0, 4.0]])})
    wrong = draw(J, against={"dW": np.array([[2.0, 5.0]])})
    assert "✓ dW agrees" in right.source
    assert "✗ dW differs" in wrong.source
    assert "at [0, 1]: 4 here, 5 there" in wrong.source


def test_another_run_is_compared_node_by_node(cost_of):
    same = draw(cost_of(2, 3, 1), against=cost_of(2, 3, 1)).data()
    assert all(c["agrees"] for node in same["nodes"] for c in node["compared"])
    a, b = Tensor(2.0, name="a"), Tensor(2.5, name="a")
    assert "✗ a differs" in draw(a * 3, against=b * 3).source


def test_the_referees_comparison_is_laid_over(cost_of):
    J = cost_of(2, 3, 1)
    rng = np.random.default_rng(0)
    parameters = {"W1": np.eye(2), "b1": np.zeros((2, 1)), "W2": np.ones((1, 2)), "b2": np.zeros((1, 1))}
    comparison = compare(parameters, rng.standard_normal((2, 4)), np.array([[1, 0, 1, 0]]))
    source = draw(J, checks=comparison).source
    assert all(f"✓ {name} agrees" in source for name in ("dW1", "db1", "dW2", "db2"))


@pytest.mark.parametrize(
    ("other", "error", "message"),
    [
        (3, TypeError, "draw: against is of type int; give a dict"),
        ({"dV": 1.0}, ValueError, "allowed: J, a, b"),
        ({"da": np.ones(3)}, ValueError, r"has shape \(3,\); it must be \(\)"),
    ],
)
def test_what_cannot_be_laid_over(first_graph, other, error, message):
    with pytest.raises(error, match=message):
        draw(first_graph, against=other)


# --- what is refused


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"y": 3.0}, TypeError, "got float; give the Tensor"),
        ({"y": []}, ValueError, "empty list"),
        ({"theme": "blue"}, ValueError, "theme is 'blue'; allowed: light or dark"),
        ({"direction": "UP"}, ValueError, "direction is 'UP'"),
        ({"constants": "some"}, ValueError, "constants is 'some'"),
    ],
)
def test_wrong_arguments(first_graph, arguments, error, message):
    with pytest.raises(error, match=message):
        draw(**{"y": first_graph, **arguments})


def test_several_results_are_drawn_together():
    a = Tensor(1.0, name="a")
    picture = draw([a * 2, a * 3])
    assert picture.data()["outputs"] == [1, 2]


# --- exports and notebooks


def test_json_holds_everything_and_is_strict(first_graph, tmp_path):
    with np.errstate(all="ignore"):
        J = first_graph * np.log(Tensor(0.0, name="zero"))
    data = json.loads(draw(J, backward=True).save_as(tmp_path / "J.json").read_text(), parse_constant=pytest.fail)
    assert {n["title"]: n["value"] for n in data["nodes"]}["v1"] == {"entries": "-inf"}
    assert [e["position"] for e in data["edges"][:2]] == [0, 1]
    assert data["nodes"][data["outputs"][0]]["kind"] == "output"


def test_json_is_whole_whatever_is_collapsed(cost_of):
    J = cost_of(2, 3, 1)
    assert len(draw(J, depth=0).data()["nodes"]) == len(draw(J).data()["nodes"])


def test_text_and_dot_are_saved_without_an_engine(first_graph, tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "engines", lambda: iter([]))
    picture = draw(first_graph)
    assert picture.save_as(tmp_path / "J.dot").read_text() == picture.source
    assert picture.save_as(tmp_path / "J.txt").read_text().splitlines()[0].split() == ["a", "scalar", "5"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["J.dot", "J.txt"]


def test_without_an_engine_one_error_names_both_installs_and_a_notebook_gets_text(first_graph, monkeypatch, tmp_path):
    monkeypatch.setattr(layout, "engines", lambda: iter([]))
    picture = draw(first_graph)
    with pytest.raises(layout.LayoutError, match=r'apt-get install graphviz.*pip install "tinygrad-dnn\[layout\]"'):
        picture.save_as(tmp_path / "J.svg")
    bundle = picture._repr_mimebundle_()
    assert repr(picture) == picture.text()
    assert list(bundle) == ["text/plain"]
    assert "J = 3 * v" in bundle["text/plain"]
    assert "no layout engine" in bundle["text/plain"]


def test_an_unknown_suffix_names_the_legal_ones(first_graph, tmp_path):
    with pytest.raises(ValueError, match=r"J.gif should end with one of .svg, .png, .pdf"):
        draw(first_graph).save_as(tmp_path / "J.gif")
    with pytest.raises(FileNotFoundError, match="no folder"):
        draw(first_graph).save_as(tmp_path / "no" / "J.dot")


def test_the_package_is_imported_without_its_pictures():
    program = "import sys, tinygrad_dnn; print('graphviz' in sys.modules, tinygrad_dnn.draw.__name__)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert run.stdout.split() == ["False", "draw"]


def test_deep_scopes_do_not_recurse():
    x = Tensor(1.0)
    with ExitStack() as stack:
        for i in range(500):
            stack.enter_context(scope(f"s{i}"))
        x = np.exp(-x)
    source = draw(x, depth=1000).source
    assert source.count("subgraph") == 500
    assert source.count("{") == source.count("}")


def test_a_number_kept_in_an_array_of_two_axes_is_drawn():
    x = Tensor([[0.5]], name="x")
    assert "1 × 2 = 2" in draw(np.reshape(x * 2.0, ()), backward=True).source


def test_a_choice_by_an_array_of_indices_has_a_rule():
    x = Tensor([1.0, 2.0, 3.0], name="x")
    edges = draw(np.sum(x[np.array([0, 2, 0])]), backward=True).data()["edges"]
    assert edges[0]["rule"].startswith("scatter[")


@pytest.mark.parametrize(("language", "words"), [("en", "counts c times in u"), ("zh", "乘以")])
def test_pointing_at_a_line_tells_why_its_rule_holds(first_graph, language, words):
    titles = re.findall(r"<title>([^<]*→[^<]*)</title>", draw(first_graph, language=language).svg())
    assert len(titles) == 5
    assert all("\n" in title for title in titles)
    (product,) = (title for title in titles if title.startswith("b → u = b * c"))
    assert words in product
