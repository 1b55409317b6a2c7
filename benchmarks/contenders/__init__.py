"""Who takes part: one module a contender, each with the same functions in its own library's words.

``prepare(parameters, X, Y)``
    The same arrays as that library holds them during training.
``step(parameters, X, Y)``
    The cost and all gradients, ``{"dW1": ..., "db1": ...}``: clears the old gradients, builds the cost, walks back.
``derivative(f, x)``
    f'(x) of a function of one number that is written with operators. ("manual" has none.)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

CONTROL, OURS = "manual", "tinygrad"
PEERS = ("autograd", "mygrad", "torch")
LABELS = {
    "manual": "manual",
    "tinygrad": "tinygrad_dnn",
    "autograd": "autograd",
    "mygrad": "MyGrad",
    "torch": "PyTorch",
}


class MissingPeerError(ImportError):
    """A peer that is to be measured is not installed."""


def load(name: str) -> Any:
    """Import one contender.

    Raises
    ------
    MissingPeerError
        If its library is not installed.

    Examples
    --------
    >>> load("manual").step.__module__
    'benchmarks.contenders.manual'
    """
    if name not in LABELS:
        raise ValueError(f"there is no contender {name!r}; there are {', '.join(LABELS)}")
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        raise MissingPeerError(
            f"the benchmark compares with {LABELS[name]}, but the module {error.name!r} is not installed; "
            'install it with pip install "tinygrad-dnn[bench]", or leave it out by naming the others after --peers'
        ) from error
