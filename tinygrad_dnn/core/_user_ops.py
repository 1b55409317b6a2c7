"""Guards around the functions of an op that a user declares: they neither change nor keep the engine's arrays.

A forward and a rule get read-only views, and what they return is copied. In a recorded pass a rule must compute with
the Tensors that it is given: one that returns numbers kept from the forward pass would have derivative 0.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from .context import current
from .errors import RuleError
from .graph import everything
from .node import Node

Rule = Callable[..., Any]


def guarded_forward(forward: Rule) -> Rule:
    """Return `forward` on read-only views, its result copied."""
    if isinstance(forward, np.ufunc):
        return forward

    @wraps(forward)
    def guarded(*values: Any, **params: Any) -> Any:
        return _copied(forward(*map(_read_only, values), **params))

    return guarded


def guarded_rule(rule: Rule, forward: Rule, title: str, first: int = 0) -> Rule:
    """Return a vjp rule on read-only views, its result copied; `first` is the place of y_bar among its arguments.

    Raises
    ------
    RuleError
        In a recorded pass, where the result depends on operands but is not computed from them.
    """

    @wraps(rule)
    def guarded(*args: Any, **params: Any) -> Any:
        x_bar = _copied(rule(*map(_read_only, args), **params))
        if any(isinstance(x, Node) for x in args) and current().tracing is None:
            used = {node.id for node in everything(x_bar)} if isinstance(x_bar, Node) else set()
            for i, x in enumerate(args[first + 2 :] if getattr(args[first + 1], "id", None) not in used else ()):
                if isinstance(x, Node) and x.requires_grad and x.id not in used and x.size:
                    _check_dependence(rule, forward, title, args, first, params, i)
        return x_bar

    return guarded


def _read_only(x: Any) -> Any:
    if type(x) is np.ndarray and x.flags.writeable:
        x = x.view()
        x.flags.writeable = False
    return x


def _copied(x: Any) -> Any:
    return np.array(x) if type(x) is np.ndarray else x


def _check_dependence(
    rule: Rule, forward: Rule, title: str, args: tuple[Any, ...], first: int, params: Any, place: int
) -> None:
    """Raise if another operand at this place gives another cotangent."""
    bar, operands = getattr(args[first], "array", args[first]), args[first + 2 :]
    values = [x.array if isinstance(x, Node) else x for x in operands]
    moved = [*values[:place], values[place] * 1.01 + 0.01, *values[place + 1 :]]

    def cotangent(at: list[Any]) -> np.ndarray:
        at = [_read_only(np.asarray(x)) for x in at]
        return np.array(rule(*args[:first], np.asarray(bar), forward(*at, **params), *at, **params))

    there, here = cotangent(moved), cotangent(values)  # here last: what the forward pass keeps is as it was
    if not np.allclose(there, here, rtol=1e-9, atol=0, equal_nan=True):
        raise RuleError(
            f"{title}: the vjp rule gives another cotangent for another operand {place}, but does not compute it from "
            "the operands that it is given (it uses a value kept from the forward pass): its derivative would be 0; "
            "compute with y and the operands in the rule"
        )
