"""Formulas that published notes print wrongly, as code: each is found wrong, and so says the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import CheckText
from .errata import ERRATA, Erratum, document

PAGE = Path(__file__).parents[2] / "docs" / "errata.md"


@pytest.mark.parametrize("erratum", ERRATA, ids=[erratum.printed for erratum in ERRATA])
def test_the_referee_finds_what_is_printed_wrongly(check_text: CheckText, erratum: Erratum) -> None:
    verdict = check_text(erratum.submission())
    assert verdict.first_wrong is not None
    assert verdict.first_wrong.name == erratum.function
    assert verdict.first_wrong.cause in erratum.causes.split(), verdict.first_wrong.message


@pytest.mark.parametrize("program", dict.fromkeys(erratum.program for erratum in ERRATA), ids=len)
def test_the_programs_are_right_before_they_are_edited(check_text: CheckText, program: str) -> None:
    assert check_text(program).first_wrong is None


@pytest.mark.slow
def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run `make docs`"
