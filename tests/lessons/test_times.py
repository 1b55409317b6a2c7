"""The minutes that a lesson says it takes are those of one reckoning, kept here, for all lessons."""

from __future__ import annotations

import re

import pytest

from lessons import judging, twins

WORDS, CODE, FORMULAS, CELLS = 180, 20, 3, 2
"""Words, lines of code, displayed formulas and results of cells that a careful reader takes in in a minute."""

EXERCISE, EIGHT_FAULTS, TYPED = 3, 11, 4
"""Minutes for an exercise, and for that of lesson 12; lines that are typed in a minute where a page asks for that."""

PAGES = [page for page in twins.pages() if re.match(r"\d\d-", page.name)]


def prose(block: twins.Block) -> str:
    text = re.sub(r"```.*", "", block.text) if block.kind in (*twins.PROSE, "text", "list", "table") else ""
    return re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", text, flags=re.S)


def minutes(page: twins.Page) -> float:
    """Return the minutes for the English page, its exercise included."""
    blocks = page.sides["en"]
    cells = [block.text for block in blocks if block.kind == "code-cell"]
    code = sum(bool(line.strip()) for cell in cells if "remove-input" not in cell for line in cell.split("\n")[1:-1])
    words = len(re.findall(r"[A-Za-z][\w’'-]*", " ".join(map(prose, blocks))))
    formulas = sum(block.kind == "formula" for block in blocks)
    exercise = EXERCISE * any(name.startswith(page.name[:2]) for name in judging.exercises())
    if page.name.startswith("12"):
        exercise = EIGHT_FAULTS
    elif "Type along" in " ".join(block.text for block in blocks):
        exercise = code / TYPED
    return words / WORDS + code / CODE + formulas / FORMULAS + len(cells) / CELLS + exercise


def said(page: twins.Page, language: str) -> int:
    opening = page.sides[language][2].text
    return int(re.match(r"\*(\d+) (?:minutes|分钟)", opening)[1])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_minutes_are_those_reckoned(page):
    assert said(page, "en") == said(page, "zh") == round(minutes(page))


@pytest.mark.parametrize("page", [page for page in PAGES if not page.name.startswith("13")], ids=lambda page: page.name)
def test_a_lesson_is_neither_a_note_nor_a_lecture(page):
    assert 8 <= said(page, "en") <= 25


def test_a_page_in_chinese_has_as_much_to_read():
    for page in PAGES:
        words = len(re.findall(r"[A-Za-z][\w’'-]*", " ".join(map(prose, page.sides["en"]))))
        characters = len(re.findall(r"[\u4e00-\u9fff]", " ".join(map(prose, page.sides["zh"]))))
        assert 1.0 < characters / words < 2.0, f"{page.name}: {characters} characters, {words} words"
