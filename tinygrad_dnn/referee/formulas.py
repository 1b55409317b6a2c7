"""The right formulas as text, so that they can be evaluated, shown, and changed a little.

A `Program` is a list of lines in the order in which they are computed. Where it speaks of layers, ``_l`` is the layer
of the line, ``_p`` the one before, ``_n`` the one after, ``_f`` the first, ``_L`` the last one and ``_0`` the input:
``dW_l = (1 / m) * (dZ_l @ A_p.T)``.
`mask(...)`, `slope(...)` and `bias(...)` mark the derivative of relu, of sigmoid, and the bias, and change nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from ..support.text import json_beside

Env = dict[str, Any]


class Line(NamedTuple):
    """``name = right`` on the layers `where`: "all", "hidden", "output", "first"; "once" where there are no layers."""

    name: str
    right: str
    where: str = "all"
    alternatives: tuple[tuple[str, str, str], ...] = ()  # mistakes that no general rule makes: (formula, cause, words)
    topic: str = ""  # the cause by which all others are called, except for signs and factors of m


class Program(NamedTuple):
    """Lines, walked "up" or "down" the layers, or "once"; a joint mistake: cause, words, (line, scope, formula)."""

    lines: tuple[Line, ...]
    walk: str = "once"
    joint_mistakes: tuple[tuple[str, str, tuple[tuple[int, str, str], ...]], ...] = ()

    def order(self, L: int) -> range:
        """Return the layers as they are walked; 0 alone where there are none."""
        return {"once": range(1), "up": range(1, L + 1), "down": range(L, 0, -1)}[self.walk]


def layers(where: str, L: int) -> range:
    """The layers that a line is for."""
    spans = {"all": (1, L), "hidden": (1, L - 1), "output": (L, L), "first": (1, 1), "last hidden": (L - 1, L - 1)}
    first, last = spans[where]
    return range(max(first, 1), last + 1)


def unrolled(program: Program, L: int) -> Iterator[tuple[int, str, str, int]]:
    """Every line for every layer, in order: (index of the line, name, formula, layer)."""
    for layer in program.order(L):
        for index, line in enumerate(program.lines):
            if program.walk == "once" or layer in layers(line.where, L):
                yield index, at_layer(line.name, layer, L), line.right, layer


def evaluate(program: Program, env: Env, L: int, changed: Mapping[tuple[int, int], str] = {}) -> Env:
    """All values of the program, with other formulas for (line, layer) in `changed`; None: it cannot be computed."""
    values: Env = {**FUNCTIONS, **env}
    with np.errstate(all="ignore"):
        for index, name, right, layer in unrolled(program, L):
            formula = at_layer(changed.get((index, layer), right), layer, L)
            try:
                values[name] = computed(formula, values)
            except (ValueError, TypeError, NameError, AttributeError, IndexError, np.exceptions.AxisError):
                values[name] = None
    return {name: value for name, value in values.items() if name not in FUNCTIONS}


@lru_cache(maxsize=100_000)
def at_layer(text: str, layer: int, L: int) -> str:
    """Fill in the layers."""
    numbers = {"l": layer, "p": layer - 1, "n": layer + 1, "L": L, "0": 0, "f": 1}
    return re.sub(r"_([lpnfL0])\b", lambda match: str(numbers[match[1]]), text)


def shown(text: str) -> str:
    """A formula as people write it."""
    text = re.sub(r"bias\((\w+)\)", r"\1", text)
    text = re.sub(r"\b(mask|slope)\(", "(", text)
    text = text.replace("(1 / m) * ", "1/m * ").replace("1 / m * ", "1/m * ").replace("(1 / 2)", "1/2")
    names = {"l": "[l]", "p": "[l-1]", "n": "[l+1]", "L": "[L]", "0": "[0]", "f": "[1]"}
    return re.sub(r"_([lpnfL0])\b", lambda match: names[match[1]], text)


_compiled = lru_cache(maxsize=100_000)(lambda formula: compile(formula, "<formula>", "eval"))


def computed(formula: str, env: Mapping[str, Any]) -> Any:
    """Return the value of a formula of these values and no others."""
    return eval(_compiled(formula), {"__builtins__": {}}, env)


def sigmoid(Z: Any) -> Any:
    """``1 / (1 + exp(-Z))``."""
    return 1 / (1 + np.exp(-Z))


relu = partial(np.maximum, 0)
_OF_NUMPY = "abs exp log log2 log10 max mean sqrt squeeze sum tanh where"
FUNCTIONS: dict[str, Any] = {name: getattr(np, name) for name in _OF_NUMPY.split()} | {
    **dict.fromkeys(("mask", "slope", "bias"), lambda x: x), "sigmoid": sigmoid, "relu": relu,
    "leaky_relu": lambda Z: np.maximum(0.01 * Z, Z), "min": lambda Z: np.minimum(0, Z), "ones": np.ones_like,
}  # fmt: skip
"""What a formula may call."""
_PAPER = json_beside(__file__, "paper.json")  # dA of the predictions, without 1/m, and dZ of a layer, by the activation


def hand_formula(
    quantity: str, activations: Sequence[str], masked: Sequence[int] = (), penalised: bool = False, from_Z: bool = False
) -> str:
    """Return the formula of a gradient on paper; `masked` layers have dropout, `from_Z`: from dZL = AL - Y on."""
    kind, l, L = quantity[:2], int(quantity[2:]), len(activations)
    before = "X" if l == 1 else f"(A{l - 1} * D{l - 1})" if l - 1 in masked else f"A{l - 1}"
    of_cost = _PAPER["by cost"].get(activations[-1], _PAPER["by cost"]["sigmoid"])
    text = {
        "dW": f"1/m dZ{l} {before}ᵀ" + f" + λ/m W{l}" * penalised,
        "db": f"1/m Σ over examples of dZ{l}",
        "dZ": f"A{l} - Y" if from_Z and l == L else _PAPER["step back"][activations[l - 1]],
        "dA": f"W{l + 1}ᵀ dZ{l + 1}" + f" * D{l}" * (l in masked) if l < L else of_cost,
    }[kind]
    return str(text.format(**{name: f"{name}{l}" for name in ("A", "dA", "Z")}))
