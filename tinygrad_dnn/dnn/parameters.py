"""The former place of the optimisers for parameters of one's own, and of their files."""

from .optimisers import Adam, GradientDescent, Momentum, flattened, load, save

__all__ = ["Adam", "GradientDescent", "Momentum", "flattened", "load", "save"]
