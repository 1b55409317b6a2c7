"""The referee: which hand-derived formula is wrong, where, and why."""
