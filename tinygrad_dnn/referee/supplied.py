"""The course's functions for submissions that lack them, or whose own are wrong: computed here, outside the sandbox.

A submission's process never holds these functions; it sends arguments and receives arrays. Which function may be
asked for depends on what is being judged (`CALLEES`): never the one under judgement itself.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..dnn import manual

CALLEES: dict[str, tuple[str, ...]] = {
    "sigmoid_backward": ("sigmoid",),
    "relu_backward": ("relu",),
    "linear_activation_forward": ("sigmoid", "relu", "linear_forward"),
    "linear_activation_backward": ("sigmoid", "relu", "sigmoid_backward", "relu_backward", "linear_backward"),
}
CALLEES["L_model_forward"] = (*CALLEES["linear_activation_forward"], "linear_activation_forward")
CALLEES["L_model_backward"] = (*CALLEES["linear_activation_backward"], "linear_activation_backward")
for _way in ("forward_propagation", "backward_propagation"):
    for _name in ("propagate", _way, f"{_way}_n", f"{_way}_with_regularization", f"{_way}_with_dropout"):
        CALLEES[_name] = ("sigmoid", "relu")
CALLEES["compute_cost_with_regularization"] = ("compute_cost",)

_ALONE = ("planar", "init", "reg", "gc", "opt", "lr", "rnn")
_WITH_CACHE = "dnn"
"""Beginnings of the names of modules whose sigmoid and relu return A without a cache, and with one."""


_LARGEST, _LAYERS = 300, 50
"""Rows and columns of an array, units of a layer, and layers, that are computed for a submission."""


def _check_size(name: str, given: object) -> None:
    """Refuse arguments that cost the judge more than a moment; those of the referee itself are tiny."""
    waiting: list[Any] = [given]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (dict, list, tuple)):
            small = len(value) <= 2 * _LAYERS
            waiting += value.values() if isinstance(value, dict) else value if small else ()
        elif name.startswith("initialize") and isinstance(value, (int, float, np.ndarray)):  # sizes of layers
            small = np.size(value) <= _LAYERS and bool(np.all(np.abs(value) <= _LARGEST))
        else:
            small = not isinstance(value, np.ndarray) or (value.ndim <= 2 and max(value.shape, default=0) <= _LARGEST)
        if not small:
            raise ValueError(
                f"{name} is computed for arrays of at most {_LARGEST} x {_LARGEST} and for {_LAYERS} layers at most; "
                f"it was given {f'an array of shape {np.shape(value)}' if np.ndim(value) else 'larger ones'}"
            )


def supply(name: str, module: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], alone: bool = False) -> Any:
    """Return what the course's function `name` returns.

    `module` is what it was imported from ("" where it stands for one of the submission's). `alone`: `sigmoid` and
    `relu` return A only, without a cache.
    """
    _check_size(name, (args, dict(kwargs)))
    if name == "softmax":
        e = np.exp(args[0] - np.max(args[0], axis=0))
        return e / e.sum(axis=0)
    value = getattr(manual, name)(*args, **kwargs)
    if name not in ("sigmoid", "relu") or module.startswith(_WITH_CACHE):
        return value
    return value[0] if alone or module.startswith(_ALONE) else value
