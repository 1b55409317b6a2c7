"""The demonstration: what it says, and a report that is whole, offline and the same in every run."""

import json
import os
import re
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tinygrad_dnn.dnn import network, train
from tinygrad_dnn.dnn import settings as settings_module
from tinygrad_dnn.dnn.data import load
from tinygrad_dnn.render import layout
from tinygrad_dnn.render.plots import accuracy_curve, cost_curve
from viz.demo import pictures, report, story, tell
from viz.demo.__main__ import main

from .pages import unpacked

VOID = {"meta", "img", "br", "hr", "input", "link"}


class Page(HTMLParser):
    """Check that tags are balanced, and collect links, scripts, images and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def quick():
    said = []
    return tell(replace(story.SETTINGS, epochs=10), said.append), "\n".join(said)


@pytest.fixture(scope="module")
def page(quick):
    return report.page(quick[0], pictures.Graph("<svg/>", "text"))


def test_gradients_are_compared_at_the_first_step_in_the_middle_and_at_the_end(quick):
    told, said = quick
    assert list(told.comparisons) == [0, 5, 10]
    assert told.ok
    for comparison in told.comparisons.values():
        assert str(comparison) in said
        assert len(comparison.rows) == 12
        assert all(row.hand_numerical for row in comparison.rows)
    costs = [comparison.cost for comparison in told.comparisons.values()]
    assert costs == sorted(costs, reverse=True)


def test_the_parameters_compared_are_those_of_the_training(quick):
    told, _ = quick
    settings = replace(story.SETTINGS, epochs=5)
    at_five = train(told.data.X_train, told.data.Y_train, **settings.to_json())
    J = network.cost(at_five.parameters, told.data.X_train, told.data.Y_train, settings.activations, lambd=settings.lambd)
    assert told.comparisons[5].cost == pytest.approx(J.item(), rel=1e-12)


def test_the_training_by_hand_is_one(quick, monkeypatch):
    assert quick[0].by_hand < 1e-10
    wrong = lambda *args, **kwargs: (lambda J, grads: (J, {k: 1.01 * v for k, v in grads.items()}))(  # noqa: E731
        *network.cost_and_gradients(*args, **kwargs)
    )
    monkeypatch.setitem(settings_module.GRADIENTS, "manual", wrong)
    assert tell(replace(story.SETTINGS, epochs=3, optimiser="momentum"), lambda text: None).by_hand > 1e-6


def test_it_predicts_well_on_data_it_has_not_seen():
    told = tell(say=lambda text: None)
    assert told.test_accuracy > 0.95


# --- the report


def test_the_command_prints_what_it_found_and_writes_the_report(tmp_path, capsys):
    assert main(["--out", str(tmp_path / "new"), "--epochs", "4"]) == 0
    out = capsys.readouterr().out
    assert "breast-cancer" in out
    assert out.count("All 12 gradients agree") == 3
    assert re.search(r"Test accuracy: \d+\.\d %", out)
    assert f"Report: {tmp_path / 'new' / 'demo.html'}" in out
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["demo.html"]


@pytest.mark.slow
def test_it_is_told_to_a_pipe_that_knows_few_letters(tmp_path):
    command = [sys.executable, "-m", "viz.demo", "--out", tmp_path, "--epochs", "2"]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(command, cwd=Path(__file__).parents[1], env=environment, capture_output=True, check=True)
    assert "Report: " in done.stdout.decode("cp1252")


def test_a_gradient_that_differs_is_the_exit_status(tmp_path, monkeypatch):
    monkeypatch.setattr(story.Story, "ok", property(lambda self: False))
    assert main(["--out", str(tmp_path), "--epochs", "2"]) == 1
    assert "do NOT all agree" in (tmp_path / "demo.html").read_text("utf-8")


def test_the_report_is_well_formed_and_asks_nothing_of_the_network(page):
    found = Page(page)
    assert any("default-src 'none'" in attributes.get("content", "") for _, attributes in found.tags)
    assert {t for t, _ in found.tags} & {"link", "object", "form", "a"} == set()
    for tag, attributes in found.tags:
        for name in ("src", "href", "action", "srcset"):
            assert attributes.get(name, "data:").startswith("data:"), (tag, attributes)
        if tag == "script":
            assert attributes["type"] == "application/json"
        if tag == "img":
            assert attributes["alt"]
        if tag == "iframe":
            assert attributes["sandbox"] == "allow-scripts"
            assert attributes["srcdoc"].startswith("<!doctype html>")
    assert "url(" not in page
    assert "@import" not in page


@pytest.mark.slow
def test_the_report_is_the_same_in_every_run(quick):
    again = tell(replace(story.SETTINGS, epochs=10), lambda text: None)
    first, second = (report.page(told, pictures.graph(told)) for told in (quick[0], again))
    assert first == second


def test_the_report_holds_configuration_curves_tables_graph_and_derivation(quick):
    told = quick[0]
    drawn = pictures.graph(told)
    if drawn.svg is None:
        pytest.skip("no layout engine is installed")
    text = report.page(told, drawn)
    words = " ".join(Page(text).words)
    for expected in (
        "30, 16, 8, 1",
        "learning_rate",
        "numpy",
        np.__version__,
        "Before the first step",
        "After epoch 5",
    ):
        assert expected in words
    assert words.count("✓ agrees") == 36
    assert "Backward" in words
    assert "dW1 =" in words
    images = [b64decode(image).decode() for image in re.findall(r"base64,([^\"]+)", text)]
    assert len(images) == 2
    assert "cost J" in images[0]
    assert "epoch" in images[0]
    assert "W3" in images[1]
    assert images[1].count("agrees") >= 12


def test_the_report_has_a_table_of_the_configuration(quick, page):
    table = re.search(r"<h2>Configuration</h2><table>(.*?)</table>", page)[1]
    rows = {unescape(name): unescape(value) for name, value in re.findall("<tr><th>(.*?)</th><td>(.*?)</td></tr>", table)}
    assert list(rows) == list(report.configuration(quick[0]))
    assert rows["layers"] == "30, 16, 8, 1"
    assert rows["optimiser"] == "adam"
    assert rows["seed"] == "1"
    assert rows["numpy"] == np.__version__


def test_the_report_has_the_graph_step_by_step(quick, page):
    (frame,) = [attributes["srcdoc"] for tag, attributes in Page(page).tags if tag == "iframe"]
    assert frame == pictures.stepper(quick[0]).html
    own, outer = (re.findall(r"script-src ([^;]*);", unescape(text)) for text in (frame, page))
    assert own[0] == outer[0]
    data = json.loads(unpacked(frame))
    assert {node["name"]["text"] for node in data["nodes"]} >= {"W1", "Z2", "A2", "J"}
    compared = [c for node in data["nodes"] for c in node.get("compared", ())]
    assert len(compared) == 11  # the cost is taken from Z3: there is no A3 in the graph
    assert all(c["agrees"] for c in compared)


def test_the_block_for_machines_is_json_that_agrees_with_the_story(quick, page):
    told = quick[0]
    found = json.loads(re.search(r'<script type="application/json" id="story">(.*?)</script>', page)[1])
    assert found["ok"] is True
    assert found["configuration"]["seed"] == 1
    assert found["accuracy"]["test"] == told.test_accuracy
    assert [line["cost"] for line in found["history"]] == [epoch.cost for epoch in told.training.history]
    assert [comparison["epoch"] for comparison in found["comparisons"]] == [0, 5, 10]
    assert found["comparisons"][0]["rows"][0]["quantity"] == "dA3"


def test_names_in_the_data_cannot_break_out_of_the_page(quick):
    told = quick[0]
    bad = replace(told, data=replace(told.data, name="</script><script>alert(1)</script>"))
    text = report.page(bad, pictures.Graph(None, "<b>", "<i>"))
    assert "<script>alert" not in text
    assert "<b>" not in text.replace("<b>Net", "").replace("<b>All", "")
    Page(text)


def test_without_a_layout_engine_it_says_how_to_get_one_and_goes_on(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(layout, "engines", lambda: iter(()))
    assert main(["--out", str(tmp_path), "--epochs", "2"]) == 0
    out = capsys.readouterr().out
    assert "The graph is in the report as text: " in out
    assert "apt-get install graphviz" in out
    words = " ".join(Page((tmp_path / "demo.html").read_text("utf-8")).words)
    assert "apt-get install graphviz" in words


# --- the plots


def test_the_curves_are_those_of_the_history():
    from matplotlib.figure import Figure

    data = load("iris")
    training = train(data.X_train, data.Y_train, validation=(data.X_test, data.Y_test), layers=(4, 3), epochs=6, evaluate_every=2)
    axes = Figure().subplots()
    assert cost_curve(axes, training.history) is axes
    assert axes.get_yscale() == "log"
    learnt, held_out = axes.lines
    np.testing.assert_array_equal(learnt.get_ydata(), [epoch.cost for epoch in training.history])
    np.testing.assert_array_equal(learnt.get_xdata(), range(1, 7))
    np.testing.assert_array_equal(held_out.get_xdata(), [2, 4, 6])
    np.testing.assert_array_equal(held_out.get_ydata(), [e.validation_cost for e in training.history[1::2]])
    other = accuracy_curve(Figure().subplots(), training.history)
    np.testing.assert_array_equal(other.lines[0].get_ydata(), [e.accuracy for e in training.history[1::2]])
    assert learnt.get_linestyle() != held_out.get_linestyle()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "validation"]
