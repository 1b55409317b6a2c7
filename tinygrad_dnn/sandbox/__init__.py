"""Run other people's code: a process for each submission, walled in, which answers questions about its functions.

Inside runs `child`; outside `fork_server` starts the processes, `process` talks to one, `schema` reads its messages.
"""

from .bubblewrap import REMEDY
from .fork_server import ForkServer, SandboxError, Walls
from .process import Child, Died, Limits, Returned, TooSlow, standing_walls

__all__ = [
    "REMEDY", "Child", "Died", "ForkServer", "Limits", "Returned", "SandboxError", "TooSlow", "Walls", "standing_walls",
]  # fmt: skip
