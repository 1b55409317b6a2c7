"""CAUSES: the names of mistakes, and why formulas are as they are. Programs that read verdicts rely on the names."""

import json
from importlib import resources
from typing import Any


def read_table(name: str) -> dict[str, Any]:
    """Return a table of this folder."""
    table: dict[str, Any] = json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
    return table


CAUSES: dict[str, str] = read_table("causes.json")
WHY: dict[str, str] = read_table("why.json")
"""What each name stands for, and why the right formula of a quantity is as it is."""
