"""Formulas as MathML, made when the site is built: a page needs no script to show them."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.errors import ExtensionError

KNOWN = ("matrix}", "cases}")
UNARY = re.compile("(<mo[^>]*>(?:&#x0003D;|&#x00028;|&#x0002C;|&#x02248;|:=)</mo>)<mo>&#x02212;</mo>")
"""A minus that is a sign: the converter writes it as if a difference were meant, with its spaces."""

PRIME = re.compile("<msup>(<mi>[A-Za-z]</mi>)<mi>(&#x02032;)</mi></msup>")
"""A prime: as an exponent it is made small twice, and hardly seen on paper."""

NORM = "<mo>&#x02016;</mo>"
"""The bars of a norm, which would grow as tall as a sum beside them."""

UNKNOWN = ("&", r"\\", "aligned")

ODD = re.compile(r"\\operatorname\{(?![A-Za-z]+\})([^{}]*)\}|\\(arg)\b")
"""Names of functions that the converter takes for products of letters, or does not know."""


def mathml(latex: str, display: str) -> str:
    """Return a formula as MathML.

    Raises
    ------
    ExtensionError
        If the converter would garble it: several lines, or alignment.
    """
    if not any(known in latex for known in KNOWN) and any(mark in latex for mark in UNKNOWN):
        raise ExtensionError(f"a formula with alignment or a line break: {latex!r}; write one formula a paragraph")
    latex = ODD.sub(lambda name: rf"\text{{{(name[1] or name[2]).replace(chr(92), '')}}}", latex)
    made = convert(latex.strip(), display=display).replace("<mi>:</mi><mo>&#x0003D;</mo>", "<mo>:=</mo>")
    made = PRIME.sub(r'\1<mo lspace="0" rspace="0">\2</mo>', made)
    made = made.replace(NORM, NORM.replace("<mo>", '<mo stretchy="false">'))
    return UNARY.sub(r'\1<mo form="prefix">&#x02212;</mo>', made)


def inline(self: Any, node: nodes.Element) -> None:
    """Write a formula in a line of text."""
    self.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def block(self: Any, node: nodes.Element) -> None:
    """Write displayed formulas, one for each paragraph of the source."""
    formulas = [part for part in node.astext().split("\n\n") if part.strip()]
    self.body.append(self.starttag(node, "div", CLASS="math-block"))
    self.body += [f"<div>{mathml(formula, 'block')}</div>" for formula in formulas]
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register the renderer, and choose it."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
