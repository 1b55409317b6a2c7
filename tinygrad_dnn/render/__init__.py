"""Pictures of the recorded graph, and plots.

To be read in this order: `model` (what there is to draw), `graph` (from Tensors to the model), `symbols` and `backward`
(the chain rule on the edges), `badges` and `overlay` (what catches the eye), `collapse` (what is drawn of it), `labels`
and `dot` (how), `layout` (where), `picture` (what is handed out), `draw` (all of it in a function);
then `page` and `explore`, the same step by step.
"""

from .draw import draw
from .explore import Page, explore
from .layout import LayoutError, LayoutTimeout
from .picture import Picture

__all__ = ["LayoutError", "LayoutTimeout", "Page", "Picture", "draw", "explore"]
