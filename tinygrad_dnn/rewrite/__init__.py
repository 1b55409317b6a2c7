"""Rewrite rules on the record, shared by `derive` and `jit`: the docstring of a rule is the identity it states.

Public are the names without an underscore: sets of rules in `named` and `cancel`, patterns in `matching`, walks in
`graph`, expressions in `algebra` and `quotients`.
"""
