"""Compile a function: record -> simplify -> plan -> write.

To be read in this order: `tracing` (the record of a function), `rolling` and `passes` (rewriting it), `planning`,
`emission` (the text for NumPy), `loops` (for Numba), `guards`, `captures`, `program`, `compiled`; `names` on the way.
"""

from .compiled import jit

__all__ = ["jit"]
