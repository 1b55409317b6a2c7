"""The chain rule as formulas, read from the recorded backward pass."""

from .derivation import Derivation
from .deriving import derive

__all__ = ["Derivation", "derive"]
