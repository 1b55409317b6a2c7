"""The referee: which hand-derived formula is wrong, where, and why.

`check` judges a file, `check_all` a class, `compare` a network, `check_gradients` any gradient of any cost. Order of
reading: `formulas`, `mistakes`, `task`, `exercises`, `judge`, `symptoms`, `diagnose`, `search`; for other people's code
`load`, `session`, `recognise`, `own_forward`; for any cost `gradients`; for teachers `classroom`.
"""

from ..sandbox import Limits
from ..support.difference import Difference
from .check import check
from .classroom import check_all
from .compare import compare
from .comparison import Comparison
from .gradients.any_cost import assert_gradients, check_gradients, compare_named
from .gradients.pairs import check_backward
from .row import Row
from .verdict import FunctionVerdict, Verdict
from .words import CAUSES

__all__ = [
    "CAUSES", "Comparison", "Difference", "FunctionVerdict", "Limits", "Row", "Verdict", "assert_gradients", "check",
    "check_all", "check_backward", "check_gradients", "compare", "compare_named",
]  # fmt: skip
