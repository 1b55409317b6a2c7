"""Pages of `play` in a browser: the programs against NumPy, and the page as its reader uses it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_dnn
from tinygrad_dnn import NoRuleError, TracingError, play, value_and_grad
from tinygrad_dnn.core.pytree import flatten, mapped
from tinygrad_dnn.dnn.optimisers import OPTIMISERS
from tinygrad_dnn.live.programs import Subject

from ..live.networks import NETWORKS, network
from ..live.others import OTHERS
from ..live.test_play import PARAMETERS, X, Y, cost, forward
from ..ops.table import ROWS, identifier

PRODUCT = (Path(tinygrad_dnn.__file__).parent / "live" / "product.js").read_text("utf-8")


@pytest.fixture(scope="module")
def computed(chromium: Any) -> Any:
    """Run programs on arrays in the browser."""
    context = chromium.new_context()
    tab = context.new_page()

    def run(source: str, given: list[np.ndarray]) -> list[np.ndarray]:
        arrays = json.dumps([[float(v) for v in np.ravel(x)] for x in given])
        call = f"{PRODUCT}{source} return program({arrays}.map((x) => Float64Array.from(x))).map((x) => Array.from(x));"
        return [np.array(x, float) for x in tab.evaluate(f"(() => {{ {call} }})()")]

    yield run
    context.close()


def close(ours: Any, theirs: Any) -> bool:
    theirs = np.asarray(theirs, float).ravel()
    return bool(np.all(np.abs(ours - theirs) <= 1e-12 * np.abs(theirs).max(initial=1e-300)))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_computes_as_numpy_does(computed, name):
    function, parameters, *data = network(name)
    subject = Subject(function, parameters, data, ["X", "Y"])
    program = subject.printed("program", subject.step)
    J, gradients = value_and_grad(function)(parameters, *data)
    found = computed(program.source, [*parameters.values(), *data])
    assert all(map(close, found, [J, *flatten(gradients)]))


@pytest.mark.parametrize("name", OTHERS)
def test_networks_of_other_people_learn_as_numpy_does(computed, name):
    function, parameters, *data = OTHERS[name]
    subject = Subject(function, parameters, data, ["X", "Y"])
    program = subject.printed("program", subject.step)
    theirs = parameters
    for _ in range(20):
        J, gradients = value_and_grad(function)(theirs, *data)
        found = computed(program.source, [*flatten(theirs), *data])
        assert all(map(close, found, [J, *flatten(gradients)]))
        theirs = mapped(lambda x, bar: x - 0.1 * bar, theirs, gradients)
    assert function(parameters, *data) > J


@cache
def emitted(row: Any) -> Any:
    """The program of an op, or None where a page cannot compute it."""
    given = {f"x{i}": np.asarray(x) for i, x in enumerate(row.variables)}
    if any(x.dtype != float for x in given.values()):
        return None
    try:
        subject = Subject(row.function, {}, [*given.values()], [*given])
        return subject.printed("program", lambda leaves: [("y", row.function(*leaves))])
    except (NoRuleError, TracingError):
        return None


@pytest.mark.slow
def test_every_op_that_is_printed_computes_as_numpy_does(computed):
    wrong, count = [], 0
    for row in ROWS:
        program = emitted(row)
        if program is None:
            continue
        count += 1
        with np.errstate(all="ignore"):
            y = row.function(*row.variables)
        [found] = computed(program.source, list(row.variables))
        if not close(found, y):
            wrong.append((identifier(row), found, y))
    assert not wrong
    assert count >= 600


def clicked(tab: Any, text: str) -> None:
    tab.get_by_role("button", name=text, exact=True).click()


def entry(tab: Any, title: str) -> Any:
    return tab.get_by_role("button", name=f"{title}: ")


def cells(tab: Any, box: int = 0) -> list[str]:
    return tab.locator("section .arrays .entry .value").all_inner_texts()


@pytest.fixture
def page(opened: Any) -> Any:
    return opened(play(cost, PARAMETERS, X, Y, predict=forward, test=(X, Y), learning_rate=0.5, title="Plane"))


def learned(steps: int) -> dict[str, np.ndarray]:
    parameters = {name: x.copy() for name, x in PARAMETERS.items()}
    for _ in range(steps):
        _, gradients = value_and_grad(cost)(parameters, X, Y)
        parameters = {name: x - 0.5 * gradients[name] for name, x in parameters.items()}
    return parameters


def test_it_learns_as_numpy_does_and_goes_back(page):
    for _ in range(3):
        clicked(page, "Step")
    status = page.locator(".status").inner_text()
    assert status.startswith(f"After 3 steps: J = {cost(learned(3), X, Y):.6g}")
    assert [float(x) for x in cells(page)] == pytest.approx(np.concatenate([x.ravel() for x in learned(3).values()]), rel=1e-2)
    clicked(page, "Step back")
    assert f"After 2 steps: J = {cost(learned(2), X, Y):.6g}" in page.locator(".status").inner_text()
    clicked(page, "Rewind")
    assert cells(page)[0] == "0.5"


def layers(parameters, X):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    return 1 / (1 + np.exp(-Z2))


def layered(parameters, X, Y):
    A2 = layers(parameters, X)
    return -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


def plane_of(m=80):
    """Parameters of 2-3-1, and examples with labels."""
    rng = np.random.default_rng(3)
    shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
    X = rng.standard_normal((2, m))
    return {name: rng.standard_normal(s) * 0.7 for name, s in shapes.items()}, X, (X[:1] * X[1:] > 0) * 1.0


def drawn(seed):
    """The page's random numbers."""

    def times(a, b):
        return (a * b) & 0xFFFFFFFF

    while True:
        seed = (seed + 0x6D2B79F5) & 0xFFFFFFFF
        x = times(seed ^ (seed >> 15), 1 | seed)
        x = ((x + times(x ^ (x >> 7), 61 | x)) & 0xFFFFFFFF) ^ x
        yield (x ^ (x >> 14)) / 2**32


def batches(m, size):
    """The examples of each step of a page: walks through all of them in random order, without the rest."""
    order, numbers = [], drawn(1)
    while True:
        if len(order) < size:
            order = list(range(m))
            for i in range(m - 1, 0, -1):
                j = int(next(numbers) * (i + 1))
                order[i], order[j] = order[j], order[i]
        chosen, order = order[:size], order[size:]
        yield chosen


@pytest.mark.parametrize(("optimiser", "batch"), [("momentum", 0), ("adam", 0), ("gradient-descent", 32), ("adam", 32)])
def test_fifty_steps_are_those_of_the_packages_optimisers(opened, optimiser, batch):
    theta, X, Y = plane_of()
    tab = opened(play(layered, theta, X, Y, learning_rate=0.3))
    tab.get_by_label("optimiser").select_option(optimiser)
    if batch:
        tab.get_by_label("examples a step").select_option(str(batch))
    tab.get_by_role("button", name="Step", exact=True).evaluate("(b) => { for (let i = 0; i < 50; i++) b.click(); }")
    rule, chosen = OPTIMISERS[optimiser](), batches(X.shape[1], batch or 1)
    averages = {name: tuple(np.zeros_like(x) for _ in rule.averages) for name, x in theta.items()}
    for t in range(1, 51):
        part = next(chosen) if batch else slice(None)
        gradients = value_and_grad(layered)(theta, X[:, part], Y[:, part])[1]
        for name in theta:
            theta[name], averages[name] = rule.after(theta[name], gradients[name], averages[name], t, 0.3)
    assert tab.locator(".status").inner_text().startswith(f"After 50 steps: J = {layered(theta, X, Y):.6g}")
    for name, x in theta.items():
        for index in np.ndindex(x.shape):
            title = f"{name}{list(index)}"
            entry(tab, title).click()
            found = float(tab.get_by_label(f"{title}, value").input_value())
            assert found == pytest.approx(x[index], rel=1e-12, abs=1e-12)


def pixels(tab, canvas):
    """The colours of a canvas, row by row."""
    read = "(c) => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
    size = canvas.evaluate("(c) => [c.height, c.width, 4]")
    return np.array(canvas.evaluate(read), float).reshape(size)


def test_each_unit_has_its_values_over_the_plane(opened):
    theta, X, Y = plane_of()
    made = play(layered, theta, X, Y, predict=layers)
    tab = opened(made)
    left, right, bottom, top = made.data["bounds"]
    side = made.data["side"]
    across, up = np.meshgrid(np.linspace(left, right, side), np.linspace(top, bottom, side))
    Z1 = theta["W1"] @ np.stack([across.ravel(), up.ravel()]) + theta["b1"]
    low, middle, high = np.array([[0, 114, 178], [247, 247, 247], [230, 159, 0]])
    names = tab.locator(".units figcaption").all_inner_texts()
    assert {f"{name}[{k}]" for name in ("Z1", "A1") for k in range(3)} <= {*names}
    for name, values in (("Z1", Z1), ("A1", np.tanh(Z1))):
        for k, row in enumerate(values):
            share = (0.5 + row / np.abs(row).max() / 2)[:, None]
            wanted = np.where(share < 0.5, low + (middle - low) * 2 * share, middle + (high - middle) * (2 * share - 1))
            found = pixels(tab, tab.locator("canvas.unit").nth(names.index(f"{name}[{k}]")))
            assert np.abs(found[..., :3].reshape(-1, 3) - wanted).max() <= 1
    before = pixels(tab, tab.locator("canvas.unit").first)
    clicked(tab, "Step")
    assert np.any(pixels(tab, tab.locator("canvas.unit").first) != before)


def test_the_cost_of_what_is_held_out_has_its_own_curve(opened):
    theta, X, Y = plane_of()
    held = X[:, :20] + 0.5, 1 - Y[:, :20]
    tab = opened(play(layered, theta, X, Y, test=held, learning_rate=0.5))
    for step in range(4):
        said = tab.locator(".status").inner_text()
        assert f"held out {layered(theta, *held):.4g}" in said, step
        gradients = value_and_grad(layered)(theta, X, Y)[1]
        theta = {name: x - 0.5 * gradients[name] for name, x in theta.items()}
        clicked(tab, "Step")
    style = "getComputedStyle(document.documentElement)"
    colours = f"() => ['--line-parameter', '--back'].map((n) => {style}.getPropertyValue(n).trim())"
    curve = pixels(tab, tab.locator("canvas").first)
    for colour in tab.evaluate(colours):
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        rows, columns = np.nonzero(np.all(np.abs(curve[..., :3] - rgb) <= 8, axis=-1) & (curve[..., 3] > 200))
        assert np.ptp(columns) > 300, colour  # a line from side to side
        assert np.ptp(rows) > 2


def test_an_entry_is_edited_and_nudged(page):
    entry(page, "w[0, 1]").click()
    page.get_by_label("w[0, 1], value").fill("2")
    page.get_by_label("w[0, 1], value").press("Enter")
    changed = {**PARAMETERS, "w": np.array([[0.5, 2.0]])}
    assert f"J = {cost(changed, X, Y):.6g}" in page.locator(".status").inner_text()
    clicked(page, "Nudge")
    bar = value_and_grad(cost)(changed, X, Y)[1]["w"][0, 1]
    assert f"/ ε = {bar:.4g}"[:9] in page.locator(".box [role=status]").inner_text()
    clicked(page, "Step")  # with the gradients of this place, not of the one that the nudge looked at last
    gradients = value_and_grad(cost)(changed, X, Y)[1]
    moved = {name: x - 0.5 * gradients[name] for name, x in changed.items()}
    assert f"J = {cost(moved, X, Y):.6g}" in page.locator(".status").inner_text()


def test_classes_differ_by_their_shapes_too(opened):
    def cost(parameters, X, Y):
        return np.mean((parameters["w"] @ X - Y) ** 2)

    X, Y = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[0.0, 1.0]])
    tab = opened(play(cost, {"w": np.ones((1, 2))}, X, Y, predict=lambda p, X: p["w"] @ X))
    opacity = """([x, away]) => { // of the picture of the points, so many pixels from one of them, up to the right
        const canvas = document.querySelectorAll('.plane canvas')[1];
        const [px, py] = [((x + 0.1) / 1.2) * canvas.width, ((1.1 - x) / 1.2) * canvas.height];
        const place = [px + 0.87 * away, py - 0.5 * away].map(Math.round);
        return canvas.getContext('2d').getImageData(...place, 1, 1).data[3]; }"""
    seen = [[tab.evaluate(opacity, [x, away]) > 0 for away in (0, 4)] for x in X[0]]
    assert seen == [[True, True], [True, False]]  # a disc, and a triangle


def test_a_slider_moves_everything_while_it_is_dragged(page):
    before = page.locator(".status").inner_text()
    slider = page.locator("input[type=range]")
    value = float(slider.input_value()) + 0.5
    slider.evaluate(f"s => {{ s.value = {value}; s.dispatchEvent(new Event('input')) }}")
    during = page.locator(".status").inner_text()
    assert during != before
    assert float(page.locator("input[aria-label$=', value']").input_value()) == pytest.approx(value)
    moved = {name: x.copy() for name, x in PARAMETERS.items()}
    moved[next(iter(moved))].flat[0] = float(slider.input_value())
    assert during.startswith(f"After 0 steps: J = {cost(moved, X, Y):.6g}")
    slider.evaluate("s => s.dispatchEvent(new Event('change'))")
    assert page.locator(".status").inner_text() == during
    clicked(page, "Rewind")
    assert page.locator(".status").inner_text() == before


def test_a_guess_comes_before_the_gradient(page):
    page.get_by_label("Predict first").check()
    assert set(page.locator(".bar").all_inner_texts()) == {""}
    bar = value_and_grad(cost)(PARAMETERS, X, Y)[1]["w"][0, 0]
    answer = page.get_by_label("What is the gradient of J by this entry?")
    for guess, said in ((-bar, "the sign is the other one"), (2 * bar, "2 times what it must be"), (bar, "Right: ")):
        answer.fill(str(guess))
        clicked(page, "Check")
        assert said in page.locator(".box .row [role=status]").inner_text()
    clicked(page, "Show")
    assert set(page.locator("section .bar").all_inner_texts()) != {""}


def test_a_state_is_a_link(opened):
    made = play(cost, PARAMETERS, X, Y, predict=forward, learning_rate=0.5)
    first = opened(made)
    clicked(first, "Step")
    first.locator("select[aria-label=optimiser]").select_option("adam")
    clicked(first, "Step")
    entry(first, "b[0, 0]").click()
    first.get_by_label("b[0, 0], value").fill("1.5")
    first.get_by_label("b[0, 0], value").press("Enter")
    clicked(first, "Step")
    first.get_by_label("Language").select_option("zh")
    clicked(first, "此状态的链接")
    fragment = first.url.split("#")[1]
    second = opened(made)
    second.evaluate(f"location.hash = {json.dumps(fragment)}")
    second.reload()
    assert second.locator("h2").first.inner_text() == "代价随步数的变化"
    assert cells(second) == cells(first)
    opened.complaints.clear()  # the second address is asked for once more


@pytest.mark.parametrize("fragment", ["step=-4&log=0,alpha,x;z", "step=3&log=0,9.9,1;0,0.0,nan&array=99&example=1e9&lang=xx"])
def test_a_broken_link_opens_the_page(opened, page, fragment):
    page.evaluate(f"location.hash = {json.dumps(fragment)}")
    page.reload()
    assert page.locator(".status").inner_text().startswith("After ")
    opened.complaints.clear()


def deep(parameters, X, Y):
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    return np.mean((Z2 - Y) ** 2)


DEEP = {"W1": np.eye(2), "b1": np.ones((2, 1)), "W2": np.ones((1, 2)), "b2": np.zeros((1, 1))}


def seen(tab: Any, box: str, kind: str = "value") -> list[float]:
    """The numbers below a heading."""
    found = tab.locator(".arrays > div", has=tab.get_by_role("heading", name=box, exact=True))
    return [float(text) for text in found.locator(f".{kind}").all_inner_texts()]


def test_a_layer_at_a_time_and_the_one_over_m(opened):
    made = play(deep, DEEP, X, Y)
    tab, m = opened(made), X.shape[1]
    before = seen(tab, "Z2", "bar")
    shares = seen(tab, "dW2")
    tab.get_by_label("1/m as in the course").check()
    assert seen(tab, "Z2", "bar") == pytest.approx([m * x for x in before], rel=1e-2)
    assert seen(tab, "dW2") == pytest.approx([m * x for x in shares], rel=1e-2)
    assert "course's form" in tab.locator(".box p").inner_text()
    tab.get_by_label("all layers").select_option("2")
    assert not tab.get_by_role("heading", name="W1 (2, 2)").is_visible()
    assert tab.get_by_role("heading", name="W2 (1, 2)").is_visible()
    assert seen(tab, "A1") == seen(tab, "dW1") == []
    clicked(tab, "Link to this state")
    fragment = tab.url.split("#")[1]
    second = opened(made)
    second.evaluate(f"location.hash = {json.dumps(fragment)}")
    second.reload()
    assert second.get_by_label("1/m as in the course").is_checked()
    assert second.get_by_label("all layers").input_value() == "2"
    opened.complaints.clear()


def test_results_may_have_the_names_that_the_page_gives(opened):
    def penalised(parameters, X, Y):
        dA = np.tanh(parameters["W1"] @ X + parameters["b1"])
        A = parameters["W2"] @ dA + parameters["b2"]
        J = np.mean((A - Y) ** 2)
        return J + 0.1 * np.sum(parameters["W2"] ** 2)

    tab = opened(play(penalised, DEEP, X, Y))
    assert len(seen(tab, "dA")) == 2
    assert seen(tab, "J", "bar") == [1.0]
    assert len(seen(tab, "A")) == 1


def test_what_was_done_last_is_undone_first(page):
    start = cells(page)
    clicked(page, "Step")
    after = cells(page)
    clicked(page, "All zeros")
    assert set(cells(page)) == {"0"}
    clicked(page, "Undo")
    assert cells(page) == after
    page.get_by_label("optimiser").select_option("adam")
    clicked(page, "Undo")
    assert page.get_by_label("optimiser").input_value() == "gradient-descent"
    assert cells(page) == after
    clicked(page, "Undo")
    assert cells(page) == start


def test_the_keyboard_stays_where_it_was(page):
    slider = page.locator("input[type=range]")
    slider.focus()
    before = float(slider.input_value())
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert float(slider.input_value()) == pytest.approx(before + 0.03)
    page.get_by_role("button", name="Large type").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Large type"


def test_a_screen_reader_is_told_entries_with_their_numbers_and_no_gradient_to_be_guessed(page):
    bar = value_and_grad(cost)(PARAMETERS, X, Y)[1]["w"][0, 0]
    button = entry(page, "w[0, 0]")
    assert re.fullmatch(rf"w\[0, 0\]: 0\.5 {bar:.3g}", spoken(button))
    assert button.get_attribute("aria-pressed") == "true"
    page.get_by_label("Predict first").check()
    assert spoken(button) == "w[0, 0]: 0.5"
    clicked(page, "Show")
    assert f"{bar:.3g}" in spoken(button)
    clicked(page, "Undo")  # another state, whose gradients are to be guessed anew
    clicked(page, "Step")
    clicked(page, "Show")
    clicked(page, "Undo")
    assert spoken(button) == "w[0, 0]: 0.5"


def spoken(button: Any) -> str:
    """The name of a button in the tree that Chromium gives to screen readers."""
    text = button.aria_snapshot()
    return re.search(r'button "(.*?)"', text)[1].strip()


def test_all_is_reached_by_the_tab_key_in_the_order_of_the_page(page):
    page.locator("h1").click()
    order = []
    for _ in range(60):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate("""() => {
            const all = [...document.querySelectorAll('button, select, input')].filter((x) => x.offsetParent);
            return [all.indexOf(document.activeElement), all.length, document.activeElement.outerHTML]; }""")
        )
        if order[-1][0] == order[-1][1] - 1:
            break
    assert [at for at, *_ in order] == list(range(order[-1][1])), order


def test_it_trains_until_it_is_stopped(page):
    clicked(page, "Train")
    while int(page.locator(".status").inner_text().split()[1]) <= 5:  # the page's policy allows no function to wait for
        page.wait_for_timeout(50)
    clicked(page, "Pause")
    assert page.get_by_role("button", name="Train", exact=True).is_visible()


@pytest.mark.parametrize("settings", [{"viewport": {"width": 390, "height": 800}}, {"color_scheme": "dark"}])
def test_phones_and_dark_pages(opened, settings):
    tab = opened(play(cost, PARAMETERS, X, Y, predict=forward), settings)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_names_stay_text(opened):
    title = "</script><img src=x onerror=alert(1)>"
    given = {title: PARAMETERS["w"], "b": 0.0}
    tab = opened(play(lambda p, X, Y: cost({"w": p[title], "b": p["b"]}, X, Y), given, X, Y, title=title))
    assert tab.locator("h1").inner_text() == title
    assert tab.locator("img").count() == 0


def test_names_of_megabytes_are_told_apart_and_shortened(opened):
    first, second = "W" * 10**6 + "1", "W" * 10**6 + "2"
    given = {first: PARAMETERS["w"], second: 0.0}
    made = play(lambda p, X, Y: cost({"w": p[first], "b": p[second]}, X, Y), given, X, Y, title=first)
    assert len(made.html) < 50_000
    tab = opened(made)
    assert len(cells(tab)) >= PARAMETERS["w"].size + 1
    names = tab.locator(".arrays h2").all_inner_texts()
    assert len(set(names[:2])) == 2
    assert max(map(len, names)) < 80
