"""Every table of texts in the package: found by its Chinese, and each text in both languages with the same holes."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest

import tinygrad_dnn

PACKAGE = Path(tinygrad_dnn.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")
FILES = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.json"))}
TABLES = [name for name, text in FILES.items() if CHINESE.search(text)]


def pairs(name):
    """Yield the key of each text of a table, its English and its Chinese; None where there is none."""
    table = json.loads(FILES[name])
    if isinstance(table, list):  # rows that begin with both
        for row in table:
            yield row[0], row[0], row[1]
    elif name == "referee/zh.json":  # beside words.json; its lists are patterns of sentences
        words = json.loads(FILES["referee/words.json"])
        for part in (key for key, value in table.items() if isinstance(value, dict)):
            for key in words[part].keys() | table[part].keys():
                yield f"{part}: {key}", words[part].get(key), table[part].get(key)
    elif table.keys() == {"en", "zh"}:  # a table for each; a key may be its own English
        for key in table["en"].keys() | table["zh"].keys():
            own = key if table["en"].keys() < table["zh"].keys() else None
            yield key, table["en"].get(key, own), table["zh"].get(key)
    else:
        for key, texts in table.items():
            yield key, texts.get("en"), texts.get("zh")


def faults(key, english, chinese):
    if not english or not chinese:
        return [f"{key!r}: one language only"]
    holes = [sorted({field for _, field, _, _ in Formatter().parse(text) if field}) for text in (english, chinese)]
    said = [] if holes[0] == holes[1] else [f"{key!r}: {holes[0]} in English, {holes[1]} in Chinese"]
    said += [f"{key!r}: Chinese in the English text"] if CHINESE.search(english) else []
    letters = re.sub(r"\{.*?\}|\bAdam\b|\b[A-Z]\b", "", english)  # as is nothing but a name, or the letter of one
    return said + ([] if CHINESE.search(chinese) or not re.search("[A-Za-z]", letters) else [f"{key!r}: no Chinese"])


def test_the_tables_are_found():
    assert {"core/reasons.json", "live/texts.json", "referee/zh.json", "render/page/texts.json"} <= {*TABLES}
    assert "support/words.json" in TABLES


@pytest.mark.parametrize("name", TABLES)
def test_every_text_has_both_languages_with_the_same_names_in_them(name):
    found = list(pairs(name))
    assert len(found) > 9
    assert [fault for pair in found for fault in faults(*pair)] == []


def test_a_pattern_has_what_its_chinese_takes_from_it():
    rows = [row for part in json.loads(FILES["referee/zh.json"]).values() if isinstance(part, list) for row in part]
    assert len(rows) > 40
    for pattern, chinese in rows:
        taken = [int(group) for group in re.findall(r"\\(\d)", chinese)]
        assert re.compile(pattern).groups >= max(taken, default=0), pattern


@pytest.mark.parametrize("pair", [("a", "one", None), ("a", "{n} of {m}", "{m} 个"), ("a", "一", "一"), ("a", "Step", "Step")])
def test_a_fault_is_found(pair):
    assert len(faults(*pair)) == 1
