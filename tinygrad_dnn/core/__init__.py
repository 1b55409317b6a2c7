"""The engine: the record, the walks over it, Tensor, primitives and backprop. It imports NumPy and `support` alone."""
