"""Pictures as an engine makes them: valid, readable out loud, safe from names, never endless."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from tinygrad_dnn import Tensor, draw, relu, scope
from tinygrad_dnn.render import LayoutError, layout
from tinygrad_dnn.render.markup import visible
from tinygrad_dnn.support.text import shortened

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    *[
        '"q"',
        "<script>alert(1)</script>",
        "]]>",
        "<b>",
        "<>",
        "ünï☃ code 𝔸😀",
        "x" * 10_000,
        '"&<\\' * 2500,
        "a\nb\r\tc",
    ],
    *[
        "\\N \\G \\E \\l \\\\",
        "\\",
        "end\\",
        "{a|b}",
        "%s %d {} {0}",
        "&amp; &lt;",
        "\x00\x07\x1b",
        "\ud800",
        "",
        " ",
        "->",
    ],
    *["a:b:n", '"];evil', "<<table>>", "-->", "\u202eabc", "node", "1.5", "$x_1^2$", "*/ //", "__class__", "null"],
]

pytestmark = pytest.mark.layout


def hostile_graph(name):
    a = Tensor([[1.0, 2.0]], name=name)
    with scope(name):
        b = (a * a + a).named(name)
    return np.sum(b).named(name)


@pytest.mark.parametrize("engine", ["dot", pytest.param("pygraphviz", marks=pytest.mark.slow)], indirect=True)
@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:12]))
def test_names_show_literally_and_break_nothing(engine, name):
    for arguments in ({"backward": True, "title": name}, {"depth": 0}, {"limit": 1, "depth": 3, "roll": False}):
        svg = draw(hostile_graph(name), **arguments).svg()
        root = ET.fromstring(svg)
        assert "<script" not in svg
        titles = [title.text or "" for title in root.iter(f"{SVG}title")]
        drawn = ["".join(text.itertext()).replace("\xa0", " ") for text in root.iter(f"{SVG}text")]
        links = [link.get("{http://www.w3.org/1999/xlink}title") or "" for link in root.iter(f"{SVG}a")]
        if name.strip():
            assert any(visible(name) in title for title in titles)
            titles = [name, f"{name}_2", f"{name}_3"]
            assert any(shortened(visible(title), 24) in text for title in titles for text in drawn)
            assert not links or any(shortened(visible(name), 400) in link for link in links)


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_every_format_is_written_whole(engine, first_graph, tmp_path, suffix, start):
    path = draw(first_graph).save_as(tmp_path / f"J.{suffix}")
    assert path.read_bytes().startswith(start)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_all_names_at_once_in_every_format(engine, tmp_path):
    y = np.sum(np.stack([Tensor(float(i), name=name) for i, name in enumerate(HOSTILE)])).named("J")
    picture = draw(y, backward=True)
    for suffix, start in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")):
        assert picture.save_as(tmp_path / f"J.{suffix}").read_bytes().startswith(start)
    titles = {node["title"] for node in json.loads(picture.save_as(tmp_path / "J.json").read_text())["nodes"]}
    assert {name for name in HOSTILE if name.strip()} < titles
    lines = picture.save_as(tmp_path / "J.txt").read_text().split("\n")
    assert len(lines) == len(HOSTILE) + 3
    assert all(any(line.startswith(visible(name)) for line in lines) for name in HOSTILE if name.strip())


def test_each_node_has_title_and_description(engine, first_graph):
    root = ET.fromstring(draw(first_graph, gradients=True).svg())
    nodes = [g for g in root.iter(f"{SVG}g") if (g.get("class") or "").startswith("node")]
    said = {g.find(f"{SVG}title").text: g.find(f"{SVG}desc").text for g in nodes}
    assert sorted(said) == ["J = 3 * v", "a", "b", "c", "u = b * c", "v = a + u"]
    assert said["u = b * c"] == "multiply, value 6\ngradient 3, norm 3"
    assert root.get("aria-label") == "computation graph of J"
    assert root.get("role") == "graphics-document document"


def test_all_uses_of_a_stub_light_up_together(engine):
    W = Tensor(2.0, name="W")
    x = Tensor(1.0, name="x")
    for _ in range(8):
        x = np.tanh(W * x)
    svg = draw(x).svg()
    (name,) = set(re.findall(r'class="node stub (use_n\d+)"', svg))
    assert f":has(.{name}:hover)" in svg
    assert svg.count(f'class="node stub {name}"') == 8


def test_a_notebook_gets_svg_png_and_text(engine, first_graph):
    bundle = draw(first_graph)._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "image/png", "text/plain"}
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert set(draw(first_graph)._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}


def test_a_failing_engine_is_reported(monkeypatch):
    monkeypatch.setattr(layout, "engines", lambda: iter([("broken", [sys.executable, "-c", "raise SystemExit('no')"])]))
    with pytest.raises(layout.LayoutError, match=r"the layout failed \(broken: no\)"):
        layout.laid_out("digraph {}", "svg")


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="format is 'gif'; allowed: svg or png or pdf"):
        layout.laid_out("digraph {}", "gif")


def test_a_layout_that_takes_too_long_is_given_up_for_collapsed_layers(monkeypatch, cost_of):
    def run(command, input, timeout, **options):  # noqa: A002 - subprocess calls it so
        if input.count(b"->") > 20:
            raise subprocess.TimeoutExpired(command, timeout)
        svg = f'<svg width="1pt" height="1pt">{b"took too long" in input}</svg>'
        return subprocess.CompletedProcess(command, 0, svg.encode(), b"")

    monkeypatch.setattr(layout, "engines", lambda: iter([("slow", ["slow"])]))
    monkeypatch.setattr(layout.subprocess, "run", run)
    J = cost_of(2, 3, 3, 3, 1)
    picture = draw(J, timeout=3.0, limit=20, depth=1, roll=False)
    with pytest.warns(RuntimeWarning, match="takes longer than 3 s; .* collapsed layers are drawn instead"):
        svg = picture.svg()
    assert "True" in svg
    assert picture.svg() == svg
    assert b"True" in picture.rendered("pdf")  # and no second warning: what was chosen once is kept


def test_what_cannot_be_collapsed_ends_in_an_error(monkeypatch, first_graph):
    sleeps = "import time; time.sleep(60)"
    monkeypatch.setattr(layout, "engines", lambda: iter([("slow", [sys.executable, "-c", sleeps])]))
    with pytest.warns(RuntimeWarning), pytest.raises(layout.LayoutTimeout, match=r"longer than 0.5 s; draw less"):
        draw(first_graph, timeout=0.5).svg()


def test_graphvizs_own_methods_work_without_the_program(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = draw((Tensor(2.0, name="a") ** 2).named("J"))
    assert picture.pipe("svg").startswith(b"<?xml")
    assert picture.pipe(format="svg", encoding="utf-8").startswith("<?xml")
    path = picture.render("graph", directory=tmp_path, format="png")
    assert path == str(tmp_path / "graph.png")
    assert Path(path).read_bytes().startswith(b"\x89PNG")
    assert "digraph" in (tmp_path / "graph").read_text()
    monkeypatch.setattr(layout, "find_spec", lambda name: None)
    with pytest.raises(LayoutError, match="no layout engine is installed"):
        draw(Tensor(2.0) ** 2).pipe("svg")


def test_a_picture_lists_its_own_methods():
    picture = draw(Tensor(2.0) ** 2)
    assert "save_as" in dir(picture)
    assert len(dir(picture)) < 12
    assert all(hasattr(picture, name) for name in dir(picture))


@pytest.mark.parametrize("residual", [False, True])
def test_layers_stand_below_one_another_however_many_there_are(residual):
    def drawn(count):
        h = Tensor(np.ones((4, 4)), name="X")
        for k in range(count):
            with scope(f"block {k}"):
                a = relu(Tensor(np.eye(4), name=f"W{k}") @ h)
                h = a + h if residual else a
        return layout.size_of(draw(np.sum(h), depth=1).svg())

    (small, short), (wide, tall) = drawn(3), drawn(12)
    assert tall > 3 * short
    assert wide < 2 * small
