"""The types that the hand-derived functions pass to one another."""

from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

LinearCache: TypeAlias = tuple[Array, Array, Array]  # (A_prev, W, b)
Cache: TypeAlias = tuple[LinearCache, Array]  # ((A_prev, W, b), Z)
