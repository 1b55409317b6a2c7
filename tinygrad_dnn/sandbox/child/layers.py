"""Functions of the layers that a submission defines as classes, with methods ``forward`` and ``backward``.

``NAME.forward(x, parameters, layout)`` returns the output, and the object as its cache; ``NAME.backward(dout, cache)``
the gradients by name, and ``NAME.parameters(layout)`` the arrays of a new object, for examples in rows (layout 0) or
in columns (1).
"""

import contextlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

_SIZE = "(n_?|num_?|dim_?|fan_?|d_?)?({})(_?(size|sz|shape|dims?|features|units|nodes|neurons|channels))?"
_GIVEN: tuple[tuple[str, Any, Any], ...] = (
    ("w|weights?|kernel", (3, 4), (4, 3)), ("b|bias(es)?", (4,), (4, 1)), ("gamma|beta|scale|shift", (3,), (3, 1)),
    (_SIZE.format("in|inputs?|prev|x|features|dim|size|n"), 3, 3),
    (_SIZE.format("out|outputs?|hidden|units|neurons|nodes|h|y"), 4, 4),
    ("lr|learning_rate|eps(ilon)?|alpha", 0.1, 0.1),
)  # fmt: skip
"""The names of arguments, and what a class is made with in either layout: the shape of an array, or a number."""


def functions_of(namespace: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the functions with their names."""
    for name, kind in filter(lambda item: isinstance(item[1], type), list(namespace.items())):
        with contextlib.suppress(Exception):  # any code may stand there
            if kind.__module__ == namespace["__name__"]:
                (_, _), (_, _, *rates) = _wanted(kind.forward), _wanted(kind.backward)
                if all(re.fullmatch("lr|.*rate|alpha|eta", rate) for rate in rates):
                    for method, function in _functions(kind, len(rates)).items():
                        function.__signature__, function.__module__ = inspect.signature(function), kind.__module__
                        function.__wrapped__ = getattr(kind, method, kind.backward)
                        yield f"{name}.{method}", function


def _wanted(function: Any) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [p.name.lower() for p in parameters if p.default is p.empty and p.kind < 2]


def _functions(kind: Any, rates: int) -> dict[str, Any]:
    def made(layout: int) -> Any:
        drawn = [next(x for x in _GIVEN if re.fullmatch(x[0], name))[1 + layout] for name in _wanted(kind)]
        return kind(*(np.ones(x) if isinstance(x, tuple) else x for x in drawn))

    def parameters(layout: int) -> dict[str, Any]:
        held = _arrays(made(layout))
        derived = {k for k in held for n in held if n != k and re.fullmatch(f"[a-zA-Z_]+{re.escape(n)}|{n}_?grad", k)}
        return {k: x for k, x in held.items() if k not in derived}

    def forward(x: Any, parameters: dict[str, Any], layout: int) -> Any:
        layer = made(layout)
        vars(layer).update({k: y.copy() for k, y in parameters.items()})
        known = [x, *vars(layer).values()]
        out = layer.forward(x)
        new = [y for y in vars(layer).values() if np.ndim(y) and not any(y is z for z in known)]
        return new[-1] if out is None else out, (layer, {k: np.copy(vars(layer)[k]) for k in parameters})

    def backward(dout: Any, cache: Any) -> dict[str, Any]:
        layer, before = cache  # as the forward pass has left it: running means change there
        dx = layer.backward(dout, *[1.0] * rates)
        found = {f"d{k}": x - vars(layer)[k] for k, x in before.items() if np.any(x != vars(layer)[k])}  # a step
        found |= {k: x for k, x in _arrays(layer).items() if k not in before}
        dx = next((found[k] for k in ("dinputs", "dx", "dX", "dinput") if k in found), None) if dx is None else dx
        return {**found, "dx": dx[0] if isinstance(dx, tuple) else dx}

    return {"parameters": parameters, "forward": forward, "backward": backward}


def _arrays(x: object) -> dict[str, Any]:
    return {k: y for k, y in vars(x).items() if isinstance(y, np.ndarray) and y.dtype.kind == "f" and y.ndim}
