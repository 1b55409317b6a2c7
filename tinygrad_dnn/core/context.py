"""What holds for the ops applied just now, per thread: recording or not, the scope, who looks on, who traces."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol


class Observer(Protocol):
    """Somebody who is shown every result, forward and backward."""

    def forward(self, out: Any, values: Any) -> None:
        """Look at a tensor just computed from `values`."""

    def backward(self, out: Any, x: Any, x_bar: Any) -> None:
        """Look at what the op that made `out` contributes to the cotangent of its input `x`."""


class Tracing(Protocol):
    """Somebody who makes a program of all that is computed, and must see every value that goes in or out."""

    def held(self, x: Any) -> Any:
        """Return a Tensor that stands for an array from outside; Tensors and numbers as they are."""

    def seen(self, x: Any, how: str) -> None:
        """Refuse that the plain numbers of a traced tensor are looked at: the program could not follow."""

    def before_backward(self, y: Any, xs: Sequence[Any]) -> Any:
        """Return what is differentiated in the place of `y`: the same function, written more stably."""

    def cotangent(self, x: Any, x_bar: Any) -> None:
        """Take note of the cotangent of a tensor."""


class Context(NamedTuple):
    """The surroundings in which an op is applied; every recorded tensor keeps a reference to its own."""

    recording: bool = True
    scope: tuple[str, ...] = ()
    observers: tuple[Observer, ...] = ()
    tracing: Tracing | None = None


USUAL = Context()

_context: ContextVar[Context] = ContextVar("tinygrad_dnn", default=USUAL)

current = _context.get
"""The context of this thread, or of this asynchronous task."""


tracings: list[Tracing] = []
"""Who traces now, in any thread: a function that is traced may start threads of its own."""


class _Departures(threading.local):
    number = 0


departures = _Departures()
"""How often, in this thread, a value that requires a gradient was taken out of its graph as plain numbers."""


def seen(x: Any, how: str) -> None:
    """Say that plain numbers of a tensor are looked at, as in ``"bool(t)"``."""
    tracing = current().tracing
    for each in tracings if tracing is None else (tracing,):
        each.seen(x, how)


def departing(x: Any, how: str) -> None:
    """Say that they are handed out."""
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
    """Compute without recording.

    Returns
    -------
    context manager
        Inside it results are plain values: they require no gradient and keep no graph alive. The former state is
        restored on leaving, after an exception too. Other threads are not affected.

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
    """Apply ops as if nothing was set: recording, in no scope, with nobody looking on."""
    return _changed(**USUAL._asdict())


def recording() -> AbstractContextManager[None]:
    """Record inside, under `no_grad` too: what a transform needs for itself."""
    return _changed(recording=True)


def scope(name: str) -> AbstractContextManager[None]:
    """Group the tensors made inside, a layer for instance, for pictures and formulas.

    Parameters
    ----------
    name : str
        What the group is called. Scopes nest; any text is legal.

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
        raise TypeError(f"scope: the name is {name!r}, a {type(name).__name__}; give a str")
    return _changed(scope=(*current().scope, name))


@contextmanager
def traced(tracing: Tracing) -> Iterator[None]:
    """Let `tracing` see all that is computed inside, recorded under `no_grad` too, and what other threads look at."""
    tracings.append(tracing)
    try:
        with _changed(tracing=tracing):
            yield
    finally:
        tracings.remove(tracing)


def observe(observer: Observer) -> AbstractContextManager[None]:
    """Show every op applied inside, and the backward passes through them, to `observer`."""
    return _changed(observers=(*current().observers, observer))
