"""Functions of scipy.integrate on Tensors."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from scipy import integrate  # type: ignore[import-untyped]

from ..core import DetachedError, Tensor
from ..core.notation import call
from ..core.op import Primitive
from ..core.pytree import flatten, rebuilt
from ..ops.arguments import Array, Rule
from ..transforms import vjp

Slope = Callable[[Array, Array, Array], Array]
"""The right side of an equation: from the state, the time and all arguments in one row."""


def _solution(slope: Slope, y0: Array, t: Array, row: Array, options: Mapping[str, Any]) -> Array:
    """Return the states at the times, an op of the first state, the times and the arguments in one row.

    The adjoint equation goes backwards in time, from each time to the one before. With the state goes its cotangent,
    whose slope is minus that of the right side, and beside them the cotangents of the arguments.
    """
    n, m = len(y0), len(t)

    def augmented(state: Array, s: Array, row: Array) -> Array:
        value, pull = vjp(slope, state[:n], s, row)
        y_bar, _, row_bar = pull(-state[n : 2 * n])
        return np.concatenate([value, y_bar, row_bar])

    def rule(y_bar: Array, y: Array, given: Array) -> Array:
        t, row = given[n : n + m], given[n + m :]
        now, passed, row_bar, t_bars = y_bar[-1], 0 * y_bar[-1], 0 * row, []
        for i in range(m - 1, 0, -1):
            t_bars.append(np.sum(slope(y[i], t[i], row) * y_bar[i]))
            state = np.concatenate([y[i], now, row_bar])
            before = _solution(augmented, state, t[i - 1 : i + 1][::-1], row, options)[1]
            passed, row_bar = before[n : 2 * n], before[2 * n :]
            now = passed + y_bar[i - 1]
        t_bars.append(-np.sum(slope(y[0], t[0], row) * passed))
        return np.concatenate([now, np.stack(t_bars[::-1]), row_bar])

    def forward(given: Array) -> Array:
        y0, t, row = given[:n], given[n : n + m], given[n + m :]
        return integrate.odeint(lambda y, s: slope(y, s, row), y0, t, **options)

    return Primitive(forward, (rule,), "odeint", call("odeint"))(np.concatenate([y0, t, row]))


def odeint(func: Rule, y0: Array, t: Array, args: object = (), tfirst: bool = False, **options: Any) -> Array:
    """Solve dy/dt = func(y, t, *args); gradients flow to y0, t and args, by the adjoint equation.

    `options` are those of scipy.integrate.odeint, such as rtol, atol and mxstep; what `func` depends on and is to be
    differentiated by must be among `args`, which are numbers and arrays, or lists, tuples and dicts of them.
    """
    args = args if isinstance(args, tuple) else (args,)
    leaves = flatten(args)
    ends = np.cumsum([0, *map(np.size, leaves)])

    def slope(y: Array, s: Array, row: Array) -> Array:
        parts = [np.reshape(row[a:b], np.shape(x)) for a, b, x in zip(ends, ends[1:], leaves)]
        given = rebuilt(args, parts)
        found = func(s, y, *given) if tfirst else func(y, s, *given)
        found = np.stack(list(found)) if isinstance(found, (list, tuple)) else found
        if isinstance(found, Tensor) and not isinstance(y, Tensor):
            raise DetachedError("odeint: func depends on a Tensor from outside; give it by args=, func(y, t, *args)")
        return found

    row = np.concatenate([np.zeros(0), *map(np.ravel, leaves)])
    return _solution(slope, np.ravel(y0), np.asarray(t, float) if isinstance(t, list) else t, row, options)


trapezoid = np.trapezoid
__getattr__: Callable[[str], Any] = partial(getattr, integrate)  # the rest is SciPy's own
