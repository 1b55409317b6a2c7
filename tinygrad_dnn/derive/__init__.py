"""The chain rule as formulas, read from the recorded backward pass."""
