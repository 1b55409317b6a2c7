"""Exit statuses of the command."""

INTERRUPTED = 130
NOT_CARRIED_OUT = 2
