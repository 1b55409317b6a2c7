"""From Tensors to the model."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_dnn import Tensor, derive, scope, trace_lines
from tinygrad_dnn.render.model import graph_of


def edges(graph):
    return [(graph.nodes[e.source].title, graph.nodes[e.target].title, e.position) for e in graph.edges]


def test_every_use_is_an_edge_in_the_order_of_the_operands():
    a, b = Tensor(1.0, name="a"), Tensor(2.0, name="b")
    graph = graph_of([((a + a).named("s") - b * a).named("J")])
    assert edges(graph) == [
        *[("a", "s", 0), ("a", "s", 1), ("b", "v1", 0), ("a", "v1", 1), ("s", "J", 0), ("v1", "J", 1)],
    ]


def test_nodes_say_what_they_are(first_graph):
    graph = graph_of([first_graph])
    assert [(n.kind, n.title, n.expression) for n in graph.nodes] == [
        *[("parameter", name, "") for name in "abc"],
        ("op", "u", "b * c"),
        ("op", "v", "a + u"),
        ("output", "J", "3 * v"),
    ]
    assert graph.nodes[-1].tensor is first_graph
    assert [graph.nodes[i].title for i in graph.outputs] == ["J"]


def test_a_subgraph_that_is_used_twice_is_there_once():
    x = Tensor(1.0)
    for _ in range(60):  # a path for each of 2**60 without a memory
        x = x + x
    assert len(graph_of([x]).nodes) == 61


@pytest.mark.slow
def test_a_chain_of_100_000_does_not_recurse():
    x = Tensor(1.0)
    for _ in range(100_000):
        x = -x
    assert len(graph_of([x]).nodes) == 100_001


def test_titles_of_what_has_no_name_are_unique():
    v1 = Tensor(1.0, name="v1")
    graph = graph_of([v1 * 2 + 1])
    assert [n.title for n in graph.nodes] == ["v1", "v2", "y"]


@pytest.mark.parametrize(
    ("constants", "titles"),
    [("named", ["W", "X", "v1", "y"]), ("none", ["W", "v1", "y"]), ("all", ["W", "X", "v1", "2", "y"])],
)
def test_constants(constants, titles):
    W, X = Tensor(np.ones((2, 2)), name="W"), Tensor(np.ones((2, 3)), name="X", requires_grad=False)
    graph = graph_of([(W @ X) * 2.0], constants)
    assert [n.title for n in graph.nodes] == titles
    assert all(n.tensor is None or n.tensor.shape == n.shape for n in graph.nodes)
    assert all(graph.nodes[e.target].expression and e.source < e.target for e in graph.edges)


def test_a_computed_constant_is_followed_and_no_gradient_flows_there():
    Z = Tensor([1.0, -1.0], name="Z")
    graph = graph_of([Z * (Z > 0)])
    assert [(n.title, n.expression) for n in graph.nodes] == [("Z", ""), ("v1", "Z > 0"), ("y", "Z * v1")]
    assert [(e.source, e.target, e.differentiable) for e in graph.edges] == [(0, 1, False), (0, 2, True), (1, 2, False)]


def test_a_leaf_shows_the_value_that_the_graph_has_seen():
    w = Tensor([1.0, 2.0], name="w")
    y = w * 3
    w.data = np.array([7.0, 8.0])
    assert graph_of([y]).nodes[0].value.tolist() == [1.0, 2.0]


def test_a_leaf_made_outside_belongs_to_the_only_scope_that_uses_it():
    W, c = Tensor(2.0, name="W"), Tensor(3.0, name="c")
    with scope("one"):
        x = W * c
    with scope("two"):
        y = x * c
    scopes = {n.title: n.scope for n in graph_of([y]).nodes}
    assert (scopes["W"], scopes["c"]) == (("one",), ())


def test_the_source_line_is_there_if_it_was_traced():
    with trace_lines():
        y = Tensor(1.0) * 2
    path, line = graph_of([y]).nodes[-1].line
    assert path == __file__
    assert line > 0


def test_formulas_and_pictures_call_every_tensor_the_same():
    x, w = Tensor(np.ones(3), name="x"), Tensor(np.ones(3), name="x")
    y = x
    for _ in range(12):
        y = np.sin(y * w) * y
    J = np.sum(y).named("J")
    nodes, derivation = graph_of([J]).nodes, derive(J)
    titles = {node.title for node in nodes} | {node.bar for node in nodes}
    asides = {step.target for step in derivation.steps if not step.backward}
    assert len(titles) == 2 * len(nodes)
    assert len(asides) > 3
    assert asides < titles
    assert {step.target for step in derivation.steps if step.target.startswith("d")} == {"dJ", "dx", "dx_2"} < titles
    values = {node.title: node.value for node in nodes}
    for name in asides:
        np.testing.assert_array_equal(derivation.run()[name], values[name])


def test_what_is_shown_of_a_graph_changes_no_title():
    W, X = Tensor(np.ones((2, 2)), name="W"), Tensor(np.ones((2, 3)), name="X", requires_grad=False)
    J = np.sum((W @ (X * 2 + 1)) * (W @ X))
    named, none = ({n.title: n.expression for n in graph_of([J], which).nodes} for which in ("named", "none"))
    assert named["y"] == none["y"] == "sum(v5)"
    assert none.keys() < named.keys()
