"""Files in the wild: nothing right is called wrong, causes are told, and what is not judged is said."""

from __future__ import annotations

import pytest

from ..cases import one_in
from .conftest import CheckText
from .wild import WILD, Wild


@pytest.mark.parametrize("entry", one_in(4, WILD.values()), ids=list(WILD))
def test_a_reader_says_the_same(check_text: CheckText, entry: Wild) -> None:
    verdict = check_text(entry.text)
    shown = str(verdict)
    assert verdict.verdict == entry.verdict, shown
    for name in entry.right.split():
        assert verdict[name].verdict == "right", shown
    for words in entry.says:
        assert words in shown, shown
    for words in entry.silent:
        assert words not in shown, shown
