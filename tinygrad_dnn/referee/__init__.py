"""The referee: which hand-derived formula is wrong, where, and why.

`check` judges a file, `check_all` a class, `compare` a network, `check_gradients` any gradient of any cost. In the
order of reading:
`formulas` (the right ones, as text), `mistakes` (their small changes), `cases` (inputs on which errors cannot hide),
`task` and `families` (what each function must return), `judge`, `diagnose` and `blame`; for other people's code `load`,
`session` and `supplied`; for any cost `slips` and `gradient_causes`; for the tables of
`compare` and `check_gradients` `numerical`, `comparison` and `table`; for the feedback `report` and `feedback_graph`.
"""

from ..sandbox import Limits
from ..transforms.difference import Difference
from .any_cost import assert_gradients, check_gradients
from .causes import CAUSES
from .check import check
from .classroom import check_all
from .compare import compare
from .comparison import Comparison
from .row import Row
from .verdict import FunctionVerdict, Verdict

__all__ = [
    "CAUSES",
    "Comparison",
    "Difference",
    "FunctionVerdict",
    "Limits",
    "Row",
    "Verdict",
    "assert_gradients",
    "check",
    "check_all",
    "check_gradients",
    "compare",
]
