"""The other way to write a graph: as loops over entries, which Numba compiles.

Products of large matrices, and what has no form in loops, stay NumPy's, between the functions of loops.

To be read in this order: `scalars` (the formula of an entry), `access` (which entry), `work` (how each Tensor is made),
`stages` (what shares a loop), `memory` (what is stored, and where), `nest` (the text of a loop), `functions` (what
Numba has only slowly), `kernel` (a function of loops), `emission` (the whole).
"""
