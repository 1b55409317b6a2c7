"""Outside judges: HIPS autograd and the complex step, on the NumPy source of every op."""

import warnings

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import make_vjp

from tinygrad_dnn import gradients

from .table import DIFFERENTIABLE, OPS, same

BEYOND_AUTOGRAD = {
    "it has no rule": """cbrt convolve copy copysign cumprod diagonal flip floor_divide fmod fractional heaviside i0
        ldexp nextafter positive qr scatter take_along_axis trace""",
    "its arrays have no .mT and no .copy": "cofactors expand matrix_transpose minors",
    "its rule takes no keywords": "broadcast_to expand pad",
    "it warns, where a derivative is 0 everywhere": "ceil floor rint round sign trunc",
    "it takes one triangle for the matrix, and its gradient is not symmetric": "eigh mirrored",
}
"""Ops about which HIPS autograd is not asked, by reason."""

BEYOND_COMPLEX_STEP = {
    "NumPy has no complex form": """arctan2 cbrt ceil copysign deg2rad floor floor_divide fmod fractional heaviside
        hypot i0 ldexp logaddexp logaddexp2 nextafter rad2deg remainder scatter softplus trunc""",
    "it is made real": "astype",
    "NumPy continues it with absolute values or conjugates": """abs cholesky eigh log_abs_det minors mirrored norm pinv
        qr sign std svd var""",
}
"""Ops about which the complex step is not asked, by reason."""


def names(reasons):
    return {name for text in reasons.values() for name in text.split()}


def by_autograd(row, u):
    """The gradients of a row by HIPS autograd."""
    pullback, _ = make_vjp(lambda xs: row.evaluated(anp, xs))(tuple(row.variables))
    return pullback(np.asarray(u))


def by_complex_step(row, u):
    """The gradients of <u, f(x)>, to rounding, from the imaginary parts of f at x + 1e-30 i."""
    x_bars = [np.zeros(np.shape(x)) for x in row.variables]
    for k, x_bar in enumerate(x_bars):
        for index in np.ndindex(x_bar.shape):
            moved = [np.array(x, complex) for x in row.variables]
            moved[k][index] += 1e-30j
            x_bar[index] = np.sum(u * np.imag(row.evaluated(np, moved))) / 1e-30
    return x_bars


def answers(judge, op):
    """Our gradients and the judge's for those samples of an op that the judge can differentiate."""
    for row in (row for row in DIFFERENTIABLE if row.op is op):
        applied = row.applied()
        u = applied.cotangent()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # autograd says so that a result is independent of an input
                theirs = judge(row, u)
        except Exception:  # what it raises where it has no rule, or a rule that has an error, is of every kind
            continue
        yield row, gradients(applied.out, applied.leaves, u), theirs


def asked_of(judge):
    """The ops about which a judge is asked: those whose source is NumPy's alone, but for the ones named above."""
    beyond = names(BEYOND_AUTOGRAD if judge is by_autograd else BEYOND_COMPLEX_STEP)
    return [op for op in OPS if op.name not in beyond and not op.imports]


@pytest.mark.parametrize("op", asked_of(by_autograd), ids=lambda op: op.name)
def test_gradients_are_those_of_autograd(op):
    agree(op, by_autograd)


@pytest.mark.parametrize("op", asked_of(by_complex_step), ids=lambda op: op.name)
def test_gradients_are_those_of_the_complex_step(op):
    agree(op, by_complex_step)


def agree(op, judge):
    judged = list(answers(judge, op))
    assert any(np.size(x) for row, *_ in judged for x in row.variables), f"{op.name} is beyond the judge: say why above"
    for row, ours, theirs in judged:
        for x_bar, wanted in zip(ours, theirs):
            same(x_bar, wanted, row.source(), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(
    ("judge", "name"),
    [(by_autograd, name) for name in sorted(names(BEYOND_AUTOGRAD))]
    + [(by_complex_step, name) for name in sorted(names(BEYOND_COMPLEX_STEP))],
)
def test_a_judge_that_is_not_asked_has_no_right_answer(judge, name):
    [op] = [op for op in OPS if op.name == name]
    answered = [all(map(np.allclose, ours, theirs)) for _, ours, theirs in answers(judge, op) if np.size(ours[0])]
    assert not answered or not all(answered)
