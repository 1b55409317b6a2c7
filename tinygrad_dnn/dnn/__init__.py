"""The course's networks: derived by hand, as tensor expressions, trained, and the data they learn from."""
