"""Feedback pages: both formulas, the graph with the wrong quantity marked, and nothing that a name could inject."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from tinygrad_dnn.referee.classroom import pages
from tinygrad_dnn.referee.classroom.pages import graph, index, page, page_names, tensors
from tinygrad_dnn.referee.verdict import FunctionVerdict, Verdict
from tinygrad_dnn.render import layout

MISSING = FunctionVerdict(
    "linear_backward",
    "wrong",
    "dW",
    "missing-1/m",
    "The factor 1/m is missing. Right: dW = 1/m * x. What you have gives dW = x. It raises E.",
    0.8,
    3,
    None,
    "dW = 1/m * x",
    "dW = x",
)


@pytest.fixture(autouse=True)
def no_pictures_of_other_tests() -> Iterator[None]:
    pages._marked.cache_clear()
    yield
    pages._marked.cache_clear()


@pytest.mark.layout
def test_the_wrong_quantity_is_marked_in_both_themes() -> None:
    drawn = html.unescape(graph(MISSING))
    assert re.findall(r"<figure class=(\w+)><svg", drawn) == ["light", "dark"]
    assert drawn.count(">✗ dW is wrong (missing-1/m)<") == 2
    assert "differs" not in drawn
    assert "⚠" not in drawn
    assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", drawn)


def test_without_a_layout_engine_the_page_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "engines", lambda: iter(()))
    drawn = page(Verdict("a.py", "wrong", [MISSING], MISSING))
    assert "<svg" not in drawn
    assert "tinygrad-dnn[layout]" in drawn
    assert "Z = v1 + b" in drawn


@pytest.mark.parametrize(
    ("function", "quantity", "names"),
    [
        ("linear_backward", "dA_prev", {"A_prev", "W", "b", "Z"}),
        ("linear_activation_backward", "db", {"A_prev", "W", "b", "Z", "A"}),
        ("L_model_backward", "dA1", {"X", "W1", "b1", "Z1", "A1"}),
        ("backward_propagation_n", "dZ3", {"A2", "W3", "b3", "Z3", "A3"}),
        ("L_model_forward", "AL", {"A_prev", "WL", "bL", "ZL", "AL"}),
        ("propagate", "dw", {"X", "w", "b", "Z", "A"}),
        ("sigmoid_backward", "dZ", {"Z", "A"}),
        ("compute_cost", "cost", {"AL", "Y", "J"}),
    ],
)
@pytest.mark.layout
def test_the_graph_has_the_names_of_the_function(function: str, quantity: str, names: set[str]) -> None:
    drawn = html.unescape(graph(FunctionVerdict(function, "wrong", quantity, "unknown")))
    assert f"✗ {quantity} is wrong" in drawn
    assert all(name in drawn for name in names)


@pytest.mark.parametrize("quantity", ["dtheta", "cache", "v", "dW1<script>"])
def test_what_no_graph_shows(quantity: str) -> None:
    assert tensors("linear_forward", quantity) is None
    assert graph(FunctionVerdict("linear_forward", "wrong", quantity, "unknown")) == ""


def test_formulas_stand_side_by_side_and_once() -> None:
    shown = page(Verdict("a.py", "wrong", [MISSING], MISSING))
    assert shown.count("dW = 1/m * x") == shown.count("dW = x") == 1
    assert "The factor 1/m is missing. It raises E." in shown


def test_what_a_submission_is_called_and_says_is_text() -> None:
    evil = "<script>alert(1)</script>"
    root = FunctionVerdict("relu", "crashed", message=evil)
    verdict = Verdict(f"in/{evil}.py", "crashed", [root], root, [evil])
    for written in (page(verdict), index([verdict], page_names([verdict.path]))):
        assert "<script" not in written


@pytest.mark.parametrize("evil", ['x" onmouseover="go()', "x' onmouseover='go()", "javascript:go()", "//other.org/x", "a?b#c"])
def test_what_stands_in_an_attribute_stays_in_it(evil: str) -> None:
    """Names of files and of functions, as a browser reads them."""
    verdict = Verdict(evil, "wrong", [FunctionVerdict(evil, "wrong", evil, evil, evil)], None, [evil], same_as=evil)
    verdict.first_wrong = verdict.functions[0]
    seen = list[tuple[str, str | None]]()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.extend(attrs)

    names = page_names([verdict.path])
    for written in (page(verdict), index([verdict], names), verdict._repr_html_()):
        Reader().feed(written)
    assert not [name for name, _ in seen if name.startswith("on")]
    links = {value for name, value in seen if name == "href"}
    assert links == {"index.html", *names.values()}
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names.values())
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("content", policy) in seen
    assert {value for name, value in seen if name in ("src", "action", "data", "srcset")} == set()


def test_the_overview_names_files_by_what_they_do_not_share() -> None:
    paths = ["class/2026/ann/hw.py", "class/2026/anton/hw.py"]
    shown = index([Verdict(path, "right") for path in paths], page_names(paths))
    assert ">ann/hw.py</a>" in shown
    assert ">anton/hw.py</a>" in shown
