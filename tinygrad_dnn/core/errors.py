"""The errors of the engine: each says which op, what came in, what is legal and what to do."""

import linecache
import re
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = [
    "BroadcastWarning", "DetachedError", "DtypeError", "GradientError", "NoRuleError", "NonFiniteError",
    "RecompilationWarning", "RewriteError", "RuleError", "ShapeError", "StaleError", "TracingError",
]  # fmt: skip


class ShapeError(ValueError):
    """Shapes that do not fit: of an op's operands, or of a cotangent."""


class DtypeError(TypeError):
    """Data that has no real-valued derivative: complex numbers, strings, objects."""


class NoRuleError(TypeError):
    """A NumPy function, or an argument of one, that has no derivative rule here."""

    @classmethod
    def of(cls, name: str) -> "NoRuleError":
        """Build the error for a function that has no rule at all."""
        remedy = (
            "Tensors are real, and transforms are complex: write it with two real matrices, np.cos and np.sin of "
            "2 pi k n / N, or wrap a function of real arrays around it with tinygrad_dnn.numerical, for finite "
            "differences, or tinygrad_dnn.primitive, for a rule of its own"
            if name.startswith("np.fft.")
            else "write it with functions that have one (docs/operations.md lists them), declare it with tinygrad_dnn."
            f"primitive, or numerical for finite differences, or, for a constant, call {name}(tensor.detach())"
        )
        return cls(f"{name} has no derivative rule on Tensors; {remedy}")


class DetachedError(TypeError):
    """A value that would leave the graph, or a result that never was in it."""

    @classmethod
    def asked(cls, title: str, frame: Any) -> "DetachedError":
        """Build the error for a Tensor that is asked for an array; the remedy depends on who asks."""
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno) if frame else ""
        callers: list[str] = []
        ours = _in_place_of_scipys(frame)
        while frame and len(callers) < 4:
            callers.append(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")
            frame = frame.f_back
        told = [text for asker, text in _ASKERS.items() if any(asker in caller for caller in callers)]
        if ours:
            told = [f"SciPy makes arrays here: see {ours}, which takes Tensors"]
        if re.search(r"(?<!\bnp)\.dot\(", line):
            told = ["write X @ t for X.dot(t) of an array X: its method asks for an array"]
        return cls(f"np.asarray of {title} would silently lose its gradient; {'; '.join([*told, _KEPT])}")


_KEPT = (
    "keep the Tensor and use np.<function> on it; make an array of several with np.stack, or `import tinygrad_dnn."
    "numpy as np`, whose np.array takes Tensors and whose arrays can be assigned to; .numpy() only shows the values"
)
_ASKERS = {
    "numpy.ma.": "a masked array would lose its mask here: pass x.filled(value), or write np.where(mask, value, t)",
    "pandas.": "take the values of the Series or DataFrame first: x.to_numpy() @ t",
    "_vectorize_call": "np.vectorize makes arrays: write np.stack([f(x) for x in t.ravel()]), or take it from tinygrad_dnn.numpy",
    "scipy.integrate": "solve it with tinygrad_dnn.scipy.integrate.odeint, and give what it depends on by args=",
    "scipy.": "SciPy makes arrays here: see tinygrad_dnn.scipy, or wrap the function with tinygrad_dnn.numerical",
    "matplotlib.": "plot t.numpy()",
}


def _in_place_of_scipys(frame: Any) -> str:
    """Return the full name of what this package has for the function of SciPy that asks; an empty one for others."""
    while frame and frame.f_globals.get("__name__", "").startswith("scipy."):
        asker = frame.f_locals.get("f", frame.f_locals.get("self"))  # a decorated function, or a distribution
        module = str(getattr(asker, "__module__", frame.f_globals["__name__"]))
        names = [*(getattr(asker, a, "") for a in ("name", "__name__")), type(asker).__name__, frame.f_code.co_name]
        room = f"tinygrad_dnn.{'.'.join(module.split('.')[:2])}"
        own = vars(import_module(room)) if module.startswith("scipy.") and find_spec(room) else {}
        for name in (str(name).removesuffix("_gen") for name in names):
            if name in own:
                return f"{room}.{name}"
        frame = frame.f_back
    return ""


class StaleError(RuntimeError):
    """A recorded graph whose leaf has been given another value since."""


class RuleError(TypeError):
    """A vjp rule that returns something else than a cotangent of its input."""


class NonFiniteError(FloatingPointError):
    """A NaN or an infinity, at the op that made it (see `trace_nonfinite`)."""


class TracingError(TypeError):
    """A function of which `jit` can make no program that does the same for other values."""


class RecompilationWarning(UserWarning):
    """A function that `jit` compiles again and again, because things outside its arguments change."""


class RewriteError(RuntimeError):
    """A rewrite rule that fails on a graph: a fault of this package."""


class BroadcastWarning(UserWarning):
    """Broadcasting that makes both operands larger, as (5, 1) and (5,) to (5, 5); ignored unless asked for by name.

    ``warnings.simplefilter("always", BroadcastWarning)`` shows it, and ``"error"`` raises it.
    """


class GradientError(AssertionError):
    """A gradient that finite differences contradict; `.report` says where and by how much."""

    def __init__(self, report: object) -> None:
        super().__init__(str(report))
        self.report = report


for _error in [x for x in globals().values() if isinstance(x, type) and x.__module__ == __name__]:
    _error.__module__ = "tinygrad_dnn.errors"  # the public path: where users import them, and what tracebacks show
