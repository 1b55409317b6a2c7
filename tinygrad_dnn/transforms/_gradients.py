"""Gradients of a recorded graph: the walk from one tensor to others."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import DetachedError, Foreign, Tensor, adopted, beside, between, current, no_grad, released, sources
from ..core._grads import own
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
    ShapeError, DetachedError
        If `y` has several elements and no cotangent, or one of another shape; if `y` or an x requires no gradient.

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
            remedy = "name Tensors that y was computed from, made with requires_grad=True and outside no_grad()"
            raise DetachedError(f"gradients: {x!r} requires no gradient; {remedy}")
        if x.settled is not x:
            raise DetachedError(f"gradients: {x.title} has a gradient for each state; differentiate by a copy, t.copy()")
    return walked(y.settled, xs, cotangent, create_graph)


def walked(y: Tensor, xs: Sequence[Tensor], cotangent: Any, record: bool, leaves: set[int] | None = None) -> list[Any]:
    """Do what `gradients` does, unchecked; `leaves` are the serial numbers of the leaves of y, where known."""
    tracing = current().tracing
    if tracing is not None:
        y = tracing.before_backward(y, xs)
        cotangent = lifted(cotangent) if isinstance(cotangent, Tensor) else cotangent
    seed = start(y, cotangent, "gradients")
    if tracing is not None and not isinstance(seed, Tensor):
        seed = tracing.held(np.asarray(seed))
    wanted = {x.id for x in xs}
    if leaves is None or tracing is not None:
        leaves = {x.id for x in sources(y)}
    among = None if wanted == leaves else between(y, xs)
    found = {}
    if among is None or y.id in among:
        every = among is not None or tracing is not None
        for x, x_bar in backprop(y, seed, record=record or tracing is not None, among=among, every=every):
            if tracing is not None:
                tracing.cotangent(x, x_bar)
            if x.id in wanted:
                found[x.id] = x_bar
    results = [found.get(x.id, 0.0) for x in xs]
    given: set[int] = set()
    finish = as_array if not record and tracing is None else _as_tensor
    finished = [finish(x_bar, x, given) for x, x_bar in zip(xs, results)]
    if record or tracing is None:
        return finished
    with no_grad():
        return [+x_bar for x_bar in finished]


def as_array(x_bar: Any, x: Tensor, given: set[int]) -> Any:
    value, x_bar = x.array, getattr(x_bar, "array", x_bar)
    if type(value) is Foreign and type(x_bar := adopted(x_bar)) is not Foreign:
        # a number where nothing depends on x; sparse and dense arrays together are dense, and a rule may return any
        x_bar = beside(x_bar, value) if isinstance(x_bar, np.ndarray) else np.zeros_like(value)
    if getattr(x_bar, "shape", None) != value.shape:
        x_bar = np.broadcast_to(x_bar, value.shape)
    return own(x_bar, value, given)


def _as_tensor(x_bar: object, x: Tensor, given: set[int]) -> Tensor:
    if not isinstance(x_bar, Tensor):
        return Tensor(as_array(x_bar, x, given), requires_grad=False)
    return x_bar if x_bar.dtype == x.dtype else x_bar.astype(x.dtype)


def lifted(x: object) -> Tensor:
    """A new Tensor for an argument: a leaf, or a copy of an outer Tensor that is connected to it."""
    if type(x) is float or type(x) is np.float64:
        return Tensor(np.asarray(x))  # which takes a tenth of what the checks of other data do
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
    array: Any = result.array if isinstance(result, Tensor) else result
    if isinstance(array, (np.ndarray, np.generic)):
        return np.asarray(array) if isinstance(x, (np.ndarray, Tensor)) else array[()]  # type: ignore[index]
    return released(array)
