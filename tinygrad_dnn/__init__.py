"""Reverse-mode automatic differentiation on NumPy: derive, run, draw and referee gradients."""

__version__ = "0.1.0"
