"""Strong zeros: what a where, a clip or a maximum has not taken contributes exactly 0, whatever its derivative.

At 0 ``np.where(x > 0, np.sqrt(x), 0)`` sends a cotangent of 0 into the square root, whose derivative is infinite there,
and 0 times infinity is NaN. Which entries count follows from the values of the forward pass alone. So the walk goes
its usual way, and only behind an op that selects, at a result that is not finite, does it ask `Taken` what counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any

import numpy as np

from .arrays import Foreign
from .broadcast import broadcast_axes, dense
from .context import current
from .graph import ancestors
from .node import Node

Mask = Any  # which entries count: True for all, or booleans that broadcast against the entries
AFTER_ANY, AFTER_A_CHOICE, NEVER = 1, 2, 3
"""When the results of an op's rules are checked for NaN: after any op that selects, or after one other than relu."""
_NESTED = 20  # how many ops deep the zeros of a factor are looked for


@dataclass(frozen=True)
class Selection:
    """The part of its inputs that an op takes, as masks; ``zeros(x)`` gives where an input is 0 whatever its values."""

    # for each input (zeros, out, *inputs, **params) to the mask of what is taken of it; None where all is
    takes: Sequence[Callable[..., Mask] | None]
    # from the node to AFTER_ANY or AFTER_A_CHOICE, or 0 where this use selects nothing; None for an op that never does,
    # but passes zeros on
    level: Callable[[Node], int] | None = lambda node: AFTER_A_CHOICE
    # (zeros, *inputs) to the mask of the entries of the result that are 0 whatever its inputs are, masks excepted
    zeros: Callable[..., Mask] | None = None
    is_product: bool = False  # the entries are sums of products of entries of the inputs
    is_step: bool = False  # 0 and 1 but for its last input, and flat: a mask of floats
    passes_on: bool = False  # the rules return the cotangent itself, or minus it: there is nothing to look at


def is_mask(x: object) -> bool:
    """Tell whether an operand is made of truth values."""
    return getattr(getattr(x, "dtype", None), "kind", "") == "b"


def is_made_of_masks(x: Any, depth: int = 0) -> bool:
    """Tell whether an operand is a constant that was computed from truth values: a mask, or ``1.0 - (z > 0)``."""
    if not isinstance(x, Node):
        return is_mask(x)
    if x.requires_grad or depth > _NESTED:
        return False
    return is_mask(x) or (x.op is not None and any(is_made_of_masks(y, depth + 1) for y in x.inputs))


def masks_among(node: Node, deeper: int = 2) -> int:
    """Return the level of a product (see `Selection`): it selects if a factor is a mask, a step, or has one."""
    for x in node.inputs:
        if is_made_of_masks(x):
            return AFTER_A_CHOICE
        op = isinstance(x, Node) and x.op
        if op and (op.is_step or (deeper and op.selects is masks_among and masks_among(x, deeper - 1))):
            return AFTER_A_CHOICE
    return 0


SUM_OF_PRODUCTS = Selection((), masks_among, is_product=True)
"""Of matrix products and their like: what does not count is left out of the sums."""
PASSED_ON = Selection((), None, passes_on=True)  # of sums and signs


class Taken:
    """Masks of what counts of every tensor that a root was made of, found when first asked for."""

    def __init__(self, root: Node, is_recorded: bool, always: bool) -> None:
        # recorded masks are Tensors; always: zeros stand wherever an entry may not count, whatever the values are here,
        # for a record that will be differentiated, or run on other values
        self._root, self._is_recorded = root, is_recorded
        self._always = is_recorded and (always or current().tracing is not None)
        self._found: dict[tuple[int, int], Mask] = {}
        self._counts: dict[int, Mask] = {}

    def pullback(self, node: Node, pull: Callable[[int], Any], bar: object, *args: Any, **params: Any) -> Any:
        """Return the cotangents of the inputs of a node, `pull` of their positions, with strong zeros."""
        unseen = current().tracing is not None or type(node.value) is Foreign
        blindly = unseen and bool(node.op.selects and node.op.selects(node))

        def strong(i: int) -> Any:
            with np.errstate(all="ignore"):
                x_bar = pull(i)
                if x_bar is bar or not (blindly or self._always or _is_broken(dense(x_bar), node.op.selects is None)):
                    return x_bar
                x_bar = dense(x_bar)
                if blindly:
                    # what counts has come through the other ops that select: this one leaves out what it does not take
                    mask, counts = self._through(node, True)(i), True
                else:
                    mask, counts = self._counting(node, i)
                if node.op.is_product and np.ndim(counts) and _is_broken(x_bar):
                    mask, x_bar = True, _sum_of_products(node.op.vjps[i], counts, x_bar, bar, *args, **params)
            if mask is True:
                return x_bar
            zeroed: Any = np.where(mask, x_bar, 0.0)
            return zeroed[()] if type(zeroed) is np.ndarray else zeroed

        return strong

    def _counting(self, node: Node, i: int) -> tuple[Mask, Mask]:
        """Return what counts of an input in this use of it, and of the node itself."""
        if not self._found:
            self._counts[self._root.id] = True
            self._walk()
        return self._found.get((node.id, i), True), self._counts.get(node.id, True)

    def _walk(self) -> None:
        """Go from the root to the leaves: a tensor counts where any of its uses does."""
        found, counts = self._found, self._counts
        kinds = type(self._root), self._root.written
        for node in reversed(ancestors(self._root)):
            if not node.inputs or node.id not in counts:
                continue
            through = self._through(node, counts[node.id])
            for i, x in enumerate(node.inputs):
                if type(x) in kinds and node.op.vjps[i] is not None:
                    found[node.id, i] = taken = through(i)
                    taken = _fitted(taken, x.shape)
                    counts[x.id] = either(counts[x.id], taken) if x.id in counts else taken

    def _through(self, node: Node, mask: Mask) -> Callable[[int], Mask]:
        """Return what counts of each input of a node, by its position."""
        takes = node.op.selection.takes if node.op.selection else ()
        inputs, zeros = self._shown(node) if takes else ((), None)
        out = node if self._is_recorded else node.value
        places = node.recorded_inputs() if self._is_recorded else node.operands
        moved = (lambda i: mask) if node.op.elementwise else _moved(node, mask, places)
        return lambda i: both(takes[i](zeros, out, *inputs, **node.params) if takes and takes[i] else True, moved(i))

    def _shown(self, node: Node, depth: int = 0) -> tuple[Sequence[Any], Callable[[Any], Mask]]:
        """The inputs of a node as a selection sees them, and the zeros of each."""
        inputs = node.recorded_inputs() if self._is_recorded else node.operands
        known = dict(zip(map(id, inputs), node.inputs))
        return inputs, lambda x: self._zeros(known[id(x)], depth)

    def _zeros(self, x: Any, depth: int) -> Mask:
        """Return the entries that are 0 whatever the values are: of a mask, and of what was multiplied with one."""
        if is_made_of_masks(x):
            return np.equal(x if self._is_recorded or not isinstance(x, Node) else x.array, 0)
        if not isinstance(x, Node):
            return np.ndim(x) == 0 and bool(x == 0)
        selection = x.op and x.op.selection
        if not selection or selection.zeros is None or depth > _NESTED:
            return False
        inputs, zeros = self._shown(x, depth + 1)
        return selection.zeros(zeros, *inputs)


def _is_broken(x_bar: Any, unseen: bool = True) -> bool:
    """Return True if an entry is not finite; `unseen` is the answer if they cannot be read."""
    value = x_bar.array if isinstance(x_bar, Node) else x_bar
    return unseen if type(value) is Foreign else not np.isfinite(value).all()


def is_finite(bar: Any) -> bool:
    """Return True if all entries are finite; of a trace if they must be, and False if they cannot be read."""
    if type(bar) is not np.ndarray:
        if isinstance(bar, Node):
            tracing = current().tracing
            if tracing is not None:
                return tracing.is_finite(bar)
            bar = bar.array
        if not isinstance(bar, (np.ndarray, np.generic)):  # of another library, or of a history (see `inplace`)
            return type(bar) is not Foreign
    entries = bar.ravel("K")
    return isfinite(entries.dot(entries)) or not _is_broken(entries)  # a dot product is fastest, but may overflow


class _Shape:
    """Stands for an array of which a rule may ask everything but the entries."""

    __array_ufunc__ = None

    def __init__(self, x: Any) -> None:
        self.shape, self.ndim, self.dtype, self.size = np.shape(x), np.ndim(x), np.result_type(x), np.size(x)

    def __array_function__(self, function: object, types: object, args: object, kwargs: object) -> Any:
        if function not in (np.shape, np.ndim, np.size):
            raise TypeError("asks for the entries")
        return getattr(self, function.__name__)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise TypeError("asks for the entries")


def _moved(node: Node, mask: Mask, inputs: Sequence[Any]) -> Callable[[int], Mask]:
    """Follow a mask through an op whose rule only moves and adds entries; behind any other op all may count."""
    if node.op.is_product and (np.ndim(mask) or node.op.selects(node)):
        are_masks = map(is_made_of_masks, node.inputs)
        ones = [
            1.0 * np.not_equal(x, 0) if is_one else np.ones_like(v, float) for x, v, is_one in zip(inputs, node.operands, are_masks)
        ]
        product = node.op.pullback(1.0 * np.broadcast_to(mask, np.shape(node.value)), None, *ones, **node.params)
        return lambda i: np.not_equal(product(i), 0.0)
    if not np.ndim(mask):
        return lambda i: mask
    is_number = [np.result_type(x).kind == "f" and np.ndim(x) for x in node.operands]
    shapes = [_Shape(x) if number else i for x, i, number in zip(node.operands, inputs, is_number)]
    counting = 1.0 * np.broadcast_to(mask, np.shape(node.value))

    @cache
    def pull() -> Callable[[int], Any]:
        return node.op.pullback(counting, _Shape(node.value), *shapes, **node.params)  # type: ignore[no-any-return]

    def moved(i: int) -> Mask:
        try:
            return np.not_equal(dense(pull()(i)), 0.0)
        except (TypeError, AttributeError, ValueError):
            axis = node.params.get("axis")
        if "keepdims" in node.op.parameters and np.shape(node.value) == np.shape(mask):
            return mask if axis is None or node.params.get("keepdims") else np.expand_dims(mask, axis)
        return np.any(mask)

    return moved


def both(a: Mask, b: Mask) -> Mask:
    """Return where two masks hold."""
    return b if a is True else a if b is True or a is False else False if b is False else np.logical_and(a, b)


def either(a: Mask, b: Mask) -> Mask:
    """Return where one of two masks holds."""
    return a if a is True or b is False else b if b is True or a is False else np.logical_or(a, b)


def opposite(a: Mask) -> Mask:
    """Return where a mask does not hold."""
    return not a if isinstance(a, bool) else np.logical_not(a)


def _sum_of_products(rule: Any, counts: Mask, plain: Any, bar: Any, out: Any, *xs: Any, **params: Any) -> Any:
    """Leave out the products of a zero that does not count with what is not finite."""
    finite = [np.where(np.isfinite(x), x, 0.0) for x in xs]
    counting, ones = 1.0 * counts, [np.ones_like(x, float) for x in xs]
    met: Any = 0.0
    for j, x in enumerate(xs):
        broken = 1.0 * np.logical_not(np.isfinite(x))
        met = met + rule(counting, out, *ones[:j], broken, *ones[j + 1 :], **params) * np.any(broken)
    return np.where(met != 0, plain, rule(bar, out, *finite, **params))


def _fitted(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """Return the mask of an input that was broadcast: what counts in any of its repetitions."""
    if not np.ndim(mask) or np.shape(mask) == shape:
        return mask
    whole = np.broadcast_shapes(np.shape(mask), shape)
    axes = broadcast_axes(whole, shape) or ()
    mask = np.broadcast_to(mask, whole)
    return np.reshape(np.any(mask, axis=axes, keepdims=True), shape) if axes or whole != shape else mask
