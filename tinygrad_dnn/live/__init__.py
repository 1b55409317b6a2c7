"""A network of the reader's as a page on which it computes and learns: `play`."""

from .playing import Play, play

__all__ = ["Play", "play"]
