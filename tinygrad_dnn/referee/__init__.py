"""The referee: which hand-derived formula is wrong, where, and why.

`check` judges a file, `check_all` a class. How it works, in the order of reading: `formulas` (the right ones, as text),
`hypotheses` (their small changes), `cases` (inputs on which errors cannot hide), `task` and `families` (what each function
must return), `judge` and `diagnose`; and for other people's code `load`, `inside`, `sandbox`, `session`.
"""

from .check import check
from .classroom import check_all
from .sandbox import Limits
from .verdict import CAUSES, FunctionVerdict, Verdict

__all__ = ["CAUSES", "FunctionVerdict", "Limits", "Verdict", "check", "check_all"]
