"""Damaged and gigantic files: read in linear time, within bounds, with a clear note."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tinygrad_dnn.referee.classroom import Record, submissions
from tinygrad_dnn.referee.load import LoadError, load, notebook_cells, salvaged_cells, seed_of

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


LINES = 100_001
LONG = {
    "a.py": "x\n" * LINES,
    "one cell.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["x\n"] * LINES}]}),
    "many cells.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": "x\n" * 1001}] * 100}),
    "damaged.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["x\n"] * 10**6}]})[:-2],
    "damaged without ends of lines.ipynb": '{"cells": [{"cell_type": "code", "source": [' + '"x",' * LINES,
}


@pytest.mark.parametrize("name", LONG)
def test_a_hundred_thousand_lines_are_the_limit(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(LONG[name])
    with pytest.raises(LoadError, match="more than 100,000 lines of code"):
        load(path)
    path.write_text(path.read_text()[: 4 * 10_000])
    assert load(path).cells  # the beginning is read


def test_a_link_out_of_its_folder_is_not_followed(tmp_path: Path) -> None:
    solution, theirs, folder = tmp_path / "solution.py", tmp_path / "ann" / "hw.py", tmp_path / "bob"
    for path in (solution, theirs, folder / "hw.py"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
    for name, target in {"a.py": solution, "b.py": theirs, "c.py": "../ann/hw.py", "d.py": "/dev/zero"}.items():
        (folder / name).symlink_to(target)
        with pytest.raises(LoadError, match="is a link to a file elsewhere"):
            load(folder / name)
    (folder / "e.py").symlink_to("hw.py")
    assert load(folder / "e.py").code == b"x = 1\n"
    (folder / "f.py").symlink_to("f.py")
    with pytest.raises(LoadError):
        load(folder / "f.py")
    assert submissions([folder / "b.py"]) == [theirs.resolve()]
    assert folder / "b.py" in submissions([folder])


def test_seeds_follow_from_secret_content_and_draw() -> None:
    seeds = {seed_of(secret, code, draw) for secret in "ab" for code in (b"x", b"y") for draw in (0, 1)}
    assert len(seeds) == 8
    assert seed_of("a", b"x") == seed_of("a", b"x", 0)
    assert len({Record(None).seed for _ in range(10)}) == 10
    assert len(bytes.fromhex(Record(None).seed)) == 16


def test_a_damaged_notebook_has_as_many_cells_as_a_whole_one() -> None:
    cell = json.dumps({"cell_type": "code", "source": "x = 1"})
    assert len(salvaged_cells(cell * 20_000)) <= 10_000
