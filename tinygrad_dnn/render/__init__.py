"""Pictures of the recorded graph, and plots.

To be read in this order: `model` (what there is to draw), `annotate` (the chain rule on the edges), `overlay` (what
catches the eye), `collapse` (what is drawn of it), `labels` and `dot` (how), `layout` (where), `export` (in words, and
for programs), `picture` (what is handed out), `draw` (all of it in a function); then `page`, `explore`: step by step.
"""

from .draw import draw
from .explore import Page, explore
from .layout import LayoutError, LayoutTimeout
from .picture import Picture

__all__ = ["LayoutError", "LayoutTimeout", "Page", "Picture", "draw", "explore"]
