"""The walk. It knows no operation: it pops the newest tensor, asks its rules, and sums where paths meet.

Every tensor is made after its inputs, so its serial number is larger than theirs, and taking the largest first is a
topological order. A heap gives that order without recursion and without a pass before the walk.
"""

from collections.abc import Callable, Container, Iterator
from functools import partial
from heapq import heappop, heappush
from itertools import islice
from typing import Any

import numpy as np

from ._plan import LARGEST
from .arrays import Foreign, refuse_mixed
from .broadcast import Placed, fit
from .errors import DetachedError, ShapeError
from .node import NO_PARAMS, Kind, Node
from .operands import array_of, verify
from .zeros import Taken, is_finite


def backprop(
    root: Kind, root_bar: object, *, record: bool = False, among: Container[int] | None = None, every: bool = True,
    rule: Callable[[Kind, int], Callable[..., Any] | None] | None = None, shown: bool = False, careful: bool = False,
) -> Iterator[tuple[Kind, Any]]:  # fmt: skip
    """Yield each tensor that `root` depends on once with its cotangent, summed over all its uses, newest first.

    Parameters
    ----------
    root, root_bar : Tensor, and ndarray or Tensor of its shape
        Where the walk starts, and the cotangent there.
    record : bool
        False runs the rules on arrays: gradients. True runs the same rules on the Tensors: the backward pass is itself
        recorded, to be differentiated again, printed (with `shown`, which writes strong zeros only where they make a
        difference), drawn or compiled.
    among : container of serial numbers, optional
        Walk only through these tensors (see `between`); by default through all that require a gradient.
    every : bool
        False yields only the leaves, and the tensors that were asked to retain their gradient.
    rule : callable, optional
        ``rule(node, i)`` takes the place of the vjp rule of input `i` of `node`; None as its result stops the path.
    careful : bool
        True looks at each result behind an op that selects (see `zeros`). Otherwise a walk over arrays looks at what
        it yields, as rules are linear: what is finite has met no infinite derivative, and else it walks again.

    Notes
    -----
    For z = f(x, y) a rule is the vector-Jacobian product x_bar = z_bar . dz/dx, called as ``rule(z_bar, z, x, y)``.
    Reverse accumulation: Griewank and Walther, *Evaluating Derivatives*, chapter 3.
    """
    plain = not record and among is None and rule is None
    planned = plain and not every and not careful and root.op is not None
    if planned and (found := root.op.plans.run(root, root_bar)) is not None:
        yield from found
        return
    # Tensor: gradients stop at constants, which have a class of their own, and at arrays
    kind, written = type(root), root.written
    pending: dict[int, tuple[Kind, Any]] = {root.id: (root, root_bar)}
    newest = [-root.id]
    summed: set[int] = set()  # serial numbers whose cotangent was allocated here, so that += is safe
    nodes: list[Kind] = []
    careful = careful or not plain or type(root_bar) is Foreign
    hurried, given = False, 0  # since strong zeros were left out; how many tensors were yielded
    taken, selected = None, 0  # from when on zeros are strong: see zeros.py
    while newest:
        node, bar = pending.pop(-heappop(newest))
        if type(bar) is Placed:
            bar = bar.dense()
        op = node.op
        if planned and len(nodes) <= LARGEST:
            nodes.append(node)
        if op is None and type(node) is written:
            node, op = node.before, node.before.op
        if every or op is None or node.retains_grad:
            if hurried and not np.isfinite(bar).all():
                break
            given += 1
            yield node, bar
            if op is None:
                continue
        vjps, inputs, operands, params = op.vjps, node.inputs, node.operands, node.params
        observers, out, primals, pull = node.context.observers, node.value, operands, None
        if observers:
            if hurried:
                break
            careful = True
        level = op.selects(node) if op.selects is not None else 0
        # an op that selects sends on what it gets, or 0: its results are finite if that is
        strong = rule is None and (not is_finite(bar) if level else selected and op.looked_at <= selected)
        if strong and not careful:
            if level:
                break
            hurried = True
        if level > selected:
            selected = level
        usual = plain and not strong and (params is NO_PARAMS or not params) and type(vjps) is tuple
        if not usual:
            if record:
                out, primals = node, node.recorded_inputs()
            if rule is None and (strong or type(vjps) is not tuple):  # the cotangents by position
                pullback = partial(_quietly, op.pullback) if hurried else op.pullback
                pull = pullback(bar, out, *primals, **params)
            if pull and hurried:
                pull = partial(_quietly, pull)
            elif pull and strong:
                taken = taken or Taken(root, record, not shown)
                pull = taken.pullback(node, pull, bar, out, *primals, **params)
        i = -1
        for x in inputs:
            i += 1
            if (type(x) is not kind and type(x) is not written) or (among is not None and x.id not in among):
                continue
            vjp = vjps[i] if rule is None else rule(node, i)
            if vjp is None:
                continue
            x_bar = vjp(bar, out, *operands) if usual else pull(i) if pull else vjp(bar, out, *primals, **params)
            value, serial = operands[i], x.id
            try:
                if x_bar.shape != value.shape:
                    x_bar = fit(x_bar, value, op)
            except AttributeError:
                x_bar = fit(x_bar, value, op)  # which says what is wrong with it
            if observers:
                for observer in observers:
                    observer.backward(node, x, x_bar)
            if serial not in pending:
                pending[serial] = x, x_bar
                heappush(newest, -serial)
            elif serial in summed:
                total = pending[serial][1]
                if type(x_bar) is Placed:
                    x_bar.added_to(total)
                else:
                    total += x_bar
            else:
                before = pending[serial][1]
                total = x_bar + before if type(x_bar) is Placed else before + x_bar
                pending[serial] = x, total
                if type(total) is np.ndarray and not record:
                    summed.add(serial)
    else:
        if planned:
            root.op.plans.walked(root, root_bar, nodes)
        return
    yield from islice(backprop(root, root_bar, every=every, careful=True), given, None)


_quietly = np.errstate(all="ignore")(lambda f, *args, **params: f(*args, **params))  # made once: that is slow
_ONES: dict[type, Any] = {kind: kind(1) for kind in (np.float64, np.float32)}


def start(root: Node, root_bar: Any, caller: str) -> Any:
    """Check the cotangent that a walk starts with, and supply the 1 of a scalar."""
    verify(root)
    if not root.requires_grad:
        remedy = "make the arrays to differentiate Tensors, and compute outside no_grad()"
        raise DetachedError(f"{caller}: {root.title} depends on nothing that requires a gradient; {remedy}")
    if root_bar is None:
        value = root.array if root.value is None else root.value
        if (one := _ONES.get(type(value))) is not None:
            return one
        if value.size != 1:
            remedy = f"reduce it (np.sum, np.mean) to a cost, or give a cotangent of shape {root.shape}"
            raise ShapeError(f"{caller}: a Tensor of shape {root.shape} has {root.size} elements; {remedy}")
        return np.ones_like(value) if value.shape or type(value) is Foreign else value.dtype.type(1)
    if np.shape(root_bar) != root.shape:
        remedy = f"it must be {root.shape}, the Tensor's"
        raise ShapeError(f"{caller}: the cotangent has shape {np.shape(root_bar)}; {remedy}")
    if type(root_bar) is type(root):
        return root_bar
    bar = array_of(root_bar)
    refuse_mixed(caller, (root.array, bar))
    return bar.astype(root.dtype) if type(bar) is Foreign else np.array(bar, root.dtype)[()]
