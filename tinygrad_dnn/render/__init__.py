"""Pictures of the recorded graph, and plots; docs/architecture.md says in which order to read the modules."""

from .draw import draw
from .explore import Page, explore
from .layout import LayoutError, LayoutTimeout
from .picture import Picture

__all__ = ["LayoutError", "LayoutTimeout", "Page", "Picture", "draw", "explore"]
