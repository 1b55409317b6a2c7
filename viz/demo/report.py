"""The report: one HTML file that makes no request, the same text in every run."""

from __future__ import annotations

import base64
import json
import platform
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tinygrad_dnn import __version__
from tinygrad_dnn.dnn.summary import accuracies
from tinygrad_dnn.render.page.html import START, module, scripts_of
from tinygrad_dnn.support.files import write_atomically
from tinygrad_dnn.support.text import finite, missing

from .pictures import Graph, curves, derivation, graph, stepper
from .story import Story

PACKAGES = ("numpy", "scikit-learn", "matplotlib", "graphviz")

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
table { border-collapse: collapse; font-size: .85rem; }
td, th { padding: .15rem .8rem .15rem 0; vertical-align: top; text-align: left; }
figure { margin: 1rem 0; overflow-x: auto; background: #fff; color: #1a1a1a; }
figure.fits img { max-width: 100%; height: auto; }
pre { overflow-x: auto; font: .85rem/1.5 ui-monospace, monospace; }
section { overflow-x: auto; }
@media print { body { margin: 0; max-width: none; } table { break-inside: avoid; } }
"""


def write_report(story: Story, path: Path) -> Graph:
    """Write the report into an existing folder, and return the graph in it, with the reason if it has no picture."""
    drawn = graph(story)
    write_atomically(path, page(story, drawn).encode())
    return drawn


def page(story: Story, drawn: Graph) -> str:
    """Return the report as HTML."""
    comparisons = "".join(
        f"<section><h3>{'Before the first step' if n == 0 else f'After epoch {n}'}</h3>{c._repr_html_()}</section>"
        for n, c in story.comparisons.items()
    )
    policy = f"default-src 'none'; {scripts_of(module() + START)}; style-src 'unsafe-inline'; img-src data:"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tinygrad_dnn: autodiff against gradients derived by hand</title><style>{_STYLE}</style></head>
<body><h1>The same network, by autodiff and by hand</h1>
<p>{escape(_claim(story))}</p>
<h2>Configuration</h2>{_table(configuration(story))}
<h2>Learning</h2><figure class="fits">{_image(curves(story), "Cost and accuracy by epoch")}
<figcaption>Validation is the test part, which decides nothing here. Dotted: where gradients were compared.</figcaption>
</figure>
<h2>Gradients compared</h2>{comparisons}
<h2>The computation graph</h2>{_figure(drawn)}
<h2>Step by step</h2>{stepper(story)._repr_html_()}
<h2>The chain rule, derived</h2><pre>{escape(derivation(story))}</pre>
<h2>For machines</h2>
<p>The block with the id <code>story</code> in the source of this page holds all of it as JSON.</p>
<script type="application/json" id="story">{_json(story)}</script>
</body></html>
"""


def configuration(story: Story) -> dict[str, Any]:
    """Return the settings of the training, the data, and the versions of the packages."""
    settings = {name: value for name, value in story.training.settings.to_json().items() if value is not None}
    return {"data": f"{story.data.name}: {story.data.source}", **settings, **versions()}


def versions() -> dict[str, str]:
    """Return the versions of the packages that the numbers depend on."""
    found = {"tinygrad_dnn": __version__, "Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _claim(story: Story) -> str:
    number = sum(len(comparison.rows) for comparison in story.comparisons.values())
    agree = "agree" if story.ok else "do NOT all agree"
    return (
        f"{number} gradients, taken {len(story.comparisons)} times during the training, {agree} with the formulas "
        f"derived by hand and with finite differences. Training with the formulas derived by hand gives the same cost "
        f"curve to {story.by_hand:.0e}. Accuracy on the test part: {100 * story.test_accuracy:.1f} %."
    )


def _table(rows: dict[str, Any]) -> str:
    body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(_shown(value))}</td></tr>" for name, value in rows.items())
    return f"<table>{body}</table>"


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _figure(drawn: Graph) -> str:
    if drawn.svg is None:
        return f"<p>{escape(drawn.why)}</p><pre>{escape(drawn.text)}</pre>"
    return f"<figure>{_image(drawn.svg, 'The computation graph of the cost')}</figure>"


def _image(svg: str, title: str) -> str:
    """Return an SVG as an image, which keeps its names and styles apart from the page's."""
    return f'<img alt="{escape(title)}" src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'


def _json(story: Story) -> str:
    data = {
        "ok": story.ok,
        "configuration": configuration(story),
        "accuracy": accuracies(story.training, story.data),
        "largest_difference_of_cost_curves": story.by_hand,
        "history": finite([epoch._asdict() for epoch in story.training.history], missing),
        "comparisons": [{"epoch": n, **comparison.to_json()} for n, comparison in story.comparisons.items()],
    }
    return json.dumps(data, ensure_ascii=True).replace("<", "\\u003c")
