"""Values and gradients of every op that PyTorch and JAX have, by them."""

import warnings

import numpy as np
import pytest

from tests.ops.table import DIFFERENTIABLE, OPS, same
from tinygrad_dnn import gradients

from .judges import by_jax, by_torch

pytestmark = pytest.mark.peers

NEITHER = """
    binom betaincinv cosdg cosm1 ellipe ellipk erfcinv erfi exp10 exprel gammainccinv gammaincinv huber inv_boxcox iv
    ive jv kv kve log_expit hyperu logm ndtri_exp pseudo_huber psi_step rgamma sindg solve_banded stdtr stdtrit tandg
    yv
"""
NO_FUNCTION, NO_DERIVATIVE = "it has no such function", "it has no derivative of it"
HALF = "its source reads one half of a symmetric matrix, and the gradient is that of the half"
BEYOND_JAX = {
    NO_FUNCTION: f"{NEITHER} j0 j1 k0 k0e k1 k1e y0 y1",
    NO_DERIVATIVE: "nextafter solve_sylvester sqrtm",
    HALF: "mirrored",
    "it is nan where all entries are the same": "std",
}
BEYOND_TORCH = {
    NO_FUNCTION: f"""
        {NEITHER} astype beta betainc betaln boxcox boxcox1p cbrt convolve convolve_all dawsn exp1 expi gamma
        gammasgn hyp1f1 hyp2f1 j0 j1 k0 k0e k1 k1e kl_div loggamma minors poch rel_entr scatter solve_sylvester
        spence spread sqrtm y0 y1
    """,
    NO_DERIVATIVE: "floor_divide heaviside",
    HALF: "mirrored",
    "its singular vectors have other signs": "svd",
}
"""Ops about which they are not asked, by reason."""

COARSE = {(by_torch, "gammainc"): 1e-7, (by_torch, "gammaincc"): 1e-7}
"""The relative accuracy of a judge's function, where it is below that of the others."""


def names(reasons):
    return {name for text in reasons.values() for name in text.split()}


def ops_without(reasons):
    return pytest.mark.parametrize("op", [op for op in OPS if op.name not in names(reasons)], ids=lambda op: op.name)


@ops_without(BEYOND_JAX)
def test_jax_agrees(op):
    agree(op, by_jax)


@ops_without(BEYOND_TORCH)
def test_pytorch_agrees(op):
    agree(op, by_torch)


def agree(op, judge):
    answers = list(answered(op, judge))
    assert any(np.size(x) for row, *_ in answers for x in row.variables), f"{op.name} is beyond the judge: say why above"
    coarse = COARSE.get((judge, op.name), 0.0)
    for row, ours, theirs in answers:
        same(ours[0], theirs[0], row.source(), rtol=max(1e-10, coarse), atol=1e-11)
        for x_bar, wanted in zip(ours[1], theirs[1]):
            same(x_bar, wanted, row.source(), rtol=max(1e-9, coarse), atol=1e-10)


def answered(op, judge):
    """Value and gradients, ours and theirs, for the samples that the judge can differentiate."""
    for row in (row for row in DIFFERENTIABLE if row.op is op):
        applied = row.applied()
        u = applied.cotangent()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                theirs = judge(row, np.asarray(u))
        except Exception:  # what they raise where they have no such form of a function is of every kind
            continue
        yield row, (applied.out.numpy(), gradients(applied.out, applied.leaves, u)), theirs


@pytest.mark.parametrize(
    ("judge", "name"),
    [(by_jax, name) for name in sorted(names(BEYOND_JAX))] + [(by_torch, name) for name in sorted(names(BEYOND_TORCH))],
)
def test_a_judge_that_is_not_asked_has_no_right_answer(judge, name):
    [op] = [op for op in OPS if op.name == name]
    right = [all(map(np.allclose, ours[1], theirs[1])) for _, ours, theirs in answered(op, judge) if np.size(ours[0])]
    assert not right or not all(right)
