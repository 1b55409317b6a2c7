"""The referee: which hand-derived formula is wrong, where, and why.

`check` judges a file, `check_all` a class, `compare` a network, `check_gradients` any gradient of any cost. In the
order of reading: `formulas` (the right ones, as text), `mistakes` (their small changes), `task` and `exercises` (what
each function must return, of inputs on which errors cannot hide), `judge`, `symptoms`, `diagnose` and `search` (who is
to blame); for other people's code `load`, `session`, `recognise` and `own_forward`; for the tables `row` and
`comparison`. `gradients` has any cost (`case`, `pairs`, `locate`, `explain`), `classroom` what teachers need: records,
points, reports, pages. `words` has the texts.
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
