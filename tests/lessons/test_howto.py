"""The how-to pages and the examples of the reference, run as a reader runs them: in order, in an empty folder."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

LESSONS = Path(__file__).parents[2] / "lessons" / "en"
PAGES = [*sorted((LESSONS / "howto").glob("*.md")), LESSONS / "how-it-works.md"]
CELL = re.compile(r"^```\{code-cell\} ipython3\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
WITH_EXAMPLES = [page for page in (*PAGES, *sorted((LESSONS / "reference").glob("*.md"))) if ">>> " in page.read_text("utf-8")]


@pytest.mark.parametrize(
    "page", [p for p in PAGES if CELL.search(p.read_text("utf-8")) and p.stem != "testing"], ids=lambda page: page.stem
)
def test_the_cells_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    for number, cell in enumerate(CELL.findall(page.read_text("utf-8"))):
        exec(compile(cell, f"{page.name}, cell {number}", "exec"), names)


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_hold(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert doctest.testfile(str(page), module_relative=False, optionflags=OPTIONS).failed == 0


def test_the_page_about_ci_is_a_file_that_pytest_runs(tmp_path):
    page = (LESSONS / "howto" / "testing.md").read_text("utf-8")
    assert "      - run: pytest\n" in page
    (tmp_path / "test_page.py").write_text("\n".join(CELL.findall(page)), "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "2 passed" in done.stdout, done.stdout
