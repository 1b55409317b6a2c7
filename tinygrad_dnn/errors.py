"""The errors of the engine: each names the op, what was received, what is allowed and the remedy."""

from .core.errors import (
    DetachedError,
    DtypeError,
    GradientError,
    NonFiniteError,
    NoRuleError,
    RuleError,
    ShapeError,
    StaleError,
    TracingError,
)

__all__ = [
    "DetachedError",
    "DtypeError",
    "GradientError",
    "NoRuleError",
    "NonFiniteError",
    "RuleError",
    "ShapeError",
    "StaleError",
    "TracingError",
]
