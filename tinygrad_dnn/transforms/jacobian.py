"""Products with Jacobians and higher derivatives: jvp, hvp, jacobian, hessian."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import Tensor, adopted, beside, inner, rebuilt, recording, released
from ._gradients import gradients, like
from ._run import Argnums, Function, Made, checked, matching, plain, run, several
from .grad import grad


def jvp(f: Function, args: Sequence[Any], tangents: Sequence[Any], *, has_aux: bool = False) -> Any:
    """Return the value of `f`, and its Jacobian times `tangents`: the directional derivative.

    Parameters
    ----------
    f : callable
        Returns an array or a structure of arrays; with has_aux a pair, of this and other results.
    args : tuple of arrays or structures
    tangents : tuple of the same form
        The direction; anything, as None, in the place of text and the like.

    Returns
    -------
    value, tangent of the same form, and with has_aux the other results

    Notes
    -----
    The pullback u -> uJ is linear in u, so its own vjp, with the tangent as cotangent, is Jt: no second set of rules.
    J. Townsend, "A new trick for calculating Jacobian vector products", 2017.

    Examples
    --------
    >>> value, tangent = jvp(lambda x: x**3, (2.0,), (1.0,))
    >>> float(value), float(tangent)
    (8.0, 12.0)
    """
    args, tangents = several(args, "jvp: the arguments"), several(tangents, "jvp: the tangents")
    ran = run(f, args, tuple(range(len(args))), "jvp", has_aux=has_aux).differentiable()
    x_dots = matching(tangents, ran.leaves, args, "jvp: the tangent")
    nested = ran.is_nested(*x_dots)
    dummies = [Tensor(np.zeros_like(getattr(y, "array", y), getattr(y, "dtype", float))) for y in ran.outputs]
    with recording():
        product = inner(ran.pull(list(dummies), record=True) if nested else ran.pull_linear(list(dummies)), x_dots)
    y_dots = _gradients(product, dummies, nested)
    value, aux = plain((ran.value, ran.aux), nested)
    tangent = rebuilt(value, y_dots if nested else [like(y, d) for y, d in zip(ran.outputs, y_dots)])
    return (value, tangent, aux) if has_aux else (value, tangent)


def hvp(f: Function, x: object, v: object) -> Any:
    """Return the Hessian of `f` at `x` times `v`, without building the Hessian.

    Parameters
    ----------
    f : callable
        From one argument, an array or a structure, to a scalar.
    x, v : array or structure, of the same form

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    ran = run(f, (x,), (0,), "hvp")
    ran.scalar()
    vs = matching(v, ran.leaves, x, "hvp: v")
    nested = ran.is_nested(*vs)
    with recording():
        slope = inner(ran.pull([None], record=True), vs)
    return ran.returned(_gradients(slope, ran.inputs, nested), nested)[0]


def _gradients(y: Any, xs: list[Tensor], nested: bool) -> list[Any]:
    """Return the gradients of y, which may depend on nothing."""
    return gradients(y, xs, create_graph=nested) if type(y) is Tensor else [np.zeros_like(x.array) for x in xs]


def jacobian(f: Function, argnum: Argnums = 0, *, argnums: Argnums = None, has_aux: bool = False) -> Function:
    """Return the function that computes the Jacobian of `f`, or ``(Jacobian, aux)``.

    Returns
    -------
    callable
        Gives an array of shape ``value.shape + argument.shape``. For structures: in the structure of the value, for
        each array of it the structure of the argument.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: x[:2] * x[2])(np.array([1.0, 2.0, 3.0]))
    array([[3., 0., 1.],
           [0., 3., 2.]])
    """
    return Made(_jacobian, f, *checked(f, argnum, argnums, "jacobian"), has_aux)


def _jacobian(f: Any, places: Any, alone: bool, has_aux: bool, /, *args: Any, **kwargs: Any) -> Any:
    ran = run(f, args, places, "jacobian", kwargs, has_aux).differentiable()
    nested = ran.is_nested()
    blocks = []
    for i, y in enumerate(ran.outputs):
        shape, rows = np.shape(y), []
        for index in np.ndindex(shape):  # the cotangents that are 1 there and 0 elsewhere
            bars = [np.zeros(np.shape(z), getattr(z, "dtype", float)) for z in ran.outputs]
            bars[i][index] = 1
            rows.append(ran.pull([beside(bar, getattr(z, "array", z)) for bar, z in zip(bars, ran.outputs)], nested))
        columns = [
            released(np.reshape(np.stack([adopted(row[k]) for row in rows]), shape + x.shape))
            if rows
            else np.zeros(shape + x.shape)
            for k, x in enumerate(ran.inputs)
        ]
        block = ran.returned(columns, True)
        blocks.append(block[0] if alone else block)
    found = rebuilt(ran.value, blocks)
    return (found, plain(ran.aux, nested)) if has_aux else found


def hessian(f: Function, argnum: Argnums = 0, *, argnums: Argnums = None, has_aux: bool = False) -> Function:
    """Return the function that computes the Hessian of a scalar function: the Jacobian of its gradient.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0]))
    array([[6., 4.],
           [4., 0.]])
    """
    return jacobian(grad(f, argnum, argnums=argnums, has_aux=has_aux), argnum, argnums=argnums, has_aux=has_aux)
