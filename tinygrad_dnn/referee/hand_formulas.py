"""The hand-derived formula of each quantity of the course's network, as people write it."""

from __future__ import annotations

from collections.abc import Sequence

_STEP_BACK = {
    "sigmoid": "dA{l} * A{l} * (1 - A{l})",
    "tanh": "dA{l} * (1 - A{l}²)",
    "relu": "dA{l} * (Z{l} > 0)",
    "leaky_relu": "dA{l} * (1 where Z{l} > 0, else 0.01)",
    "softmax": "A{l} * (dA{l} - Σ over classes of dA{l} * A{l})",
}


def hand_formula(
    quantity: str,
    activations: Sequence[str],
    *,
    masked: Sequence[int] = (),
    penalised: bool = False,
    from_Z: bool = False,
) -> str:
    """Return the formula of dW, db, dZ or dA of some layer.

    Parameters
    ----------
    quantity : str
        ``"dW2"``.
    activations : sequence of str
        Of every layer.
    masked : sequence of int
        The layers with dropout.
    penalised : bool
        Whether there is an L2 penalty.
    from_Z : bool
        Whether the way back starts at dZL = AL - Y.

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
    if kind == "dW":
        before = "X" if l == 1 else f"(A{l - 1} * D{l - 1})" if l - 1 in masked else f"A{l - 1}"
        return f"1/m dZ{l} {before}ᵀ" + (f" + λ/m W{l}" if penalised else "")
    if kind == "db":
        return f"1/m Σ over examples of dZ{l}"
    if kind == "dZ":
        return f"A{l} - Y" if from_Z and l == L else _STEP_BACK[activations[l - 1]].format(l=l)
    if l < L:
        return f"W{l + 1}ᵀ dZ{l + 1}" + (f" * D{l}" if l in masked else "")
    return f"-Y / A{l}" if activations[-1] == "softmax" else f"-(Y / A{l} - (1 - Y) / (1 - A{l}))"
