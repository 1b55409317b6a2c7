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
for _name in ("propagate", "forward_propagation", "forward_propagation_n", "forward_propagation_with_dropout"):
    CALLEES[_name] = ("sigmoid", "relu")
for _name in ("backward_propagation", "backward_propagation_n", "backward_propagation_with_regularization"):
    CALLEES[_name] = ("sigmoid", "relu")
CALLEES["compute_cost_with_regularization"] = ("compute_cost",)

_ALONE = ("planar", "init", "reg", "gc", "opt", "lr")
_WITH_CACHE = "dnn"
"""Beginnings of the names of modules whose sigmoid and relu return A without a cache, and with one."""


_LARGEST, _LAYERS = 300, 50
"""Rows and columns of an array, units of a layer, and layers, that are computed for a submission."""


def _check_size(name: str, given: object) -> None:
    """Refuse arguments that cost the judge more than a moment; those of the referee itself are tiny."""
    waiting: list[Any] = [given]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (dict, list, tuple)) and len(value) <= 2 * _LAYERS:
            waiting += value.values() if isinstance(value, dict) else value
        elif isinstance(value, (dict, list, tuple)) or not _is_small(value, name.startswith("initialize")):
            raise ValueError(
                f"{name} is computed for arrays of at most {_LARGEST} x {_LARGEST} and for {_LAYERS} layers at most; "
                f"it was given {f'an array of shape {np.shape(value)}' if np.ndim(value) else 'larger ones'}"
            )


def _is_small(value: Any, is_size: bool) -> bool:
    """Return True for a small array, or for a number, where that is the size of a layer a small one."""
    if is_size and isinstance(value, (int, float, np.ndarray)):
        return np.size(value) <= _LAYERS and bool(np.all(np.abs(value) <= _LARGEST))
    return not isinstance(value, np.ndarray) or (value.ndim <= 2 and max(value.shape, default=0) <= _LARGEST)


def supply(name: str, module: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], alone: bool = False) -> Any:
    """Return what the course's function `name` returns.

    `module` is what it was imported from ("" where it stands for one of the submission's). `alone`: `sigmoid` and
    `relu` return A only, without a cache.
    """
    _check_size(name, (args, dict(kwargs)))
    value = getattr(manual, name)(*args, **kwargs)
    if name not in ("sigmoid", "relu") or module.startswith(_WITH_CACHE):
        return value
    return value[0] if alone or module.startswith(_ALONE) else value
