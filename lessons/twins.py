"""Hold the English and the Chinese pages together: the same blocks, code and formulas, and no change on one side alone.

``python -m lessons.twins`` says what has come apart (exit status 1). ``--agree`` records that both sides of every page
say the same again, after both were changed; ``--typo`` records a correction that concerns one side only.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

LESSONS = Path(__file__).parent
LANGUAGES = ("en", "zh")
PROSE = {"keep", "fold", "answer", "blank", "note", "tip", "admonition", "warning", "glossary"}
"""Directives that hold text; what stands in any other is the same in both languages."""

_FENCE = re.compile(r"(?P<marks>`{3,})(?P<name>\{[\w-]+\}|\w*) *(?P<rest>.*)")
_FENCES = re.compile(r"^`{3,}.*$", re.MULTILINE)
_SPAN = re.compile(r"`+[^`]+`+|\$\$?[^$]+\$\$?")
_ITEM = re.compile(r"^(?:- |\d+\. |\|)", re.MULTILINE)
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """A paragraph, heading, list, table or directive of a page; the line on which it begins."""

    kind: str
    text: str
    line: int

    @property
    def common(self) -> object:
        """Return what must be the same in both languages."""
        if self.kind not in {"text", "list", "table", *PROSE} and not self.kind.startswith("#"):
            return re.sub(r'(, )?language="\w+"|:caption:.*', "", self.text)
        spans = {span for span in _SPAN.findall(_FENCES.sub("", self.text)) if not re.search(r"[\u4e00-\u9fff<]", span)}
        return sorted(spans), sorted(_LINK.findall(self.text)), len(_ITEM.findall(self.text))

    @property
    def digest(self) -> str:
        """Return eight digits that stand for the text."""
        return sha256(self.text.encode()).hexdigest()[:8]


def blocks(page: str) -> list[Block]:
    """Split a page into its blocks."""
    return list(_split(page.split("\n")))


def _split(lines: list[str]) -> Iterator[Block]:
    at = 0
    if lines[0] == "---":
        at = lines.index("---", 1) + 1
        yield Block("front", "\n".join(lines[:at]), 1)
    while at < len(lines):
        fence = _FENCE.fullmatch(lines[at])
        end = _end(lines, at, fence["marks"] if fence else None)
        text = "\n".join(lines[at:end])
        if text.strip():
            yield Block(_kind(text, fence["name"] if fence else None), text, at + 1)
        at = max(end, at + 1)


def _end(lines: list[str], start: int, marks: str | None) -> int:
    if marks:
        return lines.index(marks, start + 1) + 1
    end = start
    while end < len(lines) and lines[end].strip() and not _FENCE.fullmatch(lines[end]):
        end += 1
    return end


def _kind(text: str, fence: str | None) -> str:
    if fence is not None:
        return fence[1:-1] if fence.startswith("{") else "code"
    heading = re.match("#+ ", text)
    if heading:
        return heading[0].strip()
    if text.startswith("$$"):
        return "formula"
    return {"|": "table", "- ": "list", "1.": "list"}.get(text[:2] if text[0] != "|" else "|", "text")


class Page(NamedTuple):
    """Both sides of a page."""

    name: str
    sides: dict[str, list[Block]]

    def apart(self) -> Iterator[str]:
        """Yield where the two sides are not built alike."""
        english, chinese = (self.sides[language] for language in LANGUAGES)
        for at, (one, other) in enumerate(zip(english, chinese), 1):
            place = f"{self.name}, block {at} (lines {one.line} and {other.line})"
            if one.kind != other.kind:
                yield f"{place}: a {one.kind} in English, a {other.kind} in Chinese"
                return
            if one.common != other.common:
                yield f"{place}: code, formulas or links differ: {one.common} and {other.common}"
        if len(english) != len(chinese):
            yield f"{self.name}: {len(english)} blocks in English, {len(chinese)} in Chinese"

    def seal(self) -> str:
        """Return the digests of all pairs of blocks."""
        return " ".join(f"{one.digest}:{other.digest}" for one, other in zip(*self.sides.values()))

    def changed(self, recorded: str) -> Iterator[tuple[str, str]]:
        """Yield what has changed since `recorded`: a language (or both), and the place."""
        before, now = ([pair.split(":") for pair in seal.split()] for seal in (recorded, self.seal()))
        if len(before) != len(now):
            yield "both", f"{self.name}: {len(now)} blocks, where {len(before)} are recorded"
            return
        for at, (old, new) in enumerate(zip(before, now)):
            moved = [language for language, was, is_ in zip(LANGUAGES, old, new) if was != is_]
            if moved:
                block = self.sides[moved[0]][at]
                start = block.text.strip().split("\n")[0][:50]
                yield "both" if len(moved) == 2 else moved[0], f"{self.name}, line {block.line}: {start!r}"


def pages(root: Path = LESSONS) -> Iterator[Page]:
    """Yield every page that both languages have.

    Raises
    ------
    ValueError
        If a page stands in one language only.
    """
    names = [{path.relative_to(root / language).as_posix() for path in (root / language).rglob("*.md")}
             for language in LANGUAGES]  # fmt: skip
    english_only = "reference/"  # it is made from docstrings
    alone = {name for name in names[0] ^ names[1] if not name.startswith(english_only)}
    if alone:
        raise ValueError(f"pages in one language only: {', '.join(sorted(alone))}")
    for name in sorted(name for name in names[0] & names[1] if not name.startswith(english_only)):
        yield Page(name, {code: blocks((root / code / name).read_text(encoding="utf-8")) for code in LANGUAGES})


def complaints(root: Path = LESSONS) -> list[str]:
    """Return what has come apart since the two sides were last found to say the same."""
    recorded = json.loads((root / "twins.json").read_text(encoding="utf-8"))
    return [line for page in pages(root) for line in _complaints(page, recorded.get(page.name))]


def _complaints(page: Page, recorded: str | None) -> Iterator[str]:
    yield from page.apart()
    if recorded is None:
        yield f"{page.name}: new; record it with --agree"
        return
    for language, place in page.changed(recorded):
        sides = {"both": "both sides changed", "en": "English changed alone", "zh": "Chinese changed alone"}[language]
        yield f"{place}: {sides}"


def agree(root: Path, typo: bool) -> list[str]:
    """Record the pages as they are, and return why not, if anything stands against it."""
    path = root / "twins.json"
    recorded = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found = list(pages(root))
    against = [line for page in found for line in page.apart()]
    if not typo:
        against += [f"{place}: changed in {language} alone" for page in found if page.name in recorded
                    for language, place in page.changed(recorded[page.name]) if language != "both"]  # fmt: skip
    if not against:
        seals = {page.name: page.seal() for page in found}
        path.write_text(json.dumps(seals, indent=1) + "\n", encoding="utf-8")
    return against


def main(arguments: list[str]) -> int:
    """Check, or record."""
    typo = "--typo" in arguments
    found = agree(LESSONS, typo) if typo or "--agree" in arguments else complaints()
    print("\n".join(found) or "English and Chinese say the same.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
