"""Arrays that are written to, with their history: assignment, views, in-place operators."""

from . import assign as _assign  # noqa: F401 (gives Tensors their in-place operators)
from .writing import assigned

__all__ = ["assigned"]
