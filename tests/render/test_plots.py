"""The plots: Axes in, Axes out, and on them what the numbers say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinygrad_dnn.render.decision import decision_boundary
from tinygrad_dnn.render.gradient_plots import gradient_difference, gradient_norms, step_sizes


@pytest.fixture
def axes() -> Axes:
    return Figure().subplots()


def test_the_largest_difference_is_marked(axes):
    here, there = np.zeros((3, 4)), np.zeros((3, 4))
    here[1, 2] = there[0, 0] = 1.0
    here[0, 0] = 4.0
    assert gradient_difference(axes, here, there, "dW1") is axes
    (image,), (mark,) = axes.get_images(), axes.get_lines()
    assert image.get_clim() == (-3.0, 3.0)
    assert mark.get_xydata().tolist() == [[0.0, 0.0]]
    assert axes.get_title().startswith("dW1: relative difference 6.2e-01")


def test_equal_gradients_have_no_mark(axes):
    gradient_difference(axes, np.ones(3), np.ones(3))
    assert not axes.get_lines()


def test_gradients_of_other_shapes_are_refused(axes):
    with pytest.raises(ValueError, match=r"shapes \(3,\) and \(4,\)"):
        gradient_difference(axes, np.ones(3), np.ones(4))


def test_a_curve_for_each_letter(axes):
    gradients = {"dW1": [[3.0, 4.0]], "db1": [0.0], "dW2": [[1.0]], "db2": [2.0]}
    assert gradient_norms(axes, gradients) is axes
    assert {line.get_label(): line.get_ydata().tolist() for line in axes.get_lines()} == {"dW": [5, 1], "db": [0, 2]}


def test_central_differences_are_better_than_forward_ones(axes):
    assert step_sizes(axes, np.sin, float(np.cos(1.0)), 1.0) is axes
    forward, central = (line.get_ydata() for line in axes.get_lines()[:2])
    assert forward.min() > 10 * central.min() > 0
    assert max(forward[0], central[0]) > 1e-3


def test_the_boundary_is_drawn_where_the_probability_is_a_half(axes):
    X = np.array([[-1.0, 1.0, -2.0, 2.0], [0.0, 1.0, 1.0, 0.0]])
    assert decision_boundary(axes, lambda points: 1 / (1 + np.exp(-5 * points[:1])), X, [0, 1, 0, 1], 50) is axes
    image = axes.get_images()[0].get_array()
    assert (image[:, 0] < 0.01).all()
    assert (image[:, -1] > 0.99).all()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["class 0", "class 1"]


def test_three_features_have_no_plane(axes):
    with pytest.raises(ValueError, match=r"X has shape \(3, 4\) and Y \(4,\); legal are"):
        decision_boundary(axes, lambda points: points[0], np.ones((3, 4)), np.ones(4))
