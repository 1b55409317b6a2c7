"""Damaged and gigantic files: read in linear time, within bounds, with a clear note."""

from __future__ import annotations

import json
import time

import pytest

from tinygrad_dnn.referee.load import LoadError, notebook_cells, salvaged_cells

PAD = '{"pad":[' + "0," * 40 + '0],"source":'
HOSTILE = {
    "sources within sources": '{"cell_type":"code"} ' + PAD * 20_000,
    "texts that never end": '{"cell_type":"code"} ' + '"source":"' * 300_000,
    "lists that never end": '{"cell_type":"code"} ' + '"source":[' * 300_000,
    "escapes": '{"cell_type":"code"} "source":"' + '\\"' * 2_000_000,
    "escaped ends": '{"cell_type":"code"} ' + '"source":"\\' * 300_000,
    "blanks": '"source"' + " " * 5_000_000,
    "a bomb of lists": "[" + "[]," * 2_000_000 + "1]",
    "a bomb of dicts": "[" + "{}," * 2_000_000 + "1]",
    "depth": "[" * 5_000_000,
    "one long text": '"' + "a" * 20_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_notebooks_cost_little(name: str) -> None:
    begun, notes = time.process_time(), list[str]()
    try:
        notebook_cells(HOSTILE[name], notes)
    except LoadError as error:
        notes.append(str(error))
    assert notes
    assert time.process_time() - begun < 30  # minutes, were one of them read in more than linear time


def test_cells_are_salvaged_in_order() -> None:
    cells = [
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "source": ["a = 1\n", 'b = "\\n"']},
        {"cell_type": "code", "source": "c = 3"},
    ]
    whole = json.dumps({"cells": cells})
    assert [(cell.code, cell.number) for cell in salvaged_cells(whole)] == [('a = 1\nb = "\\n"', 2), ("c = 3", 3)]
    assert [cell.code for cell in salvaged_cells(whole[: whole.index("b = ") - 2])] == ["a = 1\n"]
