"""The gallery runs, and the README shows what it draws."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from viz import gallery

SHOWN = sorted(Path("docs/pictures").glob("*.svg"))
TAG = "{http://www.w3.org/2000/svg}"

pytestmark = [pytest.mark.layout, pytest.mark.slow]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    gallery.main(folder)
    return folder


def said(path: Path) -> list[str]:
    """What a picture says: titles and descriptions, which no font and no version of the layout engine changes."""
    root = ET.fromstring(path.read_text("utf-8"))
    kinds = (f"{TAG}title", f"{TAG}desc") if root.get("role") else (f"{TAG}text",)
    return sorted("".join(element.itertext()) for kind in kinds for element in root.iter(kind))


def test_every_program_draws(drawn: Path) -> None:
    names = {path.name for path in drawn.iterdir()}
    assert len(names) >= len(gallery.PROGRAMS)
    assert all(ET.fromstring((drawn / name).read_text("utf-8")) is not None for name in names)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda path: path.stem)
def test_what_the_readme_shows_is_what_the_gallery_draws(drawn: Path, shown: Path) -> None:
    """`make pictures` draws them again."""
    assert said(shown) == said(drawn / shown.name)
    assert said(shown)


def test_the_readme_shows_all_of_them_and_they_are_small() -> None:
    linked = re.findall(r"docs/pictures/(\w+\.svg)", Path("README.md").read_text("utf-8"))
    assert sorted(linked) == [path.name for path in SHOWN]
    assert sum(path.stat().st_size for path in SHOWN) < 500_000
