"""Print the sheets of the site to PDF, with blanks and with answers: ``python -m docs.site.paper out/site``."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks import pages

SHEETS = ("handout", "sheet")


def main(folder: str) -> None:
    """Print each sheet in each language into the folder `paper` of the site."""
    site = Path(folder).resolve()
    (site / "paper").mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=pages.program(), args=pages.ARGUMENTS)
        tab = browser.new_page()
        for language in ("en", "zh"):
            for sheet in SHEETS:
                for kind, fragment in (("blanks", ""), ("answers", "#answers")):
                    tab.goto((site / language / f"{sheet}.html").as_uri() + fragment)
                    path = site / "paper" / f"{sheet}-{language}-{kind}.pdf"
                    tab.pdf(path=path, format="A4", print_background=True)
                    print(path)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
