"""The checker is checked: for every op, a rule that is slightly wrong is found out."""

from itertools import islice

import numpy as np
import pytest

from tinygrad_dnn import GradientError, Tensor, check_grads
from tinygrad_dnn.core.primitive import Primitive

from ..cases import THOROUGH, grouped, one_test_for_each
from .table import DIFFERENTIABLE, Row, identifier, initial

WRONG = 5e-4


def by_a_factor(rule, where):
    """Wrong by 0.05 % everywhere; a rule that is zero everywhere, by 0.05 % of the cotangent."""
    return lambda y_bar, *rest, **params: nudged(rule(y_bar, *rest, **params), y_bar, where is None)


def on_one_element(rule, where):
    """Wrong by 0.05 % on the element `where` (on the first, where the rule is zero everywhere)."""

    def wrong(y_bar, *rest, **params):
        x_bar = rule(y_bar, *rest, **params)
        one = np.zeros(x_bar.shape)
        one[where or (0,) * one.ndim] = 1
        return x_bar + one * (nudged(x_bar, y_bar, where is None) - x_bar)

    return wrong


def nudged(x_bar, y_bar, is_zero):
    return x_bar + WRONG * (np.sum(y_bar) if is_zero else x_bar)


def at_second_order(rule, position):
    """Right as a gradient; differentiated once more, wrong by 0.05 %."""

    def wrong(y_bar, y, *inputs, **params):
        x_bar, x = rule(y_bar, y, *inputs, **params), inputs[position]
        return x_bar + WRONG * (x - x.detach()) if isinstance(x, Tensor) else x_bar

    return wrong


def spoiled(row, position, make):
    """The row of an op that differs in the rule of one input."""
    op, arity = row.op, len(row.sample.args)
    rules = [*islice(op.vjps, arity)]
    rules[position] = make(rules[position])
    return Row(Primitive(op.forward, tuple(rules), op.name, op.notation, op.legal, None, ()), row.sample)


def largest(row, position):
    """Where the rule of an input is largest for some cotangent, and how large."""
    x_bar = np.abs({i: rule(row.applied().cotangent()) for i, rule in row.applied().rules()}[position])
    if not x_bar.size or not x_bar.any():
        return None, 0.0
    return np.unravel_index(np.argmax(x_bar), x_bar.shape), float(x_bar.max())


def one_row_for_each_rule():
    """For every op and every input that has a rule the sample in which there is most to see."""
    best = {}
    for row in DIFFERENTIABLE:
        sizes = [np.size(x) for x in row.variables]
        for i, _ in row.applied().rules():
            if min(sizes) and np.size(row.function(*row.variables)):
                best.setdefault((row.op.name, min(i, 2)), []).append((largest(row, i)[1] > 0, -sum(sizes), row, i))
    for found in best.values():
        *_, row, i = max(found, key=lambda candidate: candidate[:2])
        yield row, i


RULES = list(one_row_for_each_rule())
RULES = grouped(RULES if THOROUGH else RULES[::2], lambda case: initial(case[0]))
every_rule = one_test_for_each("row, position", RULES, lambda case: f"{identifier(case[0])}, input {case[1]}")


@every_rule
@pytest.mark.parametrize("spoil", [by_a_factor, on_one_element])
@pytest.mark.parametrize("mode", ["vjp", "jvp"])
def test_a_rule_wrong_by_half_a_thousandth_is_caught(row, position, spoil, mode):
    where, _ = largest(row, position)
    wrong = spoiled(row, position, lambda rule: spoil(rule, where))
    with pytest.raises(GradientError, match=f"WRONG order 1 {mode}"):
        check_grads(wrong.function, wrong.variables, order=1, modes=[mode])


@every_rule
def test_a_rule_wrong_only_at_second_order_is_caught(row, position):
    wrong = spoiled(row, position, lambda rule: at_second_order(rule, position))
    with pytest.raises(GradientError, match="WRONG order 2") as caught:
        check_grads(wrong.function, wrong.variables, order=2)
    assert "WRONG order 1" not in str(caught.value)
