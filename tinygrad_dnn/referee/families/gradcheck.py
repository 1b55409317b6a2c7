"""(to come)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..task import Task


def recognises(functions: Mapping[str, Any]) -> bool:
    return False


def tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    return []
