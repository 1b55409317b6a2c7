"""A notebook, run by a kernel as a viewer runs it: what each cell shows, with and without trust."""

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

SETUP = """
import warnings; warnings.simplefilter("error")
import numpy as np
from tinygrad_dnn import Tensor, derive, draw, explore
from tinygrad_dnn.referee import check, check_gradients
w, x = Tensor([1.0, -2.0], name="w"), Tensor([0.5, 3.0], name="x")
J = np.sum(w * x).named("J")
def sigmoid_backward(dA, cache):
    s = 1 / (1 + np.exp(-cache))
    return dA * s
"""
MAGIC = "%%check\ndef relu_backward(dA, cache):\n    return np.where(cache > 0, dA, 0)"
CELLS = {
    "draw(J)": ("image/svg+xml", "image/png", "J = sum(v1)"),
    "derive(J)": ("text/html", "text/latex", "dw = dJ * x"),
    "explore(J)": ("text/html", "image/png", "J = sum(v1)"),
    "check(globals())": (
        "text/html",
        "text/plain",
        "<Verdict notebook.ipynb: wrong; sigmoid_backward: The factor",
    ),
    MAGIC: ("text/html", "text/plain", "<Verdict notebook.ipynb: right>"),
    "check_gradients(lambda w: w @ w, lambda w: 2 * w, np.ones(2))": ("text/html", "text/plain", "<Comparison "),
    "w": ("text/plain", "text/plain", "Tensor([ 1., -2.], name='w')"),
}
"""Of each cell what a viewer shows, what it shows where the notebook is not trusted, and a part of the text."""


def test_every_cell_shows_itself():
    sources = [SETUP, "%load_ext tinygrad_dnn", *CELLS]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbclient.NotebookClient(notebook, timeout=None, kernel_name="python3").execute()
    for cell in notebook.cells[:2]:
        assert not cell.outputs
    for cell, (rich, untrusted, text) in zip(notebook.cells[2:], CELLS.values(), strict=True):
        [output] = cell.outputs  # and nothing on standard error
        assert {rich, untrusted, "text/plain"} <= output.data.keys(), cell.source
        assert text in output.data["text/plain"], cell.source
