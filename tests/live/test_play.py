"""`play`: pages on which networks learn; `tests/browser/test_play.py` opens them."""

from __future__ import annotations

import runpy

import numpy as np
import pytest
from typer.testing import CliRunner

from tinygrad_dnn import NoRuleError, ShapeError, TracingError, play
from tinygrad_dnn.cli.commands import app
from tinygrad_dnn.core.pytree import flatten

from ..pages import unpacked
from .networks import NETWORKS, network

X, Y = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 1.0]])
PARAMETERS = {"w": np.array([[0.5, -0.5]]), "b": np.zeros((1, 1))}


def forward(parameters, X):
    Z = parameters["w"] @ X + parameters["b"]
    return 1 / (1 + np.exp(-Z))


def cost(parameters, X, Y):
    A = forward(parameters, X)
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))


QUICK = ("2-20-7-5-1", "squared error")
"""The largest page, and the one that is made fastest."""


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * (n not in QUICK)) for n in NETWORKS])
def test_the_networks_of_the_course_fit_into_150_kb(name):
    page = play(*network(name))
    assert len(page.html.encode()) < 150_000
    assert "look" in page.programs


def test_a_page_has_what_the_function_names():
    page = play(cost, PARAMETERS, X, Y, predict=forward, test=(X, Y), names=["points", "labels"])
    assert [x["name"] for x in page.data["returns"]["look"]] == ["J", "Z", "A", "dZ", "dA"]
    assert [x["name"] for x in page.data["data"]] == ["points", "labels"]
    assert page.programs.keys() == {"step", "look", "one", "held", "grid"}


def test_of_several_statements_on_a_line_no_result_has_a_wrong_name(tmp_path):
    line = "Z1 = p['W'] @ X; A1 = np.tanh(Z1); Z2 = A1 + p['b']; return np.mean((Z2 - Y) ** 2)"
    path = tmp_path / "network.py"
    path.write_text(f"import numpy as np\ndef cost(p, X, Y):\n    A0 = X * 1.0 + p['b']\n    {line}\n", "utf-8")
    space = runpy.run_path(str(path))
    shapes = {"W": np.ones((3, 2)), "b": np.zeros((1, 1))}
    page = play(space["cost"], shapes, np.ones((2, 4)), np.ones((3, 4)))
    names = [found["name"] for found in page.data["returns"]["look"]]
    assert not {"Z1", "A1", "Z2"} & {*names}


def test_examples_may_be_rows():
    page = play(lambda p, X, y: np.mean((X @ p["w"] - y) ** 2), {"w": np.ones(2)}, X.T, Y[0])
    assert page.data["axis"] == 0
    assert page.data["m"] == 3


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"W1": 1.0, "b1": 2.0}, ["W1", "b1"]),
        ({"layers": [{"W": 1.0}, {"W": 2.0}]}, ["layers[0][W]", "layers[1][W]"]),
        ([(1.0, 2.0), 3.0], ["p[0][0]", "p[0][1]", "p[1]"]),
        (1.0, ["p"]),
    ],
)
def test_parameters_have_the_names_of_their_places(parameters, names):
    page = play(lambda p, x: sum(map(np.sum, flatten(p))) * np.sum(x), parameters, np.ones(2))
    assert [x["name"] for x in page.data["parameters"]] == names


def test_a_penalty_leaves_no_shares():
    """With a penalty the gradient is no mean over single examples."""
    page = play(lambda p, X, Y: cost(p, X, Y) + np.sum(p["w"] ** 2) / X.shape[1], PARAMETERS, X, Y)
    assert "one" not in page.programs


def test_names_that_are_words_of_javascript():
    page = play(lambda p, x: np.sum(p["new"] * x) * p["Math"], {"new": np.ones(2), "Math": 2.0}, np.ones(2), names=["let"])
    assert "const [new_2, Math_2, let_2] = given;" in page.programs["step"]


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        (lambda p, X, Y: np.sum(np.sort(p["w"])), NoRuleError, r"argsort, .* has dtype int64, .*; explore\(cost"),
        (lambda p, X, Y: np.sum(p["w"].astype(np.float32)), NoRuleError, "float32, and a page computes in float64"),
        (lambda p, X, Y: np.sum(p["w"] if p["b"] > 0 else p["b"]), TracingError, r"^play: bool\(t\)"),
        (lambda p, X, Y: np.sum(np.concatenate([p["w"].T, X], 1)), NoRuleError, "^play: concatenate, "),
        (lambda p, X, Y: np.sum(np.ravel(p["w"].T * p["w"])[:3] ** 2), NoRuleError, "^play: scatter, .* has no form"),
        (lambda p, X, Y: np.linalg.det(p["w"].T @ p["w"]), NoRuleError, "^play: det, .* has no form in JavaScript"),
        (lambda p, X, Y: p["w"] @ X, ShapeError, r"an array of shape \(1, 3\); the gradient is that of one scalar"),
        (lambda p, X, Y: 3.0, ValueError, "the cost does not depend on the parameters"),
    ],
)  # fmt: skip
def test_what_a_page_cannot_compute_is_named(function, kind, message):
    with pytest.raises(kind, match=message):
        play(function, PARAMETERS, X, Y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"theme": "pink"}, "theme is 'pink'; allowed: auto"),
        ({"language": "de"}, "language is 'de'"),
        ({"names": ["X", "X"]}, "give 2 different ones"),
        ({"test": (X * np.nan, Y)}, "test have entries that are not finite"),
    ],
)
def test_options_that_are_wrong_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        play(cost, PARAMETERS, X, Y, **options)


def test_a_plane_needs_two_features():
    with pytest.raises(ValueError, match=r"the first of the data has shape \(3, 5\)"):
        play(lambda p, X: np.sum(p["w"] @ X), {"w": np.ones((1, 3))}, np.ones((3, 5)), predict=forward)


# --- the command

PROGRAM = """
import numpy as np
rng = np.random.default_rng(0)
X, Y = rng.standard_normal((2, 80)), (rng.random((1, 80)) > 0.5) * 1.0
X_test, Y_test = X + 0.1, Y
parameters = {"w": np.zeros((1, 2)), "b": np.zeros((1, 1))}
def forward(parameters, X):
    return 1 / (1 + np.exp(-(parameters["w"] @ X + parameters["b"])))
def cost(parameters, X, Y):
    A = forward(parameters, X)
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
"""


def run(tmp_path, text, *arguments):
    path = tmp_path / "program.py"
    path.write_text(text)
    return CliRunner().invoke(app, ["play", str(path), *arguments]), path


def test_the_command_writes_a_page_beside_the_program(tmp_path):
    result, path = run(tmp_path, PROGRAM, "--language", "zh")
    assert result.exit_code == 0, result.stderr
    html = path.with_suffix(".html").read_text("utf-8")
    assert '<html lang="zh-Hans">' in html
    module = unpacked(html, "module")
    assert all(f"const {name} = (() =>" in module for name in ("step", "look", "one", "small", "held", "grid"))


def test_the_command_falls_back_to_explore(tmp_path):
    result, path = run(tmp_path, PROGRAM.replace("return -np.mean(", "return -np.median("))
    assert result.exit_code == 0, result.stderr
    assert "So this is the page of explore." in result.stderr
    assert '"nodes":' in unpacked(path.with_suffix(".html").read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        (("def cost", "def price"), [], "has no function cost or J or loss or compute_cost"),
        (
            ("cost(parameters, X", "cost(parameters, Z"),
            [],
            "has no variable Z; cost(parameters, Z, Y) is called with these",
        ),
        (("", ""), ["--predict", "guess"], "has no function guess"),
    ],
)
def test_the_command_says_what_is_missing(tmp_path, change, arguments, message):
    result, _ = run(tmp_path, PROGRAM.replace(*change, 1), *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
