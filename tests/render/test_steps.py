"""A picture for each step of the walk, forward and backward, for slides."""

from __future__ import annotations

import re

import numpy as np
import pytest
from typer.testing import CliRunner

from tinygrad_dnn import Tensor, draw
from tinygrad_dnn.cli.commands import app
from tinygrad_dnn.render.labels import UNSEEN

TEXT = re.compile(r'<font color="(#\w+)" point-size="\d+">([^<]*)</font>')


def shown(picture, beginning=r"[-\d]|d\w = "):
    """The numbers of a picture that can be seen: values, gradients, what flows."""
    found = ((colour, text.strip("← ")) for colour, text in TEXT.findall(picture.source))
    return [text for colour, text in found if colour != UNSEEN and re.match(beginning, text)]


def now(picture):
    """The item that a step is about."""
    (found,) = re.findall(r'id="(\w+)"[^\n]*penwidth=4 ', picture.source)
    return found


def test_values_appear_one_by_one_and_then_gradients_from_the_end_back(first_graph):
    steps = draw(first_graph, steps=True).steps
    assert len(steps) == 1 + 3 + 6
    assert [shown(step) for step in steps[:4]] == [
        ["5", "3", "2"],
        ["5", "3", "2", "6"],
        ["5", "3", "2", "6", "11"],
        ["5", "3", "2", "6", "11", "33"],
    ]
    gradients = [[text for text in shown(step) if text[0] == "d" and "*" not in text] for step in steps[4:]]
    assert gradients[0] == ["dJ = 1"]
    assert gradients[1] == ["dv = 3", "dJ = 1"]
    assert len([text for text in gradients[-1] if text[-1].isdigit()]) == 6
    assert [now(step) for step in steps[1:]] == ["n3", "n4", "n5", "n5", "n4", "n3", "n2", "n1", "n0"]


def test_what_flows_appears_with_the_gradient_that_it_makes(first_graph):
    steps = draw(first_graph, steps=True).steps
    products = [shown(step, r"[-\d.]+ × ") for step in steps]
    assert products[4] == []
    assert products[5] == ["1 × 3 = 3"]
    assert len(products[-1]) == 5


def test_unseen_heat_maps_have_no_colours():
    W = Tensor(np.linspace(-1, 1, 80).reshape(8, 10), name="W")
    first, second = draw(np.sum((W * W).named("V")).named("J"), steps=True).steps[:2]
    colours = [len(re.findall(r'bgcolor="#\w{6}"', step.source)) for step in (first, second)]
    assert colours == [1 + 60, 1 + 2 * 60]  # the paper, W, and then V


def test_boxes_are_steps_of_their_own(cost_of):
    picture = draw(cost_of(2, 3, 1), depth=0, steps=True)
    assert len(picture.steps) == 1 + 4 + 4
    assert now(picture.steps[1]).startswith("box")
    assert "gradient norm" in shown(picture.steps[-1], "gradient")[0]
    assert shown(picture.steps[4], "gradient") == []


def test_only_where_they_are_asked_for(first_graph):
    assert list(draw(first_graph).steps) == []
    with pytest.raises(ValueError, match="should end with one of"):
        draw(first_graph).save_as("slides")


@pytest.mark.layout
def test_all_have_one_layout_and_make_a_folder(engine, first_graph, tmp_path):
    folder = draw(first_graph, steps=True, theme="dark").save_as(tmp_path / "slides")
    names = [f"{k:03}.svg" for k in range(10)]
    assert sorted(path.name for path in folder.iterdir()) == names
    texts = [(folder / name).read_text("utf-8") for name in names]
    places = [re.findall(r'<text[^>]* x="([-\d.]+)" y="([-\d.]+)"', text) for text in texts]
    assert places[0]
    assert all(place == places[0] for place in places)


@pytest.mark.layout
def test_the_command_writes_a_folder(engine, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("from tinygrad_dnn import Tensor\na = Tensor(2.0)\nJ = a * a\n")
    result = CliRunner().invoke(app, ["draw", str(program), "--steps"])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "program").iterdir()) == [f"{k:03}.svg" for k in range(4)]
