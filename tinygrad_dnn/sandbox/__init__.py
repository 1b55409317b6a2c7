"""Run other people's code: a process for each submission, walled in, which answers questions about its functions.

What runs inside stands in `child`. From the outside `fork_server` starts the processes (behind the walls of
`bubblewrap`, where it is installed), `process` talks to one, and `schema` says which messages are believed.
"""

from .bubblewrap import REMEDY
from .fork_server import ForkServer, SandboxError, Walls
from .process import Child, Died, Limits, Returned, TooSlow, standing_walls

__all__ = [
    "REMEDY", "Child", "Died", "ForkServer", "Limits", "Returned", "SandboxError", "TooSlow", "Walls", "standing_walls",
]  # fmt: skip
