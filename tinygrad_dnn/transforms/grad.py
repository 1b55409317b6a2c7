"""Gradients of functions: grad, value_and_grad, elementwise_grad, vjp.

All of them run the function on Tensors and walk back. Where the result can itself be differentiated (an argument or
something in the closure is a Tensor of an outer computation), the walk is recorded and the result is a Tensor.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ._run import Argnums, Function, Made, checked, matching, plain, run


def value_and_grad(
    f: Function, argnum: Argnums = 0, *, argnums: Argnums = None, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value of `f` and its gradient, in one pass forward and one back.

    Parameters
    ----------
    f : callable
        Returns a scalar; written in NumPy functions and operators.
    argnum : int, str, or tuple of them; also spelled argnums
        The arguments to differentiate by, by place or by name. They may be numbers, arrays, or dicts, lists and tuples
        of them; what else is in these (text, None, flags, masks, functions) is passed through. An integer is a number
        to differentiate by, which may count and index as well.
    has_aux : bool
        True if `f` returns a pair: the scalar, and other results that are handed out beside it.

    Returns
    -------
    callable
        Takes the arguments of `f`; returns ``(value, gradient)``, the gradient in the structure, the shapes, the types
        and the dtypes of its argument (a tuple of gradients for a tuple of argnums), with None in the place of what has
        no derivative. With has_aux it returns ``((value, aux), gradient)``.

    Raises
    ------
    ShapeError, DetachedError
        If `f` returns no scalar, or what has been cut out of the graph.

    Examples
    --------
    >>> import numpy as np
    >>> def cost(w, x, y):
    ...     return np.mean((np.dot(w, x) - y) ** 2)
    >>> value, dw = value_and_grad(cost)(np.array([1.0, 2.0]), np.eye(2), np.zeros(2))
    >>> float(value), dw
    (2.5, array([1., 2.]))
    >>> value_and_grad(lambda x: (x**2, "aux"), has_aux=True)(3.0)
    ((np.float64(9.0), 'aux'), np.float64(6.0))
    """
    return Made(_value_and_grad, f, *checked(f, argnum, argnums, "grad"), has_aux)


def _value_and_grad(f: Any, places: Any, alone: bool, has_aux: bool, /, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    ran = run(f, args, places, "grad", kwargs, has_aux)
    ran.scalar()
    nested = ran.is_nested()
    found = ran.returned(ran.pull([None], nested), nested)
    value = plain((ran.value, ran.aux) if has_aux else ran.value, nested)
    return value, found[0] if alone else found


def grad(f: Function, argnum: Argnums = 0, *, argnums: Argnums = None, has_aux: bool = False) -> Function:
    """Return the function that computes the gradient of `f`, or ``(gradient, aux)``; see `value_and_grad`.

    Examples
    --------
    >>> import numpy as np
    >>> third = grad(grad(grad(lambda x: x**4)))
    >>> float(third(2.0))
    48.0
    >>> grad(lambda p: np.sum(p["w"] ** 2) + p["b"])({"w": np.array([1.0, 2.0]), "b": 5.0})
    {'w': array([2., 4.]), 'b': np.float64(1.0)}
    """
    return Made(_grad, f, *checked(f, argnum, argnums, "grad"), has_aux)


def _grad(f: Any, places: Any, alone: bool, has_aux: bool, /, *args: Any, **kwargs: Any) -> Any:
    value, found = _value_and_grad(f, places, alone, has_aux, *args, **kwargs)
    return (found, value[1]) if has_aux else found


def elementwise_grad(f: Function, argnum: Argnums = 0, *, argnums: Argnums = None) -> Function:
    """Return the derivative of a function that acts on each element, at each element.

    Examples
    --------
    >>> import numpy as np
    >>> elementwise_grad(np.tanh)(np.array([0.0, 1.0])).round(4)
    array([1.  , 0.42])
    """
    checked(f, argnum, argnums, "elementwise_grad")
    return grad(Made(_summed, f), argnum, argnums=argnums)


def _summed(f: Any, /, *args: Any, **kwargs: Any) -> Any:
    return np.sum(f(*args, **kwargs))


def vjp(f: Function, *args: Any, has_aux: bool = False) -> Any:
    """Return the value of `f`, and the function that multiplies its Jacobian from the left.

    Parameters
    ----------
    f : callable
        Returns an array or a structure of arrays; with has_aux a pair, of this and other results.
    *args : arrays, or structures of arrays

    Returns
    -------
    value, pullback, and with has_aux the other results
        The pullback takes a cotangent of the value to a tuple with one for each argument, again and again.

    Examples
    --------
    >>> import numpy as np
    >>> value, pullback = vjp(lambda W, x: W @ x, np.eye(2), np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([[ 1.,  2.],
           [10., 20.]]), array([ 1., 10.]))
    """
    ran = run(f, args, tuple(range(len(args))), "vjp", has_aux=has_aux).differentiable()

    def pullback(cotangent: object) -> tuple[Any, ...]:
        cotangents = matching(cotangent, ran.outputs, ran.value, "vjp: the cotangent")
        nested = ran.is_nested(*cotangents)
        return ran.returned(ran.pull(cotangents, nested), nested)

    value, aux = plain((ran.value, ran.aux), ran.is_nested())
    return (value, pullback, aux) if has_aux else (value, pullback)
