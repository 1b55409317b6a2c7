"""Depth, boxes, loops and cuts."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_dnn import Tensor, draw, scope
from tinygrad_dnn.render.collapse import Box, view_of
from tinygrad_dnn.render.model import Node, graph_of


def boxes(view):
    return [(box.title, box.times, len(box.members)) for box in view.items if isinstance(box, Box)]


def recurrent(steps: int, scoped: bool = False) -> Tensor:
    W, U = Tensor(np.eye(2) / 2, name="W"), Tensor(np.ones((2, 1)), name="U")
    h = Tensor(np.ones((2, 1)), name="h")
    for t in range(steps):
        x = Tensor([[float(t)]], name=f"x{t}", requires_grad=False)
        with scope(f"step {t}" if scoped else "loop"):
            h = np.tanh(W @ h + U @ x)
    return np.sum(h).named("J")


def test_depth_opens_that_many_levels_of_scopes(cost_of):
    graph = graph_of([cost_of(2, 3, 3, 1)])
    assert boxes(view_of(graph, 0)) == [("layer 1", 1, 5), ("layer 2", 1, 5), ("layer 3", 1, 5), ("cost", 1, 10)]
    assert boxes(view_of(graph, 1)) == []
    assert len(view_of(graph, 1).items) == len(graph.nodes)


def test_inner_scopes_collapse_inside_outer_ones():
    x = Tensor(1.0)
    with scope("outer"):
        x = x * 2
        with scope("inner"):
            x = (x + 1) * 2
    graph = graph_of([x * 1])
    assert boxes(view_of(graph, 1)) == [("inner", 1, 2)]
    assert boxes(view_of(graph, 0)) == [("outer", 1, 4)]


def test_equal_layers_are_rolled_up(cost_of):
    view = view_of(graph_of([cost_of(4, 4, 4, 4, 4, 1)]), 0, True)
    assert boxes(view) == [("layer 1 … layer 4", 4, 20), ("layer 5", 1, 5), ("cost", 1, 10)]


def test_layers_of_different_shapes_are_not(cost_of):
    assert [times for _, times, _ in boxes(view_of(graph_of([cost_of(4, 5, 6, 7, 1)]), 0, True))] == [1] * 5


@pytest.mark.parametrize("scoped", [False, True])
def test_a_loop_is_drawn_once_with_an_edge_into_its_next_round(scoped):
    view = view_of(graph_of([recurrent(100, scoped)]), limit=50)
    assert [(run.times, len(run.body)) for run in view.runs] == [(99, 4)]
    back = [line for line in view.lines if line.back]
    assert [(len(line.edges), line.target.op) for line in back] == [(98, "matmul")]
    assert len(view.items) < 20


def test_a_loop_of_two_rounds_is_left_alone():
    assert view_of(graph_of([recurrent(2)]), 5, True).runs == []


def test_a_long_graph_without_any_structure_is_cut():
    rng = np.random.default_rng(0)
    y = a = Tensor(1.0, name="a")
    for k in rng.integers(4, size=2000):
        y = (np.sin, np.tanh, lambda v: v + a, lambda v: v * 0.5)[k](y)
    graph = graph_of([y])
    view = view_of(graph)
    assert len(view.items) <= 60
    members = [node for item in view.items for node in (item.members if isinstance(item, Box) else [item])]
    rolled = [node for run in view.runs for node in run.drawn]
    assert sorted([*(node.id for node in members), *rolled]) == list(range(len(graph.nodes)))


def test_many_unequal_scopes_are_put_together():
    rng = np.random.default_rng(0)
    y = Tensor(1.0)
    for i in range(300):
        with scope(f"block {i}"):
            for k in rng.integers(2, size=8):
                y = (np.sin, np.tanh)[k](y)
    assert len(view_of(graph_of([y])).items) <= 60


def test_no_use_is_lost(cost_of):
    for y in (cost_of(4, 4, 4, 4, 1), recurrent(30)):
        graph = graph_of([y])
        for depth, roll in ((0, False), (0, True), (1, True), (1, False)):
            view = view_of(graph, depth, roll)
            inside = {node.id: item for item in view.items if isinstance(item, Box) for node in item.members}
            hidden = sum(inside.get(e.source, 0) is inside.get(e.target, 1) for e in graph.edges)
            assert sum(len(line.edges) for line in view.lines) == len(graph.edges) - hidden


def test_what_is_used_often_gets_a_stub_at_each_use():
    source = draw(recurrent(40), depth=9, roll=False).source
    assert sum(line.lstrip().startswith("stub") and "->" not in line for line in source.splitlines()) == 80
    assert sum("-> " in line and line.lstrip().startswith("n0 ->") for line in source.splitlines()) == 0


def test_one_node_is_a_picture():
    view = view_of(graph_of([Tensor(1.0, name="alone")]))
    assert [item.title for item in view.items if isinstance(item, Node)] == ["alone"]
