"""The walk. It knows no operation: it pops the newest tensor, asks its rules, and sums where paths meet.

Every tensor is made after its inputs, so its serial number is larger than theirs, and taking the largest first is a
topological order. A heap gives that order without recursion and without a pass before the walk.
"""

from collections.abc import Callable, Container, Iterator
from heapq import heappop, heappush
from itertools import islice
from typing import Any

import numpy as np

from ._plan import LARGEST
from .arrays import Foreign, refuse_mixed
from .broadcast import fit
from .errors import DetachedError, ShapeError
from .node import NO_PARAMS, Kind, Node
from .operands import array_of, verify
from .zeros import Taken


def backprop(
    root: Kind, root_bar: object, *, record: bool = False, among: Container[int] | None = None, every: bool = True,
    rule: Callable[[Kind, int], Callable[..., Any] | None] | None = None, shown: bool = False, left: Any = None,
) -> Iterator[tuple[Kind, Any]]:  # fmt: skip
    """Yield each tensor that `root` depends on together with its cotangent, newest first; that of root is `root_bar`.

    With `record` the rules run on the Tensors instead of arrays: the backward pass is itself recorded, to be
    differentiated again, printed, drawn or compiled; `shown` if it is made to be read, so that strong zeros are written
    only where they make a difference. `among` are the serial numbers of the tensors to walk through (see `between`).
    Without `every` it yields only leaves, and tensors that were asked to retain their gradient. ``rule(node, i)`` is
    used in place of the declared vjp rule of input `i` of `node`: how a consumer bends the walk, to make a mistake on
    purpose for instance; None as its result stops the path. `left` is what a hasty walk has left to do, which yields
    None for a cotangent where it must stop; False forbids haste.

    For z = f(x, y) a rule is the vector-Jacobian product x_bar = z_bar . dz/dx, called as ``rule(z_bar, z, x, y)``.
    Reverse accumulation: Griewank and Walther, *Evaluating Derivatives*, chapter 3.
    """
    plain = not record and among is None and rule is None
    planned = plain and not every and root.op is not None and left is not False
    if planned and not left and (found := root.op.plans.run(root, root_bar)) is not None:
        yield from found
        return
    # Tensor: gradients stop at constants, which have a class of their own, and at arrays
    kind, written = type(root), root.written
    pending, newest, nodes = left or ({root.id: (root, root_bar)}, [-root.id], list[Any]())
    summed: set[int] = set()  # serial numbers whose cotangent was allocated here, so that += is safe
    may_hurry = plain and left is None and type(root_bar) is not Foreign
    given = 0
    taken, selected = None, 0  # from when on zeros are strong: see zeros.py
    while newest:
        node, bar = pending.pop(-heappop(newest))
        op = node.op
        if planned and len(nodes) <= LARGEST:
            nodes.append(node)
        if op is None and type(node) is written:
            node, op = node.before, node.before.op
        if op is None:
            given += 1
            yield node, bar
            continue
        strong = selected and rule is None and op.looked_at <= selected and not left
        if strong and may_hurry:
            pending[node.id] = node, bar
            heappush(newest, -node.id)
            yield from _hastily(root, root_bar, every, (pending, newest, nodes[:-1]), given)
            return
        if every or node.retains_grad:
            given += 1
            yield node, bar
        vjps, inputs, operands, params = op.vjps, node.inputs, node.operands, node.params
        observers, out, primals, pull = node.context.observers, node.value, operands, None
        if op.selects is not None:
            level = op.selects(operands)
            if level > selected:
                selected = level
        usual = plain and not strong and (params is NO_PARAMS or not params) and type(vjps) is tuple
        if not usual:
            if record:
                out, primals = node, node.recorded_inputs()
            if rule is None and (strong or type(vjps) is not tuple):  # the cotangents by position
                pull = op.pullback(bar, out, *primals, **params)
            if pull and strong:
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
                if left:
                    yield node, None
                    return
                may_hurry = False
                for observer in observers:
                    observer.backward(node, x, x_bar)
            if serial not in pending:
                pending[serial] = x, x_bar
                heappush(newest, -serial)
            elif serial in summed:
                total = pending[serial][1]
                total += x_bar
            else:
                total = pending[serial][1] + x_bar
                pending[serial] = x, total
                if type(total) is np.ndarray and not record:
                    summed.add(serial)
    if planned:
        root.op.plans.walked(root, root_bar, nodes)


_ONES: dict[type, Any] = {kind: kind(1) for kind in (np.float64, np.float32)}


def _hastily(root: Kind, root_bar: object, every: bool, left: Any, given: int) -> Iterator[tuple[Kind, Any]]:
    """Go on without strong zeros, and look only at what arrives; a walk that met an infinite derivative is done again.

    The rules are linear: what is finite has met none.
    """
    walk = backprop(root, root_bar, every=every, left=left)
    while True:
        with np.errstate(all="ignore"):
            node, bar = next(walk, (None, None))
        if node is None:
            return
        if bar is None or not np.isfinite(getattr(bar, "array", bar)).all():
            break
        given += 1
        yield node, bar
    carefully = backprop(root, root_bar, every=every, left=False)
    yield from islice(carefully, given, None)


def start(root: Node, root_bar: Any, caller: str) -> Any:
    """Check the cotangent that a walk starts with, and supply the 1 of a scalar."""
    verify(root)
    if not root.requires_grad:
        raise DetachedError(
            f"{caller}: {root.title} depends on nothing that requires a gradient; make the arrays to differentiate "
            "Tensors, and compute outside no_grad()"
        )
    if root_bar is None:
        value = root.array if root.value is None else root.value
        if (one := _ONES.get(type(value))) is not None:
            return one
        if value.size != 1:
            raise ShapeError(
                f"{caller}: a Tensor of shape {root.shape} has {root.size} elements; reduce it (np.sum, np.mean) to a "
                f"cost, or give a cotangent of shape {root.shape}"
            )
        return np.ones_like(value) if value.shape or type(value) is Foreign else value.dtype.type(1)
    if np.shape(root_bar) != root.shape:
        raise ShapeError(
            f"{caller}: the cotangent has shape {np.shape(root_bar)}; it must be {root.shape}, the Tensor's"
        )
    if type(root_bar) is type(root):
        return root_bar
    bar = array_of(root_bar)
    refuse_mixed(caller, (root.array, bar))
    return bar.astype(root.dtype) if type(bar) is Foreign else np.array(bar, root.dtype)[()]
