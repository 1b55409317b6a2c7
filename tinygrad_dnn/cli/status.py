"""Exit statuses of the command."""

from ..support.interrupts import INTERRUPTED

__all__ = ["INTERRUPTED", "NOT_CARRIED_OUT"]

NOT_CARRIED_OUT = 2
