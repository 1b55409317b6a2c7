"""Spell a program of the corpus in different ways that mean the same.

A style is a function from the sources of a solution (function name -> text) to the text of a whole file.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable

HELPERS = ("sigmoid", "relu", "sigmoid_backward", "relu_backward")
Sources = dict[str, str]


def plain(sources: Sources) -> str:
    """As it stands."""
    return "import numpy as np\n" + "\n".join(sources.values())


def script(sources: Sources) -> str:
    """With helpers first met after their users, a test and a training loop that cannot run here."""
    head = "import numpy as np\nimport h5py\nimport matplotlib.pyplot as plt\nfrom testCases_v4a import *\n"
    tail = "\nX, Y, parameters = L_model_forward_test_case()\nplt.plot([1, 2, 3]); plt.show()\n"
    tail += "print(L_model_forward(X, parameters))\n"
    return head + "\n".join(reversed(sources.values())) + tail


def matmul(sources: Sources) -> str:
    """``@`` for ``np.dot``, ``np.transpose`` for ``.T``, ``np.multiply`` for every other ``*``."""
    return _rewritten(sources, _Matmul())


def einsum(sources: Sources) -> str:
    """``np.einsum`` for ``np.dot``, ``axis`` sums as methods."""
    return _rewritten(sources, _Einsum())


def renamed(sources: Sources) -> str:
    """Other names for local variables, and parameters under names of one's own."""
    return _rewritten(sources, _Renamed())


def shifted(sources: Sources) -> str:
    """The older dA naming: ``grads["dA" + str(l)]`` holds dA of layer l - 1."""
    text = sources["L_model_backward"]
    if 'grads["dA" + str(L - 1)]' not in text:
        return plain(sources)
    text = text.replace('grads["dA" + str(L - 1)]', 'grads["dA" + str(L)]')
    text = text.replace('backward(grads["dA" + str(l + 1)]', 'backward(grads["dA" + str(l + 2)]')
    text = text.replace('grads["dA" + str(l)]', 'grads["dA" + str(l + 1)]')
    return plain(sources | {"L_model_backward": text})


def notebook(sources: Sources) -> str:
    """A notebook with magics, prose, outputs and cells that fail."""
    code = ["%matplotlib inline\nimport numpy as np\nimport h5py\n%load_ext autoreload", *sources.values()]
    cells: list[dict[str, object]] = [{"cell_type": "markdown", "metadata": {}, "source": ["# Deep network"]}]
    for text in code:
        lines = text.strip("\n").splitlines(keepends=True)
        cells.append({"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines})
        cells.append({"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": ["undefined_name"]})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 2})


def imported(sources: Sources) -> str:
    """The four helpers come from the course's module."""
    rest = {name: text for name, text in sources.items() if name not in HELPERS}
    return f"import numpy as np\nfrom dnn_utils_v2 import {', '.join(HELPERS)}\n" + "\n".join(rest.values())


def single_precision(sources: Sources) -> str:
    """Everything in float32."""
    return _rewritten(sources, _Float32())


STYLES: dict[str, Callable[[Sources], str]] = {
    style.__name__: style for style in (plain, script, matmul, einsum, renamed, shifted, notebook)
}


def _rewritten(sources: Sources, rewrite: ast.NodeTransformer) -> str:
    trees = (rewrite.visit(ast.parse(text)) for text in sources.values())
    return "import numpy as np\n\n" + "\n\n\n".join(ast.unparse(ast.fix_missing_locations(tree)) for tree in trees) + "\n"


def _np(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), list(args), [])


def _is_np(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == f"np.{name}"


class _Matmul(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return ast.BinOp(node.args[0], ast.MatMult(), node.args[1]) if _is_np(node, "dot") else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        numbers = any(isinstance(side, ast.Constant) for side in (node.left, node.right))
        return _np("multiply", node.left, node.right) if isinstance(node.op, ast.Mult) and not numbers else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        return _np("transpose", node.value) if node.attr == "T" else node


class _Einsum(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if _is_np(node, "dot"):
            return _np("einsum", ast.Constant("ij,jk->ik"), *node.args)
        if _is_np(node, "sum") and node.keywords:
            return ast.Call(ast.Attribute(node.args[0], "sum", ast.Load()), node.args[1:], node.keywords)
        return node


class _Renamed(ast.NodeTransformer):
    kept = frozenset(("np", "str", "range", "len", "reversed"))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        for argument in node.args.args:
            argument.arg += "_in"
        arguments = {inner.arg[:-3] for inner in node.args.args}
        local = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - arguments
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and inner.id in arguments:
                inner.id += "_in"
            elif isinstance(inner, ast.Name) and inner.id in local:
                inner.id = f"my_{inner.id}"
        return node


class _Float32(ast.NodeTransformer):
    def visit_Return(self, node: ast.Return) -> ast.Return:
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        arrays = [arg.arg for arg in node.args.args if arg.arg in ("A", "A_prev", "W", "b", "Z", "dA", "dZ", "X", "AL", "Y")]
        casts = [ast.parse(f"{name} = {name}.astype(np.float32)").body[0] for name in arrays]
        node.body[:0] = casts
        return node
