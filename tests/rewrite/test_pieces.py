"""What rules are made of: patterns on Tensors, the algebra of entries, runs that repeat."""

import numpy as np

from tinygrad_dnn import Tensor
from tinygrad_dnn.ops import negative
from tinygrad_dnn.rewrite.algebra import ONE, ZERO, unknown
from tinygrad_dnn.rewrite.graph import longest_run
from tinygrad_dnn.rewrite.matching import Rules, operand, scaled, statement, unsigned
from tinygrad_dnn.rewrite.quotients import cancelled, collected


def test_signs_and_numbers_are_split_off():
    x = Tensor(2.0)
    sign, rest = unsigned(negative(negative(negative(x))))
    assert sign == -1
    assert rest is x
    assert [scaled(y)[0] for y in (-(0.5 * x), x / 4, x)] == [-0.5, 0.25, 1.0]


def test_the_first_rule_of_an_op_that_applies_is_applied():
    rules, x = Rules(), Tensor(2.0)

    @rules.on(negative)
    def twice(y, x):
        return operand(x, negative)

    assert rules(negative(negative(x))) is x
    assert rules(-x) is None


def test_equal_factors_and_terms_meet():
    a, y = unknown("a"), unknown("y")
    assert a * y / a - y == ZERO
    assert (a + y) / (a + y) == ONE


def test_fractions_cancel_and_common_factors_come_to_the_front():
    a, y = unknown("a"), unknown("y")
    assert cancelled(a * (ONE - a) * ((ONE - y) / (ONE - a) - y / a)) == a - y
    assert collected(a * y + a * a * y) == a * y * (ONE + a)
    assert statement(cancelled) == "cancel"


def test_the_run_that_covers_most_is_found():
    signs = np.array([9, 1, 2, 1, 2, 1, 2, 7])
    assert longest_run(signs, np.ones(8, bool), 64, 3) == (1, 2, 7)
    assert longest_run(signs, signs < 3, 64, 4) == (0, 0, 0)
