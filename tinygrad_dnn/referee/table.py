"""A comparison as a table: text for a terminal, HTML for a notebook."""

from __future__ import annotations

from html import escape
from textwrap import fill

from ..transforms.difference import LENIENT, Difference
from .comparison import Comparison, Row

_HEAD = ("quantity", "shape", "max |a-h|", "rel a-h", "at", "rel a-n", "rel h-n", "entries", "verdict", "formula")
_WIDTH = 110


def as_text(comparison: Comparison) -> str:
    """Set out a comparison in columns."""
    table = [_HEAD, *(_cells(row) for row in comparison.rows)]
    kept = [i for i in range(len(_HEAD)) if any(line[i] for line in table[1:])]
    widths = {i: max(len(line[i]) for line in table) for i in kept}
    lines = ["  ".join(line[i].ljust(widths[i]) for i in kept).rstrip() for line in table]
    messages = [f"{row.quantity}: {row.message}" for row in comparison.rows if row.message]
    legend = [fill(line, _WIDTH, subsequent_indent="  ") for line in _legend(comparison)]
    return "\n".join([_title(comparison), "", *lines, "", *messages, conclusion(comparison), "", *legend])


def _title(comparison: Comparison) -> str:
    return f"{comparison.title}; J = {comparison.cost:.6g}"


def as_html(comparison: Comparison) -> str:
    """Set out a comparison as an HTML table that needs no style sheet."""
    table = [_HEAD, *(_cells(row) for row in comparison.rows)]
    kept = [i for i in range(len(_HEAD)) if any(line[i] for line in table[1:])]
    head = "".join(f"<th style='text-align:left'>{escape(_HEAD[i])}</th>" for i in kept)
    body = "".join(_html_row(row, kept) for row in comparison.rows)
    legend = "".join(f"<li>{escape(line)}</li>" for line in _legend(comparison))
    return (
        f"<div><p><b>{escape(_title(comparison))}</b></p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p><b>{escape(conclusion(comparison))}</b></p><ul>{legend}</ul></div>"
    )


def conclusion(comparison: Comparison) -> str:
    """Say in one line whether all agree."""
    wrong = [row for row in comparison.rows if not row.ok]
    if wrong:
        names = ", ".join(f"{row.title} {row.verdict}" for row in wrong)
        return f"{len(wrong)} of {len(comparison.rows)} gradients do not agree: {names}."
    row = comparison.largest
    largest = f"{row.hand.relative:.1e} ({row.title})" if row.hand else "none"
    return f"All {len(comparison.rows)} gradients agree; largest relative difference {largest}."


def _cells(row: Row) -> tuple[str, ...]:
    hand, autodiff, by_hand = row.hand, row.autodiff_numerical, row.hand_numerical
    return (
        *(row.title, f"{row.shape}"),
        *((f"{hand.absolute:.1e}", f"{hand.relative:.1e}", _at(hand)) if hand else ("-", "-", "-")),
        *(f"{d.relative:.1e}" if d else "" for d in (autodiff, by_hand)),
        *(_entries(row), _mark(row), row.formula),
    )


def _at(difference: Difference) -> str:
    return str(list(difference.index or ())) if difference.absolute else ""


def _entries(row: Row) -> str:
    if row.autodiff_numerical is None:
        return ""
    return f"{row.autodiff_numerical.entries}" + (f" (-{row.left_out})" if row.left_out else "")


def _mark(row: Row) -> str:
    return f"{'✓' if row.ok else '✗'} {row.verdict}"


def _html_row(row: Row, kept: list[int]) -> str:
    colour = "#0072B2" if row.ok else "#D55E00"
    styles = {
        _HEAD.index("verdict"): f"color:{colour};font-weight:bold;",
        _HEAD.index("formula"): "font-family:monospace;",
    }
    cells = _cells(row)
    written = "".join(f"<td style='text-align:left;{styles.get(i, '')}'>{escape(cells[i])}</td>" for i in kept)
    message = (
        f"<tr><td colspan='{len(kept)}' style='text-align:left'>{escape(row.message)}</td></tr>" if row.message else ""
    )
    return f"<tr>{written}</tr>{message}"


def _legend(comparison: Comparison) -> list[str]:
    rows = comparison.rows
    tolerance = max((row.tolerance for row in rows), default=0.0)
    lines = [
        "a: autodiff; h: by hand; rel: norm(a - h) / (norm(a) + norm(h)), "
        f"at most {tolerance:.0e} to agree; at: the entry that differs most.",
    ]
    if any(row.autodiff_numerical for row in rows):
        lines.append(
            "n: finite differences of the cost (central, fourth order) by that many entries "
            f"(-k: k more lie at a kink); at most {max(LENIENT, tolerance):.0e} to agree."
        )
    return [*lines, *comparison.notes]
