"""The demonstration: the course's network on real data, its gradients refereed, in a terminal and one HTML file.

To be read in this order: `story` (what is trained and compared), `pictures`, `report` (the page), `__main__`.
"""

import tinygrad_dnn.support.interrupts  # noqa: F401  (first: Ctrl-C while the rest is imported ends quietly)

from .report import write_report
from .story import Story, tell

__all__ = ["Story", "tell", "write_report"]
