"""Numbers and arrays as text."""

from __future__ import annotations

import pytest

from tinygrad_dnn.support.text import short

from ..number_formats import FORMATS


@pytest.mark.parametrize(("x", "digits", "text"), FORMATS, ids=[text for *_, text in FORMATS])
def test_numbers_are_written_as_in_the_table(x, digits, text):
    assert short(x, digits) == text
