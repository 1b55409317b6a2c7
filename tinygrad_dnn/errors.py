"""The errors of the engine: each names the op, what was received, what is allowed and the remedy."""

from .core.errors import (
    BroadcastWarning,
    DetachedError,
    DtypeError,
    GradientError,
    NonFiniteError,
    NoRuleError,
    RecompilationWarning,
    RewriteError,
    RuleError,
    ShapeError,
    StaleError,
    TracingError,
)

__all__ = [
    "BroadcastWarning", "DetachedError", "DtypeError", "GradientError", "NoRuleError", "NonFiniteError",
    "RecompilationWarning", "RewriteError", "RuleError", "ShapeError", "StaleError", "TracingError",
]  # fmt: skip
