"""The course's formulas, each once, as text: the exercises judge by them, and tables print them as on paper."""

import ast
from collections.abc import Sequence

CROSS_ENTROPY = "-((1 / m) * sum(Y * log({A}) + (1 - Y) * log(1 - {A})))"
COST_GRADIENT = {"sigmoid": "-(Y / {A} - (1 - Y) / (1 - {A}))", "softmax": "-Y / {A}"}
"""dA of the predictions, without 1/m, by the activation that made them."""

STEP_BACK = {
    "sigmoid": "{dA} * slope({A} * (1 - {A}))",
    "tanh": "{dA} * (1 - {A} * {A})",
    "relu": "{dA} * mask({Z} > 0)",
    "leaky_relu": "{dA} * where({Z} > 0, 1, 0.01)",
    "softmax": "{A} * ({dA} - sum({dA} * {A}, axis=0, keepdims=True))",
}
"""dZ of a layer, by its activation."""

FROM_Z = "{A} - Y"
"""dZ of the last layer, the cost and sigmoid or softmax taken together."""

WEIGHTS, BIAS = "(1 / m) * ({dZ} @ {A_prev}.T)", "(1 / m) * sum({dZ}, axis=1, keepdims=True)"
PENALTY = "(lambd / m) * {W}"
BACK = "{W}.T @ {dZ}"


def hand_formula(
    quantity: str, activations: Sequence[str], *, masked: Sequence[int] = (), penalised: bool = False,
    from_Z: bool = False,
) -> str:  # fmt: skip
    """Return the formula of dW, db, dZ or dA of some layer, as on paper.

    The activations are those of every layer, `masked` are the layers with dropout, `penalised` is True with an L2
    penalty, and `from_Z` if the way back starts at dZL = AL - Y.

    Examples
    --------
    >>> course = ["relu", "sigmoid"]
    >>> for quantity in ("dA2", "dZ2", "dW2", "db2", "dA1", "dZ1"):
    ...     print(quantity, "=", hand_formula(quantity, course))
    dA2 = -(Y / A2 - (1 - Y) / (1 - A2))
    dZ2 = dA2 * A2 * (1 - A2)
    dW2 = 1/m dZ2 A1ᵀ
    db2 = 1/m Σ over examples of dZ2
    dA1 = W2ᵀ dZ2
    dZ1 = dA1 * (Z1 > 0)
    """
    kind, l, L = quantity[:2], int(quantity[2:]), len(activations)
    before = "X" if l == 1 else f"(A{l - 1} * D{l - 1})" if l - 1 in masked else f"A{l - 1}"
    names = {name: f"{name}{l}" for name in ("A", "dA", "Z", "dZ", "W")} | {"A_prev": before}
    if kind == "dW":
        text = WEIGHTS + (f" + {PENALTY}" if penalised else "")
    elif kind == "db":
        text = BIAS
    elif kind == "dZ":
        text = FROM_Z if from_Z and l == L else STEP_BACK[activations[l - 1]]
    elif l == L:
        text = COST_GRADIENT.get(activations[-1], COST_GRADIENT["sigmoid"])
    else:
        names |= {"W": f"W{l + 1}", "dZ": f"dZ{l + 1}"}
        text = f"({BACK}) * D{l}" if l in masked else BACK
    return on_paper(text.format(**names))


def on_paper(formula: str) -> str:
    """Print a formula as people write it: matrices side by side, ᵀ, Σ, squares.

    >>> on_paper("(1 / m) * (dZ @ A.T)"), on_paper("dA * (1 - A * A)")
    ('1/m dZ Aᵀ', 'dA * (1 - A²)')
    """
    return _written(ast.parse(formula, mode="eval").body)


_SIGNS = {ast.Add: " + ", ast.Sub: " - ", ast.Mult: " * ", ast.Div: " / ", ast.MatMult: " "}
_STRENGTH = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2, ast.MatMult: 3, ast.USub: 2}


def _written(node: ast.expr, strength: int = 0) -> str:
    """Print a node, in brackets where it binds less than `strength`."""
    match node:
        case ast.BinOp(ast.BinOp(top, ast.Div(), ast.Name("m")), ast.Mult(), right):
            return f"{_written(top)}/m {_written(right)}"
        case ast.BinOp(ast.Name(x), ast.Mult(), ast.Name(y)) if x == y:
            return f"{x}²"
        case ast.BinOp(left, op, right):
            own = _STRENGTH[type(op)]
            # a - (b - c) and a / (b / c) need their brackets, products do not.
            inner = own + isinstance(op, (ast.Sub, ast.Div))
            text = f"{_written(left, own)}{_SIGNS[type(op)]}{_written(right, inner)}"
            return f"({text})" if own < strength else text
        case ast.UnaryOp(ast.USub(), operand):
            return f"-{_written(operand, 2)}" if not isinstance(operand, ast.BinOp) else f"-({_written(operand)})"
        case ast.Compare(left, _, [right]):
            return f"{_written(left)} > {_written(right)}"
        case ast.Attribute(value, "T"):
            return f"{_written(value, 4)}ᵀ"
        case ast.Call(ast.Name("mask"), [condition]):
            return f"({_written(condition)})"
        case ast.Call(ast.Name("slope"), [inside]):
            return _written(inside, strength)
        case ast.Call(ast.Name("where"), [condition, value, other]):
            return f"({_written(value)} where {_written(condition)}, else {_written(other)})"
        case ast.Call(ast.Name("sum"), [inside], [ast.keyword("axis", ast.Constant(axis)), *_]):
            return f"Σ over {'examples' if axis else 'classes'} of {_written(inside)}"
    return ast.unparse(node).replace("lambd", "λ")
