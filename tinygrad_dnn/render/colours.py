"""Colours for colour-blind readers too: Okabe and Ito's for kinds, cividis and RdBu_r for numbers."""

import math

from .model import KINDS

BLUE, SKY, GREEN, ORANGE, VERMILLION, PURPLE, YELLOW = (
    *("#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7", "#F0E442"),
)
"""Okabe and Ito, *Color Universal Design* (2008)."""

_CIVIDIS = ["#00224e", "#2a3f6d", "#575d6d", "#7c7b78", "#a59c74", "#d2c060", "#fee838"]
_RDBU_R = ["#053061", "#2f79b5", "#92c5de", "#f7f7f7", "#f4a582", "#c13639", "#67001f"]


Theme = dict[str, str]
"""The colours of a picture, by role."""


def _theme(fills: list[str], lines: list[str], **colours: str) -> Theme:
    """Complete a theme: the parts that a page shows and hides have roles of their own, in existing colours."""
    ink, wrong, backward = colours["ink"], colours["wrong"], colours["back"]
    colours |= {"value": ink, "state": ink, "odd": wrong, "gradient": backward, "local": backward, "flow": backward}
    colours |= {f"fill-{kind}": colour for kind, colour in zip(KINDS, fills)}
    return colours | {f"line-{kind}": colour for kind, colour in zip(KINDS, lines)}


LIGHT = _theme(
    paper="#ffffff", ink="#1a1a1a", faint="#5f6368", back="#a84300", wrong="#b3261e", right="#00694d",
    cluster="#f6f7f9", fills=["#dcecf8", "#eeeeee", "#ffffff", "#ffffff", "#d9f1e8"],
    lines=[BLUE, "#7a7a7a", "#9a9a9a", "#4a4a4a", GREEN],
)  # fmt: skip
DARK = _theme(
    paper="#14171a", ink="#f1f3f4", faint="#b4bac0", back="#ffb37a", wrong="#ff9d94", right="#6fdcb8",
    cluster="#1d2226", fills=["#12344d", "#2e3236", "#14171a", "#1b1f23", "#0e3b2e"],
    lines=[SKY, "#a0a6ac", "#80868b", "#c4c9ce", "#35c495"],
)  # fmt: skip
THEMES = {"light": LIGHT, "dark": DARK}


def of_rows(rows: list[list[float]]) -> list[list[str]]:
    """Return the colours of the numbers of a thumbnail, on one scale."""
    finite = [x for row in rows for x in row if math.isfinite(x)]
    lowest, highest = min(finite, default=0.0), max(finite, default=0.0)
    return [[of_number(x, lowest, highest) for x in row] for row in rows]


def _mixed(scale: list[str], t: float) -> str:
    at = min(max(t, 0.0), 1.0) * (len(scale) - 1)
    i = min(int(at), len(scale) - 2)
    low, high = (bytes.fromhex(c[1:]) for c in scale[i : i + 2])
    return "#" + "".join(f"{round(a + (b - a) * (at - i)):02x}" for a, b in zip(low, high))


def of_number(x: float, lowest: float, highest: float) -> str:
    """Return the colour of a number: diverging around 0 where there are both signs, else from low to high.

    Examples
    --------
    >>> of_number(0.0, -1.0, 1.0), of_number(2.0, 0.0, 2.0), of_number(float("nan"), 0.0, 1.0)
    ('#f7f7f7', '#fee838', '#cc79a7')
    """
    if not math.isfinite(x):
        return PURPLE.lower()
    if lowest < 0 < highest:
        largest = max(-lowest, highest)
        return _mixed(_RDBU_R, 0.5 + 0.5 * (x / largest))
    return _mixed(_CIVIDIS, 0.5 if highest == lowest else (x - lowest) / (highest - lowest))


def ink_on(fill: str) -> str:
    """Return black or white, whichever reads better on a colour.

    Examples
    --------
    >>> ink_on("#fee838"), ink_on("#053061")
    ('#000000', '#ffffff')
    """
    red, green, blue = (c / 255 for c in bytes.fromhex(fill[1:]))
    return "#000000" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.18 else "#ffffff"
