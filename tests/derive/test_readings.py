"""What formulas say is true: they are read as Python, with the numbers that their symbols stand for."""

import ast

import numpy as np
import pytest
from hypothesis import given

import tinygrad_dnn
from tinygrad_dnn import Tensor, derive, leaky_relu, log_softmax, softmax

from ..cases import examples
from .graphs import network, random_graphs


def kept(function):
    """A reduction as formulas write it: the shapes beside them say that its axes were kept."""
    return lambda x, axis=None: function(x, axis=axis, keepdims=True)


OWN = ("relu", "leaky_relu", "sigmoid", "softplus", "softmax", "log_softmax", "logsumexp")
SPACE = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")}
SPACE |= {name: getattr(tinygrad_dnn, name) for name in OWN}
SPACE |= {"sum": kept(np.sum), "mean": kept(np.mean), "max": kept(np.max), "abs": np.abs}


class Close(ast.NodeTransformer):
    """Writes ``a == b`` as isclose(a, b)."""

    def visit_Compare(self, node):
        self.generic_visit(node)
        equal = isinstance(node.ops[0], ast.Eq)
        return ast.Call(ast.Name("isclose", ast.Load()), [node.left, *node.comparators], []) if equal else node


def close(text):
    """Write a formula that adds in another order than the program, which decides at a tie of two sums."""
    return ast.unparse(ast.fix_missing_locations(Close().visit(ast.parse(text, mode="eval"))))


def as_shown(value, step):
    """Give a value the shape that stands beside its formula."""
    return np.reshape(value, step.shape) if np.size(value) == step.value.size else np.broadcast_to(value, step.shape)


def read(derivation):
    """Check each formula that is Python, whatever its notation; return how many were."""
    listing = derivation.listing
    given = [*listing.leaves, *listing.constants]
    space = {listing.symbols[x.id].text: x.array for x in given}
    space |= {symbol.text: value for (_, value), symbol in derivation._sheet.numbers.items()}
    space |= {step.symbol.text: step.value for step in derivation.steps}
    single = any(x.dtype == np.float32 for x in given)
    tolerance, found = 1e-4 if single else 1e-9, 0
    for step in derivation.steps:
        for text in [step.text, *(turn.formula for turn in step.turns)]:
            if "'" in text:  # a name of several words, which Python takes for a text
                continue
            try:
                with np.errstate(all="ignore"):
                    values = [eval(code, {**SPACE, **space}) for code in (text, close(text))]
            except (SyntaxError, NameError, TypeError, ValueError, AttributeError):  # W X, A^T, x[1:]
                continue
            with np.errstate(all="ignore"):
                exact, near = (as_shown(value, step) for value in values)
            shown = np.where(np.isclose(near, step.value, tolerance, tolerance), near, exact)
            np.testing.assert_allclose(shown, step.value, tolerance, tolerance, err_msg=f"{step.symbol.text} = {text}")
            found += 1
    return found


@given(random_graphs())
@examples(150)
def test_formulas_of_random_graphs(graph):
    with np.errstate(all="ignore"):
        assert read(derive(graph[0])) >= 1


@given(random_graphs())
@examples(40)
def test_simplified_formulas_of_random_graphs(graph):
    with np.errstate(all="ignore"):
        assert read(derive(graph[0], simplify=True)) >= 1


def test_an_entry_of_an_array_is_not_the_array():
    x = Tensor([[0.5]], name="x")
    J = np.sum(np.concatenate([x, -x], axis=1)[:, 1:2] * 0.5 + x)
    assert read(derive(J, simplify=True)) >= 1


@pytest.mark.parametrize("simplify", [False, True])
@pytest.mark.parametrize("g", [np.tanh, leaky_relu, tinygrad_dnn.sigmoid])
def test_formulas_of_networks(g, simplify):
    J, _ = network(2, 3, 1, g=g)
    assert read(derive(J, constants={"m": 5}, simplify=simplify)) >= (12 if simplify else 8)


@pytest.mark.parametrize("last", [softmax, log_softmax])
def test_formulas_of_softmax(last):
    Z = Tensor(np.array([[0.5, -1.0], [0.0, 2.0], [0.1, 0.2]]), name="Z")
    Y = Tensor(np.eye(3)[:, :2], name="Y", requires_grad=False)
    A = last(Z, axis=0).named("A")
    J = (-np.sum(Y * (np.log(A) if last is softmax else A)) / 2).named("J")
    assert read(derive(J, constants={"m": 2}, simplify=True)) >= 6
