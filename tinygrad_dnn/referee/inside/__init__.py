"""What runs inside the sandbox: the standard library and NumPy only, never the rest of this package.

The process that runs somebody's code must hold nothing that is worth stealing: no right formula, no expected
number. So this folder is imported on its own (as the package ``inside``) by a bare interpreter, and everything
it knows about the course is the list of names in `standins`.

Order of reading: `wire` (what is said), `walls` (what is forbidden), `standins` (what is imported), `execution` (the
submission's code is run), `answering` (its functions are called), `nursery` (one process a submission).
"""
