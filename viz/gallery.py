"""Run every program of the gallery: ``python -m viz.gallery [FOLDER]``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

PROGRAMS = (
    *("first_graph", "logistic_regression", "networks", "by_hand", "recurrent"),
    *("decision_boundary", "gradients", "learning_rates"),
)


def main(folder: Path) -> None:
    """Draw everything into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for program in PROGRAMS:
        import_module(f"viz.{program}").main(folder)
    for path in sorted(folder.iterdir()):
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/gallery"))
