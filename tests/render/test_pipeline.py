"""The pipeline of a picture: each stage imports earlier stages only, so a graph passes through them once."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tinygrad_dnn import render

FOLDER = Path(render.__file__).parent
ORDER = [
    *["model", "markup", "collapse", "annotate", "rules"],
    *["export", "labels", "layout", "picture", "draw", "page", "explore"],
]
PLOTS = {"plots", "decision", "gradient_plots"}
PAGE = ["data", "html", "layouts"]


def imported(path: Path, level: int) -> set[str]:
    """Return the modules that a module imports from the folder `level` dots up."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    return {str(node.module).split(".")[0] for node in nodes if node.level == level and node.module}


def test_every_module_has_a_place():
    names = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"} - PLOTS
    assert names == set(ORDER) - {"page"}
    assert {path.stem for path in (FOLDER / "page").glob("*.py")} - {"__init__"} == set(PAGE)


@pytest.mark.parametrize("stage", [stage for stage in ORDER if stage != "page"])
def test_stages_import_earlier_stages(stage):
    assert imported(FOLDER / f"{stage}.py", 1) <= set(ORDER[: ORDER.index(stage)])


@pytest.mark.parametrize("part", PAGE)
def test_the_page_imports_the_pipeline_and_its_own_earlier_parts(part):
    path = FOLDER / "page" / f"{part}.py"
    assert imported(path, 1) <= set(PAGE[: PAGE.index(part)])
    assert imported(path, 2) <= set(ORDER[: ORDER.index("page")])
