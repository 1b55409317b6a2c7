"""The ops on single numbers in JavaScript, written from their declarations."""

from string import Formatter

from ...core.primitive import Primitive, declared


def table() -> str:
    """Return the part of the page's module that exports ``OPS``: from names to functions of numbers."""
    entries = "".join(f"  {op.name}: {function(op)},\n" for op in declared if op.shipped and op.javascript)
    return f"export const OPS = {{\n{entries}}};\n"


def function(op: Primitive) -> str:
    """Write an op as a function of its operands and of an object with its parameters.

    Examples
    --------
    >>> from tinygrad_dnn.ops.activations import leaky_relu_
    >>> function(leaky_relu_)
    '(x0, p) => (x0 > 0 ? x0 : p.slope * x0)'
    """
    template = op.javascript.template if op.javascript else ""
    fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    params = {field: f"p.{field}" for field in fields if field.isidentifier()}
    arity = max(fields.count(""), *(int(field) + 1 for field in fields if field.isdecimal()), 0)
    operands = [f"x{i}" for i in range(arity)]
    return f"({', '.join(operands + ['p'] * bool(params))}) => {template.format(*operands, **params)}"
