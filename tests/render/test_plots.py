"""The plots: Axes in, Axes out, and on them what the numbers say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinygrad_dnn.render.plots import (
    as_svg,
    cost_curves,
    decision_boundary,
    gradient_difference,
    gradient_norms,
    relative_errors,
    save_svg,
    step_sizes,
)


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
    assert (axes.get_yticks().tolist(), axes.get_xticks().tolist()) == ([0, 1, 2], [0, 1, 2, 3])
    assert axes.get_title().startswith("dW1: relative difference 6.2e-01")


def test_equal_gradients_have_no_mark(axes):
    gradient_difference(axes, np.ones(3), np.ones(3))
    assert not axes.get_lines()


@pytest.mark.parametrize("plot", [gradient_difference, relative_errors])
def test_gradients_of_other_shapes_are_refused(axes, plot):
    with pytest.raises(ValueError, match=rf"{plot.__name__}: shapes \(3,\) and \(4,\)"):
        plot(axes, np.ones(3), np.ones(4))


def test_entries_above_the_tolerance_have_a_cross(axes):
    here = np.array([[1.0, 2.0, 0.0], [3.0, np.nan, 5.0]])
    there = np.array([[1.0, 2.0 + 1e-9, 0.0], [3.1, 4.0, 5.0]])
    assert relative_errors(axes, here, there, "dW1") is axes
    [image] = axes.get_images()
    assert image.get_cmap().name == "cividis"
    assert image.norm.vmax == 1
    assert axes.get_lines()[1].get_xydata().tolist() == [[0, 1], [1, 1]]
    assert axes.get_title() == "dW1: 2 of 6 above 1e-07"
    marks = axes.figure.axes[1].get_lines()
    assert [line.get_ydata()[0] for line in marks] == [1e-7, 1e-7]


def test_costs_have_a_logarithmic_axis_and_a_label_each(axes):
    assert cost_curves(axes, {"_$1$": [1.0, 0.1, np.nan], "by hand": [2.0, 0.2, 0.02]}) is axes
    assert axes.get_yscale() == "log"
    assert [line.get_ydata().tolist() for line in axes.get_lines()] == [[1.0, 0.1], [2.0, 0.2, 0.02]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["\u200b_\\$1\\$", "by hand"]


def test_a_plot_has_the_same_bytes_again(tmp_path):
    def drawn():
        axes = Figure().subplots()
        gradient_difference(axes, np.arange(6.0).reshape(2, 3), np.ones((2, 3)))
        return axes.figure

    assert as_svg(drawn()) == as_svg(drawn())
    path = save_svg(drawn(), tmp_path / "plot.svg")
    assert path.read_text("utf-8") == as_svg(drawn())
    assert list(tmp_path.iterdir()) == [path]


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
    with pytest.raises(ValueError, match=r"X has shape \(3, 4\) and Y \(4,\); they must be"):
        decision_boundary(axes, lambda points: points[0], np.ones((3, 4)), np.ones(4))
