"""Every operation on every kind of array: right, refused in our words, or wrong; ``python -m tests.arrays.table``.

That writes `outcomes.json` and the page docs/arrays.md, for the kinds whose libraries are installed.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tests.arrays.kinds import Kind, everywhere, peers
from tests.ops.table import ROWS as ALL
from tests.ops.table import Row, plainly
from tinygrad_dnn import Tensor, gradients
from tinygrad_dnn.core.arrays import released

ROWS: dict[str, list[Row]] = {}
"""The rows of each op of NumPy's functions and the library's own."""

for _row in ALL:
    if not _row.op.imports:
        ROWS.setdefault(_row.op.name, []).append(_row)

OUTCOMES = Path(__file__).with_name("outcomes.json")
PAGE = Path(__file__).parents[2] / "docs" / "arrays.md"

AMBIGUOUS = {"eigh", "qr", "svd"}
"""Factorisations, which are unique but for signs."""

RIGHT, REFUSED = "right", "refused"


def outcome(row: Row, kind: Kind) -> str:
    """Return `RIGHT`, `REFUSED`, or what is wrong with an op's value and gradients on arrays of a kind."""
    expected, leaves = _run(row, row.arguments([Tensor(x) for x in row.variables]))
    has_rule = type(expected) is Tensor and leaves
    cotangent = np.asarray(np.random.default_rng(7).standard_normal(np.shape(expected)))
    wanted = [plainly(expected), *(gradients(expected, leaves, cotangent) if has_rule else ())]
    try:
        variables = [Tensor(kind.make(x)) for x in row.variables]
        others = row.arguments(variables)
        if not kind.mixes:
            others = [kind.make(x) if isinstance(x, np.ndarray) else x for x in others]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", category=RuntimeWarning)
            y, leaves = _run(row, others)
            found = kind.host([released(x) for x in _all(y, leaves, kind.make(cotangent) if has_rule else None)])
    except Exception as error:
        # NumPy knows what it refuses by its shapes; the library's own words are quoted in ours
        ours = type(error).__module__.startswith("tinygrad_dnn")
        return f"{REFUSED}: {error}" if ours else f"{type(error).__name__}: {error}"
    if row.op.name in AMBIGUOUS:  # right for the factors that were found: their signs are chosen by the library
        wanted[1:] = [row.op.vjps[0](cotangent, found[0], row.variables[0], **row.sample.params)]
        found[0], wanted[0] = np.sort(np.abs(found[0])), np.sort(np.abs(wanted[0]))
    for actual, right in zip(found, wanted, strict=True):
        if np.shape(actual) != np.shape(right):
            return f"shape {np.shape(actual)} for {np.shape(right)}"
        if not np.allclose(actual, right, rtol=1e-9, atol=1e-12, equal_nan=True):
            return f"{actual} for {right}"
    return RIGHT


def _all(y: Any, leaves: list[Tensor], cotangent: Any) -> list[Any]:
    value = y.array if isinstance(y, Tensor) else y
    return [value, *(gradients(y, leaves, cotangent) if cotangent is not None else ())]


def _run(row: Row, args: list[Any]) -> tuple[Any, list[Tensor]]:
    return row.op(*args, **row.sample.params), [x for x in args if type(x) is Tensor]


def outcomes(kind: Kind, most: int = 1000) -> dict[str, str]:
    """Return the outcome of each op on its samples, at most so many: right only where it is on all of them."""
    found: dict[str, str] = {}
    for rows in ROWS.values():
        for row in rows[:most]:
            if (one := outcome(row, kind)) != RIGHT:
                found[row.op.name] = one
                if not one.startswith(REFUSED):
                    break
        found.setdefault(rows[0].op.name, RIGHT)
    return found


HEAD = """\
# Arrays of other libraries

Every operation with its gradient on every kind of array that Tensors take, as `python -m tests.arrays.table` has found
it. The values and gradients are NumPy's to 1e-9 on all samples of an operation that is marked; any other is refused on
some sample, with an error that names it, and none is wrong. What to do with such arrays stands in [reach.md](reach.md).
"""


def document(refused: dict[str, list[str]]) -> str:
    """Return the page, from the ops that are refused of each kind."""
    lines = [f"| operation | {' | '.join(refused)} |", f"| --- |{' --- |' * len(refused)}"]
    right = [len(ROWS) - len(ops) for ops in refused.values()]
    lines.append(f"| **right, of {len(ROWS)}** | {' | '.join(map(str, right))} |")
    for name in sorted(ROWS, key=str.lower):
        lines.append(f"| `{name}` | {' | '.join('' if name in ops else '✓' for ops in refused.values())} |")
    return HEAD + "\n" + "\n".join(lines) + "\n"


def main(names: list[str]) -> None:
    """Find the outcomes of these kinds anew, by default of all that are here, and write the page."""
    found = {kind.name: outcomes(kind) for kind in (*everywhere(names), *peers(names))}
    for kind, ops in found.items():
        wrong = {name: one for name, one in ops.items() if not one.startswith((RIGHT, REFUSED))}
        assert not wrong, f"{kind}: {wrong}"
    refused = json.loads(OUTCOMES.read_text("utf-8")) if OUTCOMES.exists() else {}
    refused |= {kind: sorted(name for name, one in ops.items() if one != RIGHT) for kind, ops in found.items()}
    OUTCOMES.write_text(json.dumps(refused, indent=1) + "\n", "utf-8")
    PAGE.write_text(document(refused), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
