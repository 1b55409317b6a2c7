"""Rewrite rules on the record, shared by `derive` and `jit`: the docstring of a rule is the identity it states."""
