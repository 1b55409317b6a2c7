"""`trace`: the record of a NumPy program, with the names and lines of its source."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from ..core import Tensor, TracingError, everything, flatten, observe, paths, rebuilt, refuse_conversion
from ..jit.names import name_variables
from ..support.difference import LENIENT
from ..transforms import gradients
from ..transforms.differences import directional
from ..transforms.observe import Lines, calling_frame
from .lift import LIFTED, Lift


class Places(Lines):
    """Notes line and place of each op, and while `parts` is a list, what each use contributes to a cotangent.

    The place: code and offset in it, and the calls that led there, (code, line).
    """

    parts: list[tuple[Tensor, Tensor, Any]] | None = None

    def forward(self, out: Any, values: Any) -> None:
        """Note where the program has applied the op."""
        super().forward(out, values)
        frame = caller = calling_frame()
        path: list[tuple[CodeType, int]] = []
        while caller.f_back and caller.f_globals.get(LIFTED) and len(path) < 8:
            path.append((caller.f_code, caller.f_lineno))
            caller = caller.f_back
        if path:  # else it is our own reading of a result
            vars(out)["place"] = (frame.f_code, frame.f_lasti), tuple(reversed(path))

    def backward(self, out: Any, x: Any, x_bar: Any) -> None:
        """Note what a use of `x` contributes to its cotangent."""
        if self.parts is not None:
            self.parts.append((out, x, np.array(x_bar)))


def path_of(x: object) -> tuple[tuple[CodeType, int], ...]:
    """Return the calls, (code, line), that led to a step; nothing for what the program has not made."""
    return vars(x)["place"][1] if isinstance(x, Tensor) and "place" in vars(x) else ()


def site_of(x: Tensor) -> object:
    """Return the place of the program that made a step; a call may be several ops, as that which reads an array."""
    return (vars(x)["place"][0], x.op) if "place" in vars(x) else x.id


def trace(f: Callable[..., Any], *args: Any) -> Any:
    """Run a NumPy program on Tensors and return what it returns, with its record.

    Parameters
    ----------
    f : callable
        Written in NumPy. It is not changed, nor is what it uses: helpers, classes and modules of the program are
        copied.
    *args
        Arrays of floating point numbers, alone or in dicts, lists and tuples, become Tensors named after the
        arguments, to differentiate by; anything else is passed on.

    Returns
    -------
    Tensor, or a structure of them
        For `derive`, `draw`, `explore` and `gradients`. Results are named after the variables of the program.

    Raises
    ------
    TracingError
        If the derivative along a random direction is not that of the program as it is.

    Examples
    --------
    >>> from tinygrad_dnn import derive
    >>> def cost(W, X, Y):
    ...     A = np.tanh(X.dot(W))
    ...     return np.mean((A - Y) ** 2)
    >>> J = trace(cost, np.ones((3, 1)), np.ones((2, 3)), np.zeros((2, 1)))
    >>> derive(J).leaves["W"].shape
    (3, 1)
    """
    known = arguments_of(f)
    names = [*known[: len(args)], *(f"x{i}" for i in range(len(known), len(args)))]
    for x in flatten(list(args)):
        refuse_conversion(x)
    given = [pair for x, name in zip(args, names) for pair in named(x, None if isinstance(x, Mapping) else name)]
    leaves = [Tensor(x, name=name) if is_floating(x) else x for name, x in given]
    lift = Lift()
    with observe(Places()):
        returned = lift(f)(*(lift(x) for x in rebuilt(args, leaves)))
    outputs = [y for y in flatten(returned) if isinstance(y, Tensor)]
    name_variables([x for x in everything(*outputs) if x.op is not None])
    _check(f, args, [x for x in leaves if isinstance(x, Tensor)], returned)
    return returned


def arguments_of(f: Callable[..., Any]) -> list[str]:
    """Return the names of the positional arguments, as far as they can be known."""
    try:
        return _arguments(f)
    except (TypeError, ValueError):  # no function, one without a hash, or one of C
        return []


@lru_cache(maxsize=64)
def _arguments(f: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(f).parameters.values()
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def is_floating(x: object) -> bool:
    """Return True for a floating point number, an array of them, or a Tensor."""
    return isinstance(x, (np.ndarray, float, Tensor)) and np.asarray(getattr(x, "array", x)).dtype.kind == "f"


def named(tree: object, name: str | None = None) -> Iterator[tuple[str, Any]]:
    """Yield the arrays in a structure, each with its name: the key in a dict, else the path."""
    parts = tree.items() if name is None and isinstance(tree, Mapping) else [(name, tree)]
    yield from (pair for key, part in parts for pair in zip(paths(part, str(key)), flatten(part)))


def _check(f: Callable[..., Any], args: tuple[Any, ...], tensors: list[Tensor], returned: object) -> None:
    """Compare the derivative of all outputs along a random direction with that of the program itself."""
    rng = np.random.default_rng(0)
    outputs = {k: y for k, y in enumerate(flatten(returned)) if isinstance(y, Tensor) and y.requires_grad}
    weights = {k: rng.normal(size=y.shape) for k, y in outputs.items()}
    steps = [rng.normal(size=x.shape) for x in tensors]

    def moved(h: float) -> float:
        following = (x.array + h * step for x, step in zip(tensors, steps))
        leaves = [next(following)[()] if is_floating(x) else x for x in flatten(args)]
        plain = flatten(f(*rebuilt(args, leaves)))
        return float(sum(np.sum(w * np.asarray(plain[k])) for k, w in weights.items()))

    slopes = [gradients(y, tensors, weights[k]) for k, y in outputs.items()]
    known = float(sum(np.sum(x_bar * step) for x_bars in slopes for x_bar, step in zip(x_bars, steps)))
    found = directional(moved)
    if not abs(found - known) <= 10 * LENIENT * (1 + abs(found)):
        raise TracingError(
            f"trace: along a random direction the program changes by {found:.6g}, and its record by {known:.6g}: "
            "something in it leaves the record (np.matrix, .tolist(), a compiled helper) or stands at a kink"
        )
