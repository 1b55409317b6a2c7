"""The types in the signatures of ops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType
from typing import Any, TypeAlias

from numpy.typing import DTypeLike

from ..core.node import Array
from ..core.notation import Shape

Axis: TypeAlias = int | tuple[int, ...] | None
"""What to work along: one axis, several, or all."""

Ints: TypeAlias = int | Sequence[int]
"""A shape, axes or places as the user gives them."""

Mask: TypeAlias = Array | bool
"""The entries that a reduction is over."""

Dtype: TypeAlias = DTypeLike | None
"""A dtype as the user gives it; None: that of the array."""

Order: TypeAlias = float | str | None
"""Of a norm."""

Params: TypeAlias = Mapping[str, Any]
"""The keyword arguments of an op."""

Rule: TypeAlias = Callable[..., Any]
"""A vjp rule, or another function of arrays."""

Index: TypeAlias = int | slice | EllipsisType | Array | Sequence[Any] | None
"""What NumPy takes between brackets, or along one axis."""

__all__ = ["Array", "Axis", "Dtype", "Index", "Ints", "Mask", "Order", "Params", "Rule", "Shape"]
