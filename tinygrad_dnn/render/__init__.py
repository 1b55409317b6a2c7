"""Pictures of the recorded graph, and plots.

To be read in this order: `model` (what there is to draw), `annotate` (numbers of the backward pass, and what catches
the eye), `collapse` (what is drawn of it), `rules` (the chain rule in symbols), `export` (in words, and for programs),
`labels` (how), `layout` (where), `picture` (what is handed out), `draw` (all of it in a function); then `page` and
`explore`: step by step.
"""

from .draw import draw
from .explore import Page, explore
from .layout import LayoutError, LayoutTimeout
from .picture import Picture

__all__ = ["LayoutError", "LayoutTimeout", "Page", "Picture", "draw", "explore"]
