"""The course's functions for submissions that lack them, or whose own are wrong: computed here, outside the sandbox.

A submission's process never holds these functions; it sends arguments and receives arrays. Which function may be
asked for depends on what is being judged (`CALLEES`): never the one under judgement itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def supply(name: str, module: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], alone: bool = False) -> Any:
    """What the course's function `name` returns.

    Parameters
    ----------
    name, module : str
        The function, and the module that it was imported from ("" where it stands for one of the submission's).
    alone : bool
        `sigmoid` and `relu` return A only, without a cache.
    """
    value = getattr(manual, name)(*args, **kwargs)
    if name not in ("sigmoid", "relu") or module.startswith(_WITH_CACHE):
        return value
    return value[0] if alone or module.startswith(_ALONE) else value
