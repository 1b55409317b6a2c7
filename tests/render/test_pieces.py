"""The pieces of a picture: what stands in labels and on the page, one by one."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_dnn import Tensor, draw
from tinygrad_dnn.ops.activations import leaky_relu_
from tinygrad_dnn.render.annotate import badges, compared
from tinygrad_dnn.render.export import as_data
from tinygrad_dnn.render.markup import escaped, lettered, of_number, visible
from tinygrad_dnn.render.model import Compared, Node, graph_of, norm, one_line, shape_text, summary, unnamed
from tinygrad_dnn.render.page.html import function
from tinygrad_dnn.render.rules import add_rules


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (unnamed(0.5), "0.5"),
        (unnamed(np.ones((2, 3))), "[2×3]"),
        (shape_text((3, 1)), "3 × 1"),
        (shape_text(()), "scalar"),
        (summary(np.arange(100.0)), "mean 49.5, from 0 to 99"),
        (one_line(np.array([[1.0, 2.0], [3.0, 4.0]])), "[1 2; 3 4]"),
        (visible("two\nlines, a bell\x07"), "two↵lines, a bell␇"),
        (visible("\u200bW\ufeff\u061c"), "\\u200bW\\ufeff\\u061c"),
        (visible("क्\u200dष 👩\u200d💻"), "क्\u200dष 👩\u200d💻"),
        (escaped('a "<b>" \\N & c'), "a &quot;&lt;b&gt;&quot; &#92;N &amp; c"),
        (lettered("<N>"), "&lt;N&gt;"),
        (lettered("\\N"), "&#92;&#92;N"),
        (lettered(""), "&#160;"),
        (of_number(0.0, -1.0, 1.0), "#f7f7f7"),
        (of_number(2.0, 0.0, 2.0), "#fee838"),
        (of_number(float("nan"), 0.0, 1.0), "#cc79a7"),
        (function(leaky_relu_), "(x0, p) => (x0 > 0 ? x0 : p.slope * x0)"),
    ],
)
def test_a_piece_of_text(made, text):
    assert made == text


def test_the_norm_of_large_entries_does_not_overflow():
    assert norm([[3.0, 4.0]]) == 5.0
    assert norm([[3e200, 4e200]]) == pytest.approx(5e200)


def test_a_badge_warns_of_units_that_do_not_learn():
    node = Node(0, "op", "A", "A", np.array([[0.0, 0.0], [1.0, 0.0]]), op="relu")
    assert badges(node) == ["dead: 1 of 2 units"]


def test_a_comparison_tells_the_entry_that_differs_most():
    assert compared("db", np.array([1.0, 2.0]), np.array([1.0, 4.0])) == Compared(
        "db", False, pytest.approx(2 / (np.sqrt(5) + np.sqrt(17))), (1,), 2.0, 4.0
    )


def ruled(made):
    graph = graph_of([made.named("A")])
    add_rules(graph, graph.edges)
    return graph.edges[0]


def test_a_rule_in_symbols():
    edge = ruled(np.tanh(Tensor([-1.0, 2.0], name="Z")))
    assert (edge.rule, edge.local, edge.broadcast) == ("dA * (1 - A ** 2)", "1 - A ** 2", None)


def test_the_rule_of_a_square_has_no_power_of_one():
    Z = Tensor([-1.0, 2.0], name="Z")
    assert ruled(Z**2).rule == "dA * (2 * Z)"
    assert ruled(Z**3).rule == "dA * (3 * Z ** 2)"


def test_an_unknown_choice_of_constants_is_refused():
    with pytest.raises(ValueError, match="draw: constants is 'some'; allowed: all or named or none"):
        draw(Tensor(1.0), constants="some")


def test_the_graph_as_text():
    a, b = Tensor(2.0, name="a"), Tensor([1.0, 2.0], name="b")
    J = np.sum(a * b).named("J")
    J.backward()
    assert draw(J).text().split("\n") == [
        "a            scalar  2      da = 3",
        "b            2       [1 2]  db = [2 2]",
        "v1 = a * b   2       [2 4]",
        "J = sum(v1)  scalar  6",
    ]


def test_the_graph_as_data():
    a = Tensor(2.0, name="a")
    data = as_data(graph_of([a * a]))
    assert data["nodes"][1]["expression"] == "a * a"
    assert [edge["position"] for edge in data["edges"]] == [0, 1]
