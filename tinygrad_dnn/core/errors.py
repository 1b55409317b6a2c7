"""The errors of the engine: each says which op, what came in, what is legal and what to do."""


class ShapeError(ValueError):
    """Shapes that do not fit: of an op's operands, or of a cotangent."""


class DtypeError(TypeError):
    """Data that has no real-valued derivative: complex numbers, strings, objects."""


class NoRuleError(TypeError):
    """A NumPy function, or an argument of one, that has no derivative rule here."""

    @classmethod
    def of(cls, name: str) -> "NoRuleError":
        """Build the error for a function that has no rule at all."""
        usual = (
            "write it with functions that have one (docs/operations.md lists them), declare it with tinygrad_dnn."
            f"primitive, or numerical for finite differences, or, for a constant, call {name}(tensor.detach())"
        )
        told = (text for start, text in _REMEDIES.items() if name.startswith(start))
        return cls(f"{name} has no derivative rule on Tensors; {next(told, usual)}")


_IN_PLACE = "it changes its first argument, which a graph may need: make a new tensor, as np.where(mask, values, t)"
_REMEDIES = {
    "np.fft.": "Tensors are real, and transforms are complex: write it with two real matrices, np.cos and np.sin of "
    "2 pi k n / N, or declare it with tinygrad_dnn.primitive",
    "np.fill_diagonal": f"{_IN_PLACE}, with np.eye(n, dtype=bool) as the mask",
    **dict.fromkeys(("np.put", "np.place"), _IN_PLACE),
}


class DetachedError(TypeError):
    """A value that would leave the graph, or a result that never was in it."""


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


class GradientError(AssertionError):
    """A gradient that finite differences contradict; `.report` says where and by how much."""

    def __init__(self, report: object) -> None:
        super().__init__(str(report))
        self.report = report


for _error in [x for x in globals().values() if isinstance(x, type)]:
    _error.__module__ = "tinygrad_dnn.errors"  # the public path: where users import them, and what tracebacks show
