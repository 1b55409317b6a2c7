"""Gradients of a recorded graph: the walk from one tensor to others."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import DetachedError, Foreign, Tensor, ancestors, between, current, is_foreign, no_grad, released
from ..core.backprop import backprop, start


def gradients(y: Tensor, xs: Sequence[Tensor], cotangent: object = None, *, create_graph: bool = False) -> list[Any]:
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
        If `y` has several elements and there is no cotangent, or one of another shape.
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
        cotangent = lifted(cotangent) if isinstance(cotangent, Tensor) else cotangent
    seed = start(y, cotangent, "gradients")
    if tracing is not None and not isinstance(seed, Tensor):
        seed = tracing.held(np.asarray(seed))
    wanted = {x.id for x in xs}
    leaves = {x.id for x in ancestors(y) if x.op is None}
    among = None if wanted == leaves else between(y, xs)
    found = {}
    if among is None or y.id in among:
        record, every = create_graph or tracing is not None, among is not None or tracing is not None
        for x, x_bar in backprop(y, seed, record=record, among=among, every=every):
            if tracing is not None:
                tracing.cotangent(x, x_bar)
            if x.id in wanted:
                found[x.id] = x_bar
    results = [found.get(x.id, 0.0) for x in xs]
    finish = _as_tensor if create_graph else as_array if tracing is None else _as_constant
    return [finish(x_bar, x) for x, x_bar in zip(xs, results)]


def as_array(x_bar: Any, x: Tensor) -> Any:
    x_bar = getattr(x_bar, "array", x_bar)
    if type(x_bar) is Foreign:
        return released(x_bar.astype(x.dtype))
    if type(x.array) is Foreign:  # on which nothing depends
        return released(np.zeros_like(x.array))
    return np.array(x_bar if getattr(x_bar, "shape", ()) == x.shape else np.broadcast_to(x_bar, x.shape), x.dtype)


def _as_tensor(x_bar: object, x: Tensor) -> Tensor:
    if not isinstance(x_bar, Tensor):
        return Tensor(as_array(x_bar, x), requires_grad=False)
    return x_bar if x_bar.dtype == x.dtype else x_bar.astype(x.dtype)


def _as_constant(x_bar: object, x: Tensor) -> Tensor:
    with no_grad():
        constant: Tensor = +_as_tensor(x_bar, x)
    return constant


def lifted(x: object) -> Tensor:
    """A new Tensor for an argument: a leaf, or a copy of an outer Tensor that is connected to it."""
    if current().tracing is not None and isinstance(x, Tensor):
        lifted: Tensor = +x if x.dtype.kind == "f" else x.astype(np.float64)
        lifted.__class__ = Tensor  # for gradients a leaf, though the program knows where its value comes from
        return lifted
    if type(x) is Tensor:
        return +x
    made = Tensor(x.array if isinstance(x, Tensor) else x)
    if isinstance(x, (int, np.integer)):
        made.is_whole = True
    return made


def like(x: Any, result: Any) -> Any:
    array = getattr(result, "array", result)
    if type(array) is Foreign or is_foreign(array):
        return released(array)
    return np.asarray(array) if isinstance(x, (np.ndarray, Tensor)) else array[()]
