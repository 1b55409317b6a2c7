"""Compile a function: record -> simplify -> plan -> write.

To be read in this order: `tracing` (the record of a function), `rolling` and `passes` (rewriting it), `planning`,
`emission` (the text for NumPy), `loops` (that for Numba), `guards`, `captures` with `bytecode`, `program`, `compiled`
(`jit`), `pickling`; `names` on the way.
"""

from .compiled import jit

__all__ = ["jit"]
