"""The engine: the record, the walks over it, Tensor, primitives and backprop. It imports NumPy and `support` alone."""

import numpy as np

# Freed at once. The C library of Linux gives freed memory back to the system beyond twice the largest block that it has
# seen freed (of 32 MB at most), and the arrays of the next step would be mapped in anew, page by page.
np.empty((1 << 25) - (1 << 16), np.uint8)
