"""The engine: the record, the walks over it, Tensor, primitives and backprop. It imports NumPy and `support` alone.

Other rooms import from here what they all need; `backprop`, `notation`, `primitive` and `zeros` are named by module.
"""

import numpy as np

from ._libraries import titled
from .arrays import Foreign, adopted, beside, is_foreign, kept, on_host, refuse_conversion, released, scattered
from .context import USUAL, Context, afresh, current, departures, no_grad, observe, recording, scope, seen
from .errors import *  # noqa: F403 (all of them)
from .graph import ancestors, between, everything, is_decided_by, sources, uses
from .node import NO_PARAMS, Array, Node, copy, ids, leaf, make, operands_of
from .operands import SMALL, constant, real_array
from .protocol import gathered, implementation_of, implementations, register
from .pytree import flatten, inner, mapped, paths, rebuilt
from .tensor import Constant, Tensor, answering, is_integer

__all__ = [
    "NO_PARAMS", "SMALL", "USUAL", "Array", "Constant", "Context", "Foreign", "Node", "Tensor", "adopted", "afresh",
    "ancestors", "answering", "beside", "between", "constant", "copy", "current", "departures", "everything", "flatten",
    "gathered", "ids", "implementation_of", "implementations", "inner", "is_decided_by", "is_foreign", "is_integer",
    "kept", "leaf", "make", "mapped", "no_grad", "observe", "on_host", "operands_of", "paths", "real_array", "rebuilt",
    "recording", "refuse_conversion", "register", "released", "scattered", "scope", "seen", "sources", "titled", "uses",
]  # fmt: skip
# Freed at once. The C library of Linux gives freed memory back to the system beyond twice the largest block that it has
# seen freed (of 32 MB at most), and the arrays of the next step would be mapped in anew, page by page.
np.empty((1 << 25) - (1 << 16), np.uint8)
