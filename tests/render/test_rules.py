"""The chain rule on the edges: in symbols, and in numbers that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_dnn import Tensor, primitive, relu, sigmoid
from tinygrad_dnn.render.annotate import add_contributions, add_gradients
from tinygrad_dnn.render.model import graph_of
from tinygrad_dnn.render.rules import add_rules

from ..cases import examples


def drawn(y):
    graph = graph_of([y])
    add_gradients(graph, y)
    add_contributions(graph, graph.edges)
    add_rules(graph, graph.edges)
    return graph


def rules(y):
    graph = drawn(y)
    return [(e.rule, e.local, e.local_value) for e in graph.edges]


def test_the_first_graph_in_symbols_and_numbers(first_graph):
    assert rules(first_graph) == [
        *[("du * c", "c", 2.0), ("du * b", "b", 3.0), ("dv", "1", 1.0), ("dv", "1", 1.0), ("dJ * 3", "3", 3.0)],
    ]


@pytest.mark.parametrize(
    ("function", "rule", "local"),
    [
        (np.tanh, "dA * (1 - A ** 2)", "1 - A ** 2"),
        (relu, "dA * (Z > 0)", "Z > 0"),
        (sigmoid, "dA * A * (1 - A)", "A * (1 - A)"),
        (np.negative, "-dA", "-1"),
        (np.log, "dA / Z", "1 / Z"),
    ],
)
def test_elementwise_rules_read_as_in_the_textbook(function, rule, local):
    Z = Tensor(np.array([[0.5, 2.0]]), name="Z")
    assert rules(np.sum(function(Z).named("A")))[0][:2] == (rule, local)


def test_a_broadcast_input_is_summed_back():
    Z, b = Tensor(np.ones((3, 4)), name="Z"), Tensor(np.ones((3, 1)), name="b")
    graph = drawn(np.sum((Z + b).named("S")))
    edge = graph.edges[1]
    assert edge.rule == "sum(dS, axis=1)"
    assert edge.broadcast == ((1,), (3, 1), (3, 4))
    assert edge.contribution.tolist() == [[4.0]] * 3
    assert graph.edges[0].broadcast is None


def test_a_rule_that_knows_arrays_only_is_shown_in_numbers():
    def backward(y_bar, y, x):
        return np.asarray(y_bar) * np.cos(np.asarray(x))

    wave = primitive(np.sin.__call__, name="wave", vjp=backward)
    edge = drawn(wave(Tensor(0.0, name="x"))).edges[0]
    assert (edge.rule, float(edge.contribution), edge.local_value) == ("", 1.0, 1.0)


def test_writing_the_rules_records_nothing_in_the_users_graph(first_graph):
    first_graph.backward()
    before = [vars(node.tensor).get("grad") for node in graph_of([first_graph]).nodes]
    drawn(first_graph)
    after = [vars(node.tensor).get("grad") for node in graph_of([first_graph]).nodes]
    assert before == after


STEPS = [
    lambda x, w: x * w,
    lambda x, w: x + w,
    lambda x, w: np.tanh(x),
    lambda x, w: x - w * x,
    lambda x, w: x @ np.full((3, 3), 0.5),
    lambda x, w: x / (2.0 + w * w),
]


@examples(40)
@given(st.lists(st.integers(0, len(STEPS) - 1), min_size=1, max_size=8), st.integers(0, 1000))
def test_the_contributions_of_all_uses_add_up_to_the_gradient(steps, seed):
    rng = np.random.default_rng(seed)
    x = w = Tensor(rng.standard_normal((2, 3)), name="w")
    w_row = Tensor(rng.standard_normal(3), name="r")
    for step in steps:
        x = STEPS[step](x, w_row) + w
    J = np.sum(x)
    J.backward()
    graph = drawn(J)
    for leaf, grad in ((w, w.grad), (w_row, w_row.grad)):
        flowing = [e.contribution for e in graph.edges if graph.nodes[e.source].title == leaf.name]
        if grad is None:
            assert not flowing
        else:
            np.testing.assert_allclose(sum(flowing), grad, rtol=1e-12, atol=1e-12)
