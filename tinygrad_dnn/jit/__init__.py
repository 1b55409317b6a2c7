"""A function as a program: record -> simplify -> plan -> write.

To be read in this order: `graph` (what is worked on), `tracing` (where it comes from), `matching`, `stable`, `signs`,
`cancel` (the rules), `passes`, `spelling`, `planning`, `emission` (the text for NumPy), `loops` (that for Numba),
`backends`, `arguments`, `entry`, `surroundings`, `watch`, `program`, `compiled` (`jit`).
"""

from .compiled import jit

__all__ = ["jit"]
