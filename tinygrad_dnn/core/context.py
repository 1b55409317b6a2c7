"""The context in which ops are applied, per thread: recording or not, the scope, observers, the tracer."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol


class Observer:
    """Called with every result, forward and backward; a subclass defines what it wants to hear of."""

    def forward(self, out: Any, values: Any) -> None:
        """Receive a tensor just computed from `values`."""

    def backward(self, out: Any, x: Any, x_bar: Any) -> None:
        """Receive what the op that made `out` contributes to the cotangent of its input `x`."""


class Tracing(Protocol):
    """The tracer of `jit`: sees every value that enters or leaves the computation."""

    def held(self, x: Any) -> Any:
        """Return a Tensor that stands for an array from outside; Tensors and numbers as they are."""

    def seen(self, x: Any, how: str) -> None:
        """Reject reading a traced tensor's values: the compiled program could not react to them."""

    def selected(self, x: Any, parts: Any, arrays: list[Any]) -> Any:
        """Return what stands for ``x[index]`` at a mask of unknown size; None for another index."""

    def before_backward(self, y: Any, xs: Sequence[Any]) -> Any:
        """Return the tensor to differentiate in place of `y`: the same function, written more stably."""

    def summed(self, parts: list[Any], rest: Any, shape: tuple[int, ...]) -> Any:
        """Return the sum of what flows back to reads of an array (see `Placed`), and the rest."""

    def cotangent(self, x: Any, x_bar: Any) -> None:
        """Note the cotangent of a tensor."""

    def is_finite(self, x_bar: Any) -> bool:
        """Return True if a cotangent is finite for all finite arguments, overflow apart."""


class Context(NamedTuple):
    """The state in which an op is applied; every recorded tensor keeps a reference to its own."""

    recording: bool = True
    scope: tuple[str, ...] = ()
    observers: tuple[Observer, ...] = ()
    tracing: Tracing | None = None


USUAL = Context()
_UNCHANGED = nullcontext()
_context: ContextVar[Context] = ContextVar("tinygrad_dnn", default=USUAL)
current = _context.get  # the context of this thread, or of this asynchronous task
tracings: list[Tracing] = []  # active tracers of all threads; a traced function may start threads


class _Departures(threading.local):
    number = 0


departures = _Departures()  # how many times this thread has read plain values out of a differentiable tensor


def seen(x: Any, how: str) -> None:
    """Report that a tensor's values are read, as in ``"bool(t)"``."""
    tracing = current().tracing
    for each in tracings if tracing is None else (tracing,):
        each.seen(x, how)


def departing(x: Any, how: str) -> None:
    """Report that a tensor's values are handed out."""
    departures.number += 1
    seen(x, how)


@contextmanager
def _changed(**changes: object) -> Iterator[None]:
    before = _context.set(current()._replace(**changes))  # type: ignore[arg-type]
    try:
        yield
    finally:
        _context.reset(before)


def no_grad() -> AbstractContextManager[None]:
    """Compute without recording: results are plain values, which require no gradient and keep no graph alive.

    The former state is restored on leaving, after an exception too. Other threads are not affected.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor, no_grad
    >>> w = Tensor(3.0)
    >>> with no_grad():
    ...     y = w * w
    >>> y.requires_grad
    False
    """
    return _changed(recording=False)


def afresh() -> AbstractContextManager[None]:
    """Apply ops in the default context: recording, without a scope, observers or a tracer."""
    return _changed(**USUAL._asdict())


def recording() -> AbstractContextManager[None]:
    """Record inside, even under `no_grad`; for transforms."""
    return _UNCHANGED if current().recording else _changed(recording=True)


def scope(name: str) -> AbstractContextManager[None]:
    """Group the tensors made inside, a layer for instance, for pictures and formulas.

    Parameters
    ----------
    name : str
        What the group is called. Scopes nest; any text is allowed.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor, scope
    >>> W, x = Tensor(2.0), 5.0
    >>> with scope("layer 1"), scope("linear"):
    ...     z = W * x
    >>> z.scope
    ('layer 1', 'linear')
    """
    if not isinstance(name, str):
        raise TypeError(f"scope: the name is {name!r}, of type {type(name).__name__}; give a str")
    return _changed(scope=(*current().scope, name))


@contextmanager
def traced(tracing: Tracing) -> Iterator[None]:
    """Give `tracing` all that is computed inside, even under `no_grad`, and all values that other threads read."""
    tracings.append(tracing)
    try:
        with _changed(tracing=tracing):
            yield
    finally:
        tracings.remove(tracing)


def observe(observer: Observer) -> AbstractContextManager[None]:
    """Call `observer` for every op applied inside, and for the backward passes through them."""
    return _changed(observers=(*current().observers, observer))
