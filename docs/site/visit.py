"""Open every page of the site in Chromium: ``python -m docs.site.visit out/site``.

Exit status 1 where a page logs an error, asks for anything outside the site, has an empty frame, a link to nothing,
or scrolls sideways on a telephone; and where the search does not find a word.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright import sync_api

from benchmarks import pages

SEARCHES = {"en": "topological", "zh": "拓扑顺序"}
"""A word in each language that its search must find."""

PHONE = {"width": 390, "height": 844}
_FACTS = """() => ({
    links: Array.from(document.querySelectorAll('a[href], img[src], source[src]'), x => x.href || x.src),
    wide: document.documentElement.scrollWidth - innerWidth,
    empty: Array.from(document.querySelectorAll('iframe')).filter(x => !x.srcdoc && !x.src).length,
    formulas: document.body.textContent.includes('$$') || // a command that the converter does not know
        Array.from(document.querySelectorAll('math'), x => x.textContent).some(x => x.includes('\\\\')),
})"""


def broken(links: list[str], site: Path) -> Iterator[str]:
    """Yield the links that lead to no file of the site."""
    for link in sorted(set(links)):
        parts = urlsplit(link)
        path = Path(unquote(parts.path))
        if parts.scheme == "file" and not (path.is_file() and path.is_relative_to(site)):
            yield f"leads nowhere: {link}"


def complaints(browser: Any, page: Path, site: Path) -> list[str]:
    """Open a page on a telephone, and return what is wrong with it."""
    found: list[str] = []
    tab = browser.new_page(viewport=PHONE)
    tab.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: found.append(str(error)))
    tab.on("request", lambda request: found.append(f"asks for {request.url}") if outside(request.url, site) else None)
    tab.goto(page.as_uri())
    facts = tab.evaluate(_FACTS)
    tab.close()
    found += broken(facts["links"], site)
    found += [f"scrolls sideways by {facts['wide']} pixels"] * (facts["wide"] > 0)
    found += ["has an empty frame"] * facts["empty"] + ["has a formula that was not read"] * facts["formulas"]
    return found


def unfound(browser: Any, site: Path) -> Iterator[str]:
    """Yield the languages whose search does not find its word, and what the search page logs."""
    for language, word in SEARCHES.items():
        tab = browser.new_page()
        logged: list[str] = []
        tab.on("console", lambda message, logged=logged: logged.append(message.text))
        tab.goto(f"{(site / language / 'search.html').as_uri()}?q={word}")
        try:
            tab.locator("#search-results li a").first.wait_for(timeout=10_000)
        except sync_api.TimeoutError:
            logged.append(f"does not find {word}")
        tab.close()
        yield from (f"{language}/search.html: {line}" for line in logged)


def outside(address: str, site: Path) -> bool:
    """Tell whether a page asks for something that is not a part of the site."""
    return not address.startswith(("data:", "about:", "blob:", site.as_uri()))


def main(folder: str) -> int:
    """Visit all pages."""
    site, bad = Path(folder).resolve(), 0
    found = sorted(site.rglob("*.html"))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=pages.program(), args=pages.ARGUMENTS)
        for page in found:
            wrong = complaints(browser, page, site)
            bad += bool(wrong)
            print("\n".join(f"{page.relative_to(site)}: {line}" for line in wrong), end="\n" * bool(wrong))
        lost = list(unfound(browser, site))
        print("\n".join(lost), end="\n" * bool(lost))
        browser.close()
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    print(f"{len(found)} pages opened, {bad} with faults; {size / 1e6:.1f} MB")
    return int(bad > 0 or bool(lost) or not found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
