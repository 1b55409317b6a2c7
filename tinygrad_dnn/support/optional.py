"""Optional packages: imported where they are needed, with an error that says how to install them."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needed(message: str) -> Iterator[None]:
    """Import in the block, and raise `message` where the package is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(message, name=error.name) from error
