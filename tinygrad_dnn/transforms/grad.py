"""Functions of functions: gradients, products with Jacobians, higher derivatives.

All of them run the function on Tensors and walk back. Where the result can itself be differentiated (an argument or
something in the closure is a Tensor of an outer computation), the walk is recorded and the result is a Tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..core.backprop import backprop, start
from ..core.context import current, departures, no_grad, recording
from ..core.errors import DetachedError, ShapeError
from ..core.graph import ancestors, between
from ..core.pytree import flatten, inner, mapped, rebuilt
from ..core.tensor import Tensor

Argnum = int | tuple[int, ...]


def gradients(y: Tensor, xs: Sequence[Tensor], cotangent: Any = None, *, create_graph: bool = False) -> list[Any]:
    """Return the gradients of `y` with respect to each of `xs`, without touching any `.grad`.

    Parameters
    ----------
    y : Tensor
        A scalar, unless a cotangent is given.
    xs : sequence of Tensors
        Leaves or computed tensors, of any shapes.
    cotangent : array_like or Tensor, shape of y, optional
        What the Jacobian is multiplied with from the left.
    create_graph : bool
        True returns Tensors that can be differentiated again.

    Returns
    -------
    list of ndarrays (or Tensors), each of the shape and dtype of its x
        Zeros where y does not depend on x.

    Raises
    ------
    ShapeError
        If `y` is no scalar and there is no cotangent, or one of another shape.
    DetachedError
        If `y` or one of `xs` requires no gradient.

    Examples
    --------
    >>> a, x = Tensor(3.0), Tensor(2.0)
    >>> [dx] = gradients(a * x**3, [x], create_graph=True)
    >>> [float(g) for g in gradients(dx, [a, x])]
    [12.0, 36.0]
    """
    if isinstance(xs, Tensor) or not isinstance(y, Tensor):
        raise TypeError(f"gradients: y is {y!r:.60} and xs {xs!r:.60}; give a Tensor and a list of Tensors: [x]")
    for x in xs:
        if not isinstance(x, Tensor) or not x.requires_grad:
            raise DetachedError(
                f"gradients: {x!r} requires no gradient; name Tensors that y was computed from, made with "
                "requires_grad=True and outside no_grad()"
            )
    tracing = current().tracing
    if tracing is not None:
        y = tracing.before_backward(y, xs)
        cotangent = _lifted(cotangent) if isinstance(cotangent, Tensor) else cotangent
    seed = start(y, cotangent, "gradients")
    if tracing is not None and not isinstance(seed, Tensor):
        seed = tracing.held(np.asarray(seed))
    wanted = {x.id for x in xs}
    among = between(y, xs)
    found = {}
    if y.id in among:
        for x, x_bar in backprop(y, seed, record=create_graph or tracing is not None, among=among):
            if tracing is not None:
                tracing.cotangent(x, x_bar)
            if x.id in wanted:
                found[x.id] = x_bar
    results = [found.get(x.id, 0.0) for x in xs]
    finish = _as_tensor if create_graph else _as_array if tracing is None else _as_constant
    return [finish(x_bar, x) for x, x_bar in zip(xs, results)]


def _as_array(x_bar: Any, x: Tensor) -> np.ndarray:
    x_bar = getattr(x_bar, "array", x_bar)
    return np.array(np.broadcast_to(x_bar, x.shape), x.dtype)


def _as_tensor(x_bar: Any, x: Tensor) -> Tensor:
    if not isinstance(x_bar, Tensor):
        return Tensor(_as_array(x_bar, x), requires_grad=False)
    return x_bar if x_bar.dtype == x.dtype else x_bar.astype(x.dtype)


def _as_constant(x_bar: Any, x: Tensor) -> Tensor:
    with no_grad():
        constant: Tensor = +_as_tensor(x_bar, x)
    return constant


class _Trace:
    """A function run on Tensors: what it returned, and how the inputs to differentiate by went into it."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], argnums: tuple[int, ...], caller: str) -> None:
        self.caller, self.name = caller, getattr(f, "__name__", repr(f))
        for n in argnums:
            if not -len(args) <= n < len(args):
                raise TypeError(
                    f"{caller}: argnum {n}, but {self.name} was called with {len(args)} positional arguments"
                )
        if len({n % len(args) for n in argnums}) < len(argnums):
            raise TypeError(f"{caller}: argnum {argnums} names an argument of {self.name} twice; name each once")
        self.chosen = tuple(args[n] for n in argnums)
        self.leaves = flatten(self.chosen)
        lifted, before = list(args), departures.number
        with recording():
            self.inputs = [_lifted(x) for x in self.leaves]
            for n, arg in zip(argnums, rebuilt(self.chosen, self.inputs)):
                lifted[n] = arg
            self.value = f(*lifted)
        self.outputs = flatten(self.value)
        if departures.number > before and not any(type(y) is Tensor for y in self.outputs):
            raise DetachedError(
                f"{caller}: {self.name} returned {self.outputs!r:.60}, which is cut out of the graph: it used .item(), "
                ".detach(), .numpy() or .data of a traced Tensor, or no_grad(); compute with the Tensors themselves"
            )
        for y in self.outputs:
            if not isinstance(y, (Tensor, np.ndarray, np.generic, float, int)):
                raise TypeError(f"{caller}: {self.name} returned {y!r:.60}; it must return numbers, arrays or Tensors")

    def scalar(self) -> Any:
        """The only output, which must be a scalar."""
        if len(self.outputs) != 1 or np.shape(self.outputs[0]) != ():
            shapes = [np.shape(y) for y in self.outputs]
            raise ShapeError(
                f"{self.caller}: {self.name} returned {'values' if len(shapes) > 1 else 'an array'} of shape "
                f"{', '.join(map(str, shapes))}; the gradient is that of one scalar: reduce it (np.sum, np.mean), or "
                "use jacobian, vjp or elementwise_grad"
            )
        return self.outputs[0]

    def is_nested(self, *others: Any) -> bool:
        """Whether a result here may be differentiated again by somebody outside."""
        if current().tracing is not None:
            return True
        if not current().recording:
            return False
        if any(type(x) is Tensor for x in (*self.leaves, *others)):
            return True
        own = {x.id for x in self.inputs}
        outputs = (y for y in self.outputs if type(y) is Tensor)
        return any(x.op is None and x.id not in own and type(x) is Tensor for y in outputs for x in ancestors(y))

    def pull(self, cotangents: list[Any], record: bool) -> list[Any]:
        """The cotangents of the inputs, from those of the outputs."""
        pairs = [(y, y_bar) for y, y_bar in zip(self.outputs, cotangents) if type(y) is Tensor]
        if len(pairs) == 1:
            return gradients(*_swapped(pairs[0], self.inputs), create_graph=record)
        with recording():
            total: Any = inner(*map(list, zip(*pairs))) if pairs else 0.0
        return gradients(total, self.inputs, create_graph=record) if pairs else [_as_array(0.0, x) for x in self.inputs]

    def returned(self, results: list[Any], nested: bool) -> tuple[Any, ...]:
        """Results in the structure and the types of the chosen arguments."""
        plain = results if nested else [_like(x, r) for x, r in zip(self.leaves, results)]
        return rebuilt(self.chosen, plain)  # type: ignore[no-any-return]

    def plain_value(self, nested: bool) -> Any:
        return self.value if nested else mapped(lambda y: y.array if isinstance(y, Tensor) else y, self.value)


def _swapped(pair: tuple[Any, Any], inputs: list[Tensor]) -> tuple[Any, list[Tensor], Any]:
    return pair[0], inputs, pair[1]


def _lifted(x: Any) -> Tensor:
    """A new Tensor for an argument: a leaf, or a copy of an outer Tensor that is connected to it."""
    if current().tracing is not None and isinstance(x, Tensor):
        lifted: Tensor = +x if x.dtype.kind == "f" else x.astype(np.float64)
        lifted.__class__ = Tensor  # for gradients a leaf, though the program knows where its value comes from
        return lifted
    return +x if type(x) is Tensor else Tensor(x.array if isinstance(x, Tensor) else x)


def _like(x: Any, result: Any) -> Any:
    array = getattr(result, "array", result)
    return np.asarray(array) if isinstance(x, (np.ndarray, Tensor)) else array[()]


def value_and_grad(f: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value of `f` and its gradient, in one pass forward and one back.

    Parameters
    ----------
    f : callable
        Returns a scalar; written in NumPy functions and operators.
    argnum : int or tuple of int
        Which positional arguments to differentiate by. They may be numbers, arrays, or dicts, lists and tuples of them.

    Returns
    -------
    callable
        Takes the arguments of `f`; returns ``(value, gradient)``, the gradient in the structure, the shapes, the types
        and the dtypes of its argument (a tuple of gradients for a tuple of argnums).

    Raises
    ------
    ShapeError
        If `f` returns no scalar.
    DetachedError
        If what `f` returns has been cut out of the graph.

    Examples
    --------
    >>> import numpy as np
    >>> def cost(w, x, y):
    ...     return np.mean((np.dot(w, x) - y) ** 2)
    >>> value, dw = value_and_grad(cost)(np.array([1.0, 2.0]), np.eye(2), np.zeros(2))
    >>> float(value), dw
    (2.5, array([1., 2.]))
    """
    numbers = (argnum,) if isinstance(argnum, int) else tuple(argnum)

    @wraps(f)
    def with_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        trace = _Trace(lambda *a: f(*a, **kwargs), args, numbers, "grad")
        trace.scalar()
        nested = trace.is_nested()
        found = trace.returned(trace.pull([None], nested), nested)
        return trace.plain_value(nested), found[0] if isinstance(argnum, int) else found

    return with_gradient


def grad(f: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return the function that computes the gradient of `f`; see `value_and_grad`.

    Examples
    --------
    >>> import numpy as np
    >>> third = grad(grad(grad(lambda x: x**4)))
    >>> float(third(2.0))
    48.0
    >>> grad(lambda p: np.sum(p["w"] ** 2) + p["b"])({"w": np.array([1.0, 2.0]), "b": 5.0})
    {'w': array([2., 4.]), 'b': np.float64(1.0)}
    """
    both = value_and_grad(f, argnum)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def elementwise_grad(f: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return the derivative of a function that acts on each element, at each element.

    Examples
    --------
    >>> import numpy as np
    >>> elementwise_grad(np.tanh)(np.array([0.0, 1.0])).round(4)
    array([1.  , 0.42])
    """

    def summed(*args: Any, **kwargs: Any) -> Any:
        return np.sum(f(*args, **kwargs))

    return grad(summed, argnum)


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return the value of `f`, and the function that multiplies its Jacobian from the left.

    Parameters
    ----------
    f : callable
        Returns an array, or a structure of arrays.
    *args : arrays, or structures of arrays

    Returns
    -------
    value : ndarray or structure
    pullback : callable
        From a cotangent of the value to a tuple with a cotangent for each argument. May be called again and again.

    Examples
    --------
    >>> import numpy as np
    >>> value, pullback = vjp(lambda W, x: W @ x, np.eye(2), np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([[ 1.,  2.],
           [10., 20.]]), array([ 1., 10.]))
    """
    trace = _Trace(f, args, tuple(range(len(args))), "vjp")

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        cotangents = _matching(cotangent, trace.outputs, trace.value, "vjp: the cotangent")
        nested = trace.is_nested(*cotangents)
        return trace.returned(trace.pull(cotangents, nested), nested)

    return trace.plain_value(trace.is_nested()), pullback


def _matching(given: Any, leaves: list[Any], tree: Any, what: str) -> list[Any]:
    found = flatten(given)
    shapes, wanted = [np.shape(x) for x in found], [np.shape(x) for x in leaves]
    if shapes != wanted:
        raise ShapeError(f"{what} has shape {shapes}; it must have the shape of what it belongs to, {wanted}")
    return found


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return the value of `f`, and its Jacobian times `tangents`: the directional derivative.

    Parameters
    ----------
    f : callable
    args : tuple of arrays or structures
    tangents : tuple of the same form
        The direction.

    Returns
    -------
    value, tangent : ndarray or structure, both of the shape of the value

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
    args, tangents = tuple(args), tuple(tangents)
    trace = _Trace(f, args, tuple(range(len(args))), "jvp")
    x_dots = _matching(tangents, trace.leaves, args, "jvp: the tangent")
    nested = trace.is_nested(*x_dots)
    dummies = [Tensor(np.zeros(np.shape(y), getattr(y, "dtype", float))) for y in trace.outputs]
    with recording():
        product = inner(trace.pull(list(dummies), record=True), x_dots)
    if type(product) is Tensor:
        y_dots = gradients(product, dummies, create_graph=nested)
    else:
        y_dots = [_as_array(0.0, u) for u in dummies]
    value = trace.plain_value(nested)
    return value, rebuilt(value, y_dots if nested else [_like(y, d) for y, d in zip(trace.outputs, y_dots)])


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
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
    trace = _Trace(f, (x,), (0,), "hvp")
    trace.scalar()
    vs = _matching(v, trace.leaves, x, "hvp: v")
    nested = trace.is_nested(*vs)
    with recording():
        slope = inner(trace.pull([None], record=True), vs)
    if type(slope) is not Tensor:
        return trace.returned([_as_array(0.0, u) for u in trace.inputs], nested)[0]
    return trace.returned(gradients(slope, trace.inputs, create_graph=nested), nested)[0]


def jacobian(f: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return the function that computes the Jacobian of `f`.

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
    numbers = (argnum,) if isinstance(argnum, int) else tuple(argnum)

    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        trace = _Trace(lambda *a: f(*a, **kwargs), args, numbers, "jacobian")
        nested = trace.is_nested()
        blocks = []
        for i, y in enumerate(trace.outputs):
            rows = [trace.pull(basis, nested) for basis in _bases(trace.outputs, i)]
            shape = np.shape(y)
            columns = [
                np.reshape(np.stack([row[k] for row in rows]), shape + x.shape) if rows else np.zeros(shape + x.shape)
                for k, x in enumerate(trace.inputs)
            ]
            block = trace.returned(columns, True)
            blocks.append(block[0] if isinstance(argnum, int) else block)
        return rebuilt(trace.value, blocks)

    return matrix


def _bases(outputs: list[Any], i: int) -> Any:
    """For each element of output i the cotangents that are 1 there and 0 elsewhere."""
    zeros = [np.zeros(np.shape(y), getattr(y, "dtype", float)) for y in outputs]
    for index in np.ndindex(np.shape(outputs[i])):
        one = zeros[i].copy()
        one[index] = 1
        yield [*zeros[:i], one, *zeros[i + 1 :]]


def hessian(f: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Return the function that computes the Hessian of a scalar function: the Jacobian of its gradient.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0]))
    array([[6., 4.],
           [4., 0.]])
    """
    return jacobian(grad(f, argnum), argnum)
