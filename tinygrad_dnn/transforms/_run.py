"""A function run on Tensors: the first step of every transform."""

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, reduce, update_wrapper
from numbers import Number
from types import MethodType
from typing import Any, TypeAlias

import numpy as np

from ..core import Constant, Node, Tensor, current, departures, ids, is_foreign, recording, released
from ..core.backprop import backprop
from ..core.errors import DetachedError, DtypeError, ShapeError
from ..core.graph import between, is_decided_by, sources
from ..core.pytree import flatten, inner, mapped, paths
from ._gradients import lifted, like, walked

Function: TypeAlias = Callable[..., Any]
Argnum: TypeAlias = int | str
Argnums: TypeAlias = Argnum | tuple[Argnum, ...] | list[Argnum] | None


class Made(partial[Any]):
    """A function that a transform has made of another: its body, the function, and options of the transform."""

    def __new__(cls, body: Callable[..., Any], f: Callable[..., Any], *options: object) -> "Made":
        return update_wrapper(super().__new__(cls, body, f, *options), f)  # type: ignore[return-value]

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> Any:
        return name_in_module(self, self.args[0]) or (Made, (self.func, *self.args))


def name_in_module(made: Any, f: Any) -> str | None:
    """Return the name by which `pickle` finds what decorates a function `f` of a module; None for another function."""
    name = getattr(made, "__qualname__", "")
    if reduce(lambda x, part: getattr(x, part, None), name.split("."), sys.modules.get(made.__module__)) is not made:
        return None
    if made.__module__ == "__main__":  # of which other processes have nothing: f is sent, under its new name
        f.__qualname__ = f"{name}.__wrapped__"
        return None
    return name


def varies(x: object) -> bool:
    """Return True for a number or an array; text, flags, masks and other objects have no derivative."""
    if type(x) is float or type(x) is np.float64:
        return True
    if isinstance(x, (np.ndarray, np.generic, Tensor)):
        return x.dtype.kind not in "bUS"
    return (isinstance(x, Number) and not isinstance(x, bool)) or hasattr(type(x), "__array__") or is_foreign(x)


@dataclass(slots=True)
class Run:
    """The result of a function called with Tensors, and the arguments to differentiate by."""

    caller: str  # the transform, and the function, for messages
    name: str
    chosen: tuple[Any, ...]  # the arguments to differentiate by
    leaves: list[Any]  # the numbers and arrays in them
    inputs: list[Tensor]  # one for each
    value: Any
    outputs: list[Any]  # its leaves
    start: int  # a serial number older than the inputs
    aux: Any = None  # what the function returned besides
    sources: set[int] | None = None  # serial numbers of the Tensors that the outputs come from, once asked for

    def scalar(self) -> Any:
        """Return the only output, which must have one element and come from the inputs not by integers alone."""
        if len(self.outputs) != 1 or getattr(self.outputs[0], "size", 1) != 1:
            shapes = [np.shape(y) for y in self.outputs]
            raise ShapeError(
                f"{self.caller}: {self.name} returned {'values' if len(shapes) > 1 else 'an array'} of shape "
                f"{', '.join(map(str, shapes))}; the gradient is that of one scalar: reduce it (np.sum, np.mean), "
                "return other results besides it with has_aux=True, or use jacobian, vjp or elementwise_grad"
            )
        return self.differentiable().outputs[0]

    def differentiable(self) -> "Run":
        """Return itself; raise if all that comes from the inputs does so by comparisons, counts or indices."""
        if Tensor in map(type, self.outputs):
            return self
        inputs = {x.id for x in self.inputs}
        for y in self.outputs:
            is_made = isinstance(y, Tensor) and y.op and is_decided_by(y, lambda x: x.id in inputs)
            if is_made or isinstance(y, (bool, np.bool_)):
                raise DetachedError(
                    f"{self.caller}: {self.name} returned a number made from comparisons, counts or indices alone "
                    f"({y.op.name if is_made else y}), whose derivative is 0 or undefined everywhere; differentiate a "
                    "cost instead (a cross-entropy in place of an accuracy)"
                )
        return self

    def is_nested(self, *others: Any) -> bool:
        """Return True if an outer computation may differentiate a result again."""
        if current().tracing is not None:
            return True
        if not current().recording:
            return False
        if Tensor in map(type, (*self.leaves, *others)):
            return True
        if self.sources is None:
            self.sources = {x.id for x in sources(*[y for y in self.outputs if type(y) is Tensor])}
        # A leaf older than this run belongs to an outer computation; younger ones were made by transforms inside it.
        return bool(self.sources) and min(self.sources) < self.start

    def pull_linear(self, cotangents: list[Any]) -> list[Any]:
        """The cotangents of the inputs as Tensors made of those of the outputs, but not of the inputs."""
        if len(self.outputs) != 1 or current().tracing is not None or type(self.outputs[0]) is not Tensor:
            return self.pull(cotangents, record=True)
        self.is_nested()
        alone = self.sources == {x.id for x in self.inputs}
        among = None if alone else between(self.outputs[0], self.inputs)
        found = {x.id: x_bar for x, x_bar in backprop(self.outputs[0], *cotangents, among=among, every=not alone)}
        return [found.get(x.id, 0.0) for x in self.inputs]

    def pull(self, cotangents: list[Any], record: bool) -> list[Any]:
        """The cotangents of the inputs, from those of the outputs."""
        pairs = [(y, y_bar) for y, y_bar in zip(self.outputs, cotangents) if type(y) is Tensor]
        if not pairs:
            return [released(np.zeros_like(x.array)) for x in self.inputs]
        if len(pairs) == 1:
            return walked(pairs[0][0], self.inputs, pairs[0][1], record, self.sources)
        with recording():
            y = inner(*map(list, zip(*pairs)))
        return walked(y, self.inputs, None, record)

    def returned(self, results: list[Any], nested: bool) -> tuple[Any, ...]:
        """Results in the structure and the types of the chosen arguments; None for what has no derivative."""
        for x_bar in results if nested else ():
            if type(x_bar) is Constant:
                x_bar.is_derivative = True
        following = iter(results if nested else map(like, self.leaves, results))
        return tuple([mapped(lambda x: next(following) if varies(x) else None, x) for x in self.chosen])


def plain(tree: object, nested: bool) -> Any:
    """Return what a function returned, in arrays where no outer computation needs the Tensors."""
    return tree if nested else mapped(lambda y: released(y.array) if isinstance(y, Tensor) else y, tree)


def checked(f: object, argnum: Argnums, argnums: Argnums, caller: str) -> tuple[tuple[Argnum, ...], bool]:
    """Return the arguments to differentiate by as a tuple, and True if one stands alone; raise for what names none."""
    name = name_of(f, caller)
    if argnums is not None and argnum != 0:
        raise TypeError(f"{caller}: argnum={argnum!r} and argnums={argnums!r} are two names for one thing; give one")
    given = argnum if argnums is None else argnums
    alone = not isinstance(given, (tuple, list))
    places = (given,) if alone else tuple(given)  # type: ignore[arg-type]
    for n in places:
        if isinstance(n, bool) or not isinstance(n, (int, np.integer, str)):
            raise TypeError(f"{caller}: argnum {n!r} is of type {type(n).__name__}; give an argument's place or name")
        if isinstance(n, str):
            names, is_open = _parameters(f)
            if n not in names and not is_open:
                raise TypeError(f"{caller}: argnum {n!r}: {name} has no such parameter; it has {', '.join(names)}")
    return places, alone  # type: ignore[return-value]


def name_of(f: object, caller: str) -> str:
    """Return the name of a function; raise a TypeError for what is none."""
    if not callable(f):
        raise TypeError(f"{caller}: got {f!r:.60}, of type {type(f).__name__}; give the function, not its result")
    return getattr(f, "__name__", "") or repr(f)


def several(args: object, what: str) -> tuple[Any, ...]:
    """Return the arguments of a function as a tuple; raise a TypeError for what is neither a tuple nor a list."""
    if isinstance(args, (tuple, list)):
        return tuple(args)
    raise TypeError(f"{what}: {args!r:.60} is of type {type(args).__name__}; give a tuple of the arguments")


def _parameters(f: Any) -> tuple[list[str], bool]:
    """Return the names of the parameters of a function, and True if it takes any other keyword."""
    try:
        found = inspect.signature(f).parameters
    except (ValueError, TypeError):
        return [], True
    return list(found), any(p.kind is p.VAR_KEYWORD for p in found.values())


def _place(n: Argnum, f: object, args: tuple[Any, ...], kwargs: Mapping[str, Any], caller: str) -> Argnum:
    """Return where an argument stands in a call: its position, or its keyword."""
    if not isinstance(n, str) and -len(args) <= n < len(args):
        return n % len(args)
    names = _parameters(f)[0]
    name = n if isinstance(n, str) else names[n] if -len(names) <= n < len(names) else ""
    if name in kwargs or name in names[: len(args)]:
        return name if name in kwargs else names.index(name)
    raise TypeError(
        f"{caller}: argnum {n!r}, but {name_of(f, caller)} was called with {len(args)} positional arguments"
        + (f" and {', '.join(kwargs)}" if kwargs else "")
    )


def run(
    f: Function, args: tuple[Any, ...], argnums: tuple[Argnum, ...], caller: str,
    kwargs: Mapping[str, Any] | None = None, has_aux: bool = False,
) -> Run:  # fmt: skip
    """Call a function with Tensors in the place of the numbers and arrays in the arguments `argnums`."""
    name, positional, named = name_of(f, caller), list(args), {**kwargs} if kwargs else {}
    places = [_place(n, f, args, named, caller) for n in argnums]
    if len(places) > 1 and len(set(places)) < len(places):
        raise TypeError(f"{caller}: argnum {argnums} names an argument of {name} twice; name each once")
    chosen = tuple(named[n] if isinstance(n, str) else args[n] for n in places)
    leaves: list[Any] = []
    inputs: list[Tensor] = []

    def lift(x: Any) -> Any:
        if not varies(x):
            return x
        leaves.append(x.settled if isinstance(x, Node) else x)
        inputs.append(lifted(leaves[-1]))
        return inputs[-1]

    start, before = next(ids), departures.number
    with recording():
        try:
            traced = [mapped(lift, x) for x in chosen]
            if not inputs:  # a mask alone is meant as numbers
                chosen = mapped(lambda x: x.astype(float) if getattr(x, "dtype", None) == np.bool_ else x, chosen)
                traced = [mapped(lift, x) for x in chosen]
        except DtypeError as error:
            named_leaves = zip(flatten(chosen), (p for n, x in zip(places, chosen) for p in paths(x, f"argument {n}")))
            raise DtypeError(f"{caller}: {[p for x, p in named_leaves if varies(x)][len(inputs)]}: {error}") from None
        if not inputs and (flatten(chosen) or any(x is None for x in chosen)):
            remedy = "give numbers, arrays, dicts, lists and tuples of them, or name another argument: argnum="
            raise TypeError(f"{caller}: no number to differentiate {name} by in {chosen[0]!r:.60}; {remedy}")
        for n, x in zip(places, traced):
            if isinstance(n, str):
                named[n] = x
            else:
                positional[n] = x
        value = f(*positional, **named)
    if has_aux and (not isinstance(value, (tuple, list)) or len(value) != 2):
        raise TypeError(f"{caller}: has_aux=True, but {name} returned {value!r:.60}; return a pair: result, aux")
    value, aux = value if has_aux else (value, None)
    outputs = flatten(value)
    if departures.number > before and not any(type(y) is Tensor or getattr(y, "is_derivative", 0) for y in outputs):
        raise DetachedError(
            f"{caller}: {name} returned {outputs!r:.60}, which is cut out of the graph: it used .item(), float(), "
            "int(), counts, .detach(), .numpy() or .data of a Tensor, or no_grad(); compute with the Tensors themselves"
        )
    for y in outputs or [value]:
        if not isinstance(y, (Tensor, np.ndarray, np.generic, float, int)) and not is_foreign(y):
            raise TypeError(f"{caller}: {name} returned {y!r:.60}; it must return numbers, arrays or Tensors")
    return Run(caller, name, chosen, leaves, inputs, value, outputs, start, aux)


def matching(given: object, leaves: list[Any], tree: object, what: str) -> list[Any]:
    found, whole = flatten(given), flatten(tree)
    if len(leaves) < len(found) == len(whole):
        found = [x_dot for x_dot, x in zip(found, whole) if varies(x)]
    shapes, wanted = [np.shape(x) for x in found], [np.shape(x) for x in leaves]
    if shapes != wanted:
        raise ShapeError(f"{what} has shape {shapes}; it must have the shape of what it belongs to, {wanted}")
    return found
