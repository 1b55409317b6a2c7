"""The pages of the reference: every public name has its place, and what they include links to pages that exist."""

import re
from pathlib import Path

import pytest

import tinygrad_dnn
from tinygrad_dnn import referee

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "lessons" / "en" / "reference").glob("*.md"))
TEXTS = {page: page.read_text("utf-8") for page in PAGES}


def test_every_public_name_has_a_page():
    documented = set(re.findall(r"^\.\. [\w:]+:: tinygrad_dnn\.(?:referee\.)?(\w+)", "\n".join(TEXTS.values()), re.M))
    assert {*tinygrad_dnn.__all__, *referee.__all__} <= documented


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_an_included_document_links_to_pages(page):
    for included in re.findall(r"^```\{include\} (\S+)", TEXTS[page], re.M):
        text = (page.parent / included).read_text("utf-8")
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (page.parent / link).exists(), f"{included} links to {link}"
