"""The chain rule as formulas, read from the recorded backward pass."""

from .derivation import Derivation, derive

__all__ = ["Derivation", "derive"]
