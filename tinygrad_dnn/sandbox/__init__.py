"""Run other people's code: a process for each submission, walled in, which answers questions about its functions.

What runs inside stands in `child`; from the outside `fork_server` starts the processes and `process` talks to one.
"""

from .fork_server import ForkServer, SandboxError
from .process import Child, Died, Limits, Returned, TooSlow

__all__ = ["Child", "Died", "ForkServer", "Limits", "Returned", "SandboxError", "TooSlow"]
