"""Arrays that are written to, with their history: assignment, views, in-place operators."""

from . import assign as _assign  # noqa: F401 (gives Tensors their in-place operators)
from .assign import creating
from .handles import Written, assignable
from .writing import assigned

__all__ = ["Written", "assignable", "assigned", "creating"]
