"""The record: public, immutable by convention, read by every consumer."""

import ast
import doctest
import typing
from pathlib import Path

import numpy as np

import tinygrad_dnn
from tinygrad_dnn import Tensor
from tinygrad_dnn.core import errors
from tinygrad_dnn.core.facets import Form, in_javascript
from tinygrad_dnn.core.graph import everything, uses
from tinygrad_dnn.core.node import Node, copy, leaf

PACKAGE = Path(tinygrad_dnn.__file__).parent
SLOTS = {"op", "inputs", "operands", "params", "id", "context"}
MAKERS = {"core/node.py", "core/_fast.py", "core/tensor.py", "inplace/handles.py"}  # the last takes a record away


def stores(path):
    """Yield the attributes of other objects that a module assigns, with their lines."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) != "self":
            yield node.attr, node.lineno


def test_records_are_written_where_they_are_made():
    # pictures have a model of their own, mistakes are formulas; _pass_on completes nodes that it has just made
    others = ("render/", "referee/")
    found = [
        f"{path.relative_to(PACKAGE)}:{line} .{attribute}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for attribute, line in stores(path)
        if attribute in SLOTS
        and str(path.relative_to(PACKAGE)) not in MAKERS
        and not str(path.relative_to(PACKAGE)).startswith(others)
    ]
    assert [place for place in found if not place.startswith("rewrite/graph.py")] == []
    assert len(found) <= 1


def test_nodes_are_made_by_one_maker_and_its_fast_path():
    makers = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if "object.__new__" in path.read_text("utf-8")}
    assert makers == {"core/node.py", "core/_fast.py"}


def test_a_tensor_is_a_node_that_knows_its_parents():
    a, b = Tensor(2.0), Tensor(3.0)
    y = a * b + a
    assert isinstance(y, Node)
    assert y.parents[1] is a
    assert y.parents[0].parents == (a, b)
    assert [node.op.name for node in everything(y) if node.op] == ["multiply", "add"]
    assert uses([y])[a.id] == 2


def test_a_copy_is_newer_and_of_the_same_value():
    x = Tensor([1.0, 2.0])
    y = np.exp(x).named("y")
    again = copy(y, (leaf(Tensor, np.array([0.0, 1.0])),))
    assert (again.op, again.name, again.id > y.id) == (y.op, "y", True)
    np.testing.assert_array_equal(again.numpy(), y.numpy())
    anew = copy(y, again.inputs, anew=True)
    np.testing.assert_array_equal(anew.numpy(), np.exp([0.0, 1.0]))


def test_the_examples_of_the_architecture_page_run():
    page = Path(__file__).parents[2] / "docs" / "architecture.md"
    flags = doctest.NORMALIZE_WHITESPACE
    assert doctest.testfile(str(page), module_relative=False, optionflags=flags).failed == 0


def test_only_the_packages_own_errors_are_moved_to_its_public_module():
    assert errors.ShapeError.__module__ == "tinygrad_dnn.errors"
    assert typing.Any.__module__ == "typing"  # PyTorch, imported later, looks at it


def test_a_form_of_python_becomes_one_of_javascript():
    assert in_javascript(Form("1 / (1 + np.exp(-{}))")).template == "1 / (1 + Math.exp(-{}))"
    assert (in_javascript(Form("np.sort({})")), in_javascript(Form("{} // {}"))) == (None, None)
