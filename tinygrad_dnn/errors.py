"""The errors of the engine: each names the op, what was received, what is allowed and the remedy."""

from .core.errors import *  # noqa: F403
