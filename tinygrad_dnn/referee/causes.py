"""CAUSES: the names of mistakes, and why formulas are as they are. Programs that read verdicts rely on the names."""

import json
from importlib import resources


def _read(name: str) -> dict[str, str]:
    table: dict[str, str] = json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
    return table


CAUSES, WHY = _read("causes.json"), _read("why.json")
"""What each name stands for, and why the right formula of a quantity is as it is."""
