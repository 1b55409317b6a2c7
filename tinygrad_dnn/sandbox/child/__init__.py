"""The sandbox's inside: the standard library and NumPy only, never the rest of this package.

The process that runs a submission must hold nothing worth stealing: no right formula, no expected number. So this
folder is imported on its own (as the package ``child``) by a bare interpreter, and everything it knows about the course
is the list of names in `stand_ins`.

Order of reading: `wire` (messages), `walls` (what is forbidden), `stand_ins` (what is imported), `execution` (the
submission's code is run), `answering` (its functions are called), `server` (one process for each submission).
"""
