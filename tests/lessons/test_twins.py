"""The two languages of the lessons: built alike, and changed together."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from docs.site.words import FURNITURE
from lessons import twins

PAGE = """\
# 1 · {title}

It is $J$.

```{{code-cell}} ipython3
print({code})
```

$$J = {formula}$$

```{{keep}}
{keep}
```
"""
ENGLISH = {"title": "Why", "code": "1", "formula": "3v", "keep": "It starts with 1."}
CHINESE = {**ENGLISH, "title": "为什么", "keep": "从 1 开始。"}


def written(root: Path, english: dict[str, str] = ENGLISH, chinese: dict[str, str] = CHINESE) -> Path:
    """Write a page in both languages."""
    for language, words in (("en", english), ("zh", chinese)):
        (root / language).mkdir(exist_ok=True)
        (root / language / "page.md").write_text(PAGE.format(**words), encoding="utf-8")
    return root


@pytest.fixture
def agreed(tmp_path: Path) -> Path:
    """A page that says the same in both languages, as recorded."""
    assert twins.agree(written(tmp_path), typo=False) == []
    assert twins.complaints(tmp_path) == []
    return tmp_path


def test_blocks_of_a_page():
    page = PAGE.format(**ENGLISH) + "- one\n- two\n\n| a | b |\n"
    assert [(block.kind, block.line) for block in twins.blocks(page)] == [
        *(("#", 1), ("text", 3), ("code-cell", 5), ("formula", 9), ("keep", 11), ("list", 14), ("table", 17))
    ]


def test_the_lessons_say_the_same_in_both_languages():
    assert twins.complaints() == []


@pytest.mark.parametrize(
    ("english", "chinese", "says"),
    [
        ({"keep": "It starts with 2."}, {}, "page.md, line 11: .*: English changed alone"),
        ({}, {"title": "凭什么"}, "page.md, line 1: .*: Chinese changed alone"),
        ({"keep": "Two."}, {"keep": "二。"}, "both sides changed"),
        ({"code": "2"}, {}, "block 3 .*code, formulas or links differ"),
        ({}, {"formula": "3u"}, "block 4 .*code, formulas or links differ"),
        ({}, {"keep": "从 $1$ 开始。"}, "block 5 .*code, formulas or links differ"),
        ({}, {"keep": "一。\n```\n\n二。\n\n```{keep}\n三。"}, "5 blocks in English, 7 in Chinese|a keep"),
    ],
)
def test_a_change_is_noticed(agreed, english, chinese, says):
    written(agreed, {**ENGLISH, **english}, {**CHINESE, **chinese})
    assert re.search(says, "\n".join(twins.complaints(agreed)))


def test_a_change_of_both_sides_can_be_agreed_on(agreed):
    written(agreed, {**ENGLISH, "keep": "Two."}, {**CHINESE, "keep": "二。"})
    assert twins.agree(agreed, typo=False) == []
    assert twins.complaints(agreed) == []


def test_a_change_of_one_side_is_agreed_on_as_a_correction_only(agreed):
    written(agreed, {**ENGLISH, "keep": "It starts with one."})
    assert "changed in en alone" in twins.agree(agreed, typo=False)[0]
    assert twins.agree(agreed, typo=True) == []
    assert twins.complaints(agreed) == []


def test_code_that_differs_cannot_be_agreed_on(agreed):
    written(agreed, {**ENGLISH, "code": "2"})
    assert "differ" in twins.agree(agreed, typo=True)[0]


def test_a_page_in_one_language_only_is_refused(agreed):
    shutil.copy(agreed / "en" / "page.md", agreed / "en" / "other.md")
    with pytest.raises(ValueError, match=r"one language only: other\.md"):
        twins.complaints(agreed)


def test_chinese_pages_use_chinese_punctuation():
    for page in twins.pages():
        for block in page.sides["zh"]:
            if block.kind in ("text", "list", *twins.PROSE):
                assert not re.search(r"[\u4e00-\u9fff][,;:?!]", block.text), f"{page.name}, line {block.line}"


def test_every_word_of_the_theme_has_its_translation():
    assert all(english and re.search(r"[\u4e00-\u9fff]", chinese) for english, chinese in FURNITURE.items())


def test_the_engine_of_the_lesson_has_less_than_100_lines():
    page = (twins.LESSONS / "en" / "13-build-it.md").read_text(encoding="utf-8")
    cells = [block.text for block in twins.blocks(page) if ":tags: [engine]" in block.text]
    lines = [line for cell in cells for line in cell.split("\n")[2:-1] if line.strip()]
    assert 50 < len(lines) < 100
