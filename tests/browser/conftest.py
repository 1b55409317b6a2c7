"""Pages in a real browser. Every test fails if a page logs an error or asks for anything but its own file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from benchmarks import pages
from tinygrad_dnn import explore
from tinygrad_dnn.render.page.html import module


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """One browser for all tests here; that there is none is an error where everything should be there.

    It is closed before the tests of other folders, for which its event loop would still be running.
    """
    found = pages.program()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(pages.HOW)
        pytest.skip(pages.HOW)
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=pages.ARGUMENTS, timeout=180_000)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Any, tmp_path: Any) -> Iterator[Callable[..., Any]]:
    """Open the page of a tensor, from a file."""
    contexts, complaints = [], []

    def open_page(y: Any, settings: dict[str, Any] | None = None, **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **(settings or {})})
        contexts.append(context)
        made = y if hasattr(y, "save") else explore(y, **options)
        address = made.save(tmp_path / f"page{len(contexts)}.html").as_uri()
        tab = context.new_page()
        tab.set_default_timeout(180_000)  # a busy machine is slow
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: complaints.append(request.url) if request.url[:5] != "data:" else None)
        tab.goto(address)
        if tab.locator("#page").count():
            tab.locator("#page > :not(noscript)").first.wait_for()
        complaints[:] = [complaint for complaint in complaints if complaint != address]
        return tab

    open_page.complaints = complaints  # type: ignore[attr-defined]
    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="package")
def core(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Call a function of the page's module, without any page."""
    tab = chromium.new_page()
    load = "source => import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})))"
    functions = tab.evaluate_handle(load, module())

    def call(expression: str, *arguments: Any) -> Any:
        return tab.evaluate(f"([core, ...args]) => {{ {expression} }}", [functions, *arguments])

    yield call
    tab.close()
