"""The second way to write a graph: as loops over entries, which Numba compiles.

NumPy computes products of large matrices, and ops without a form in loops, between the functions of loops.

To be read in this order: `scalars` (the formula of an entry), `indexing` (which entry is read), `strategy` (how each
node is computed), `stages` (loop fusion, and what is stored where), `nest` (the text of a loop),
`functions` (what Numba has only slowly), `kernel` (a function of loops), `emission` (the whole).
"""
