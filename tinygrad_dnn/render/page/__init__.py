"""The page of `explore`: its data, its pictures, and the one HTML file that it is.

To be read in this order: `formulas` (rules with holes), `data` (the graph as JSON), `pulls` (paths through arrays),
`labels` and `views` (the pictures), `html` (the file). The page itself is the JavaScript beside them: `format`, `walk`,
`paths`, `scalars`, `guess`, `formulas` and `tell` compute and know no document; the rest shows what they say.
"""

from .data import data_of
from .html import page_of, script_hash
from .pulls import pulled
from .views import pictures

__all__ = ["data_of", "page_of", "pictures", "pulled", "script_hash"]
