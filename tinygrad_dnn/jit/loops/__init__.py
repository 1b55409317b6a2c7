"""The second way to write a graph: as loops over entries, which Numba compiles.

NumPy computes products of large matrices, and ops without a form in loops, between the functions of loops.

To be read in this order: `scalars` (the formula of an entry), `indexing` (how a node is computed, which entry is read),
`stages` (loop fusion, and what is stored where), `nest` (the text of a function of loops), `emission` (the whole).
"""
