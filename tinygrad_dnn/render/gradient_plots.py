"""The former place of the plots of gradients, which stand with the other plots."""

from .plots import gradient_difference, gradient_norms, relative_errors, step_sizes

__all__ = ["gradient_difference", "gradient_norms", "relative_errors", "step_sizes"]
