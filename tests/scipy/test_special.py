"""Functions of scipy.special on Tensors: right to the digits at hard points, dtypes, messages, programs."""

import subprocess
import sys

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp

from tinygrad_dnn import NoRuleError, Tensor, derive, grad, gradients, jit, value_and_grad
from tinygrad_dnn.scipy import TABLE

X = np.linspace(0.5, 3.0, 7)

HARD = {
    "gammaln": (mp.loggamma, [1e-10, 1.0, 1.4616, 2.0, 1e8, 1e100]),
    "gamma": (mp.gamma, [-1.5, 1e-8, 3.0, 100.0]),
    "rgamma": (mp.rgamma, [-30.0, -3.0, -2.0, -1.5, -1.0, 0.0, 0.49, 0.5, 1.0, 20.0]),
    "psi": (mp.digamma, [-0.5, 1e-5, 1.0, 1e5, 1e15]),
    "erf": (mp.erf, [-5.0, 1e-20, 3.0]),
    "erfc": (mp.erfc, [-5.0, 5.0]),
    "erfcx": (lambda x: mp.exp(x**2) * mp.erfc(x), [-5.0, 0.0, 1.0, 5.0, 51.0, 1e3]),
    "dawsn": (lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-(x**2)) * mp.erfi(x), [-60.0, 0.0, 1.0, 5.0, 51.0]),
    "erfinv": (mp.erfinv, [-0.999999, 1e-10, 0.5]),
    "ndtr": (mp.ncdf, [-30.0, -1.0, 0.0, 5.0]),
    "log_ndtr": (lambda x: mp.log(mp.ncdf(x)), [-100.0, -5.0, -1e-9, 0.0, 1e-9, 3.0, 8.0]),
    "ndtri": (lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1), [1e-10, 0.51, 0.999]),
    "i0e": (lambda x: mp.besseli(0, x) * mp.exp(-abs(x)), [-1e3, -3.0, 3.0, 99.0, 101.0, 1e6]),
    "i1e": (lambda x: mp.besseli(1, x) * mp.exp(-abs(x)), [-1e3, -3.0, 3.0, 99.0, 101.0, 1e6]),
    "k0e": (lambda x: mp.besselk(0, x) * mp.exp(x), [0.01, 3.0, 50.0, 101.0, 1e6]),
    "k1e": (lambda x: mp.besselk(1, x) * mp.exp(x), [0.01, 3.0, 50.0, 101.0, 1e6]),
    "j1": (lambda x: mp.besselj(1, x), [-3.0, 0.0, 50.0]),
    "i1": (lambda x: mp.besseli(1, x), [-3.0, 0.0, 50.0]),
    "logit": (lambda p: mp.log(p / (1 - p)), [1e-20, 0.51, 1 - 1e-10]),
    "log_expit": (lambda x: -mp.log1p(mp.exp(-x)), [-700.0, -1.0, 0.0, 30.0]),
    "exprel": (lambda x: mp.expm1(x) / x, [-300.0, -1.0, 1e-8, 20.0]),
    "entr": (lambda x: -x * mp.log(x), [1e-300, 0.3, 100.0]),
    "expi": (mp.ei, [-2.0, 0.1, 50.0]),
    "erfi": (mp.erfi, [-3.0, 0.0, 5.0]),
    "spence": (lambda x: mp.polylog(2, 1 - x), [0.1, 0.999999, 1.0, 1.0001, 100.0]),
    "ellipk": (mp.ellipk, [-30.0, -1e-9, 0.0, 1e-9, 0.5, 1 - 1e-8]),
    "ellipe": (mp.ellipe, [-30.0, -1e-9, 0.0, 1e-9, 0.5, 1 - 1e-8]),
    "sindg": (lambda x: mp.sin(mp.radians(x)), [-30.0, 0.0, 123.0]),
    "cosdg": (lambda x: mp.cos(mp.radians(x)), [0.0, 123.0]),
    "tandg": (lambda x: mp.tan(mp.radians(x)), [0.0, 89.0]),
}
"""Functions of one number with their definition, and points where a plain rule loses digits."""


@pytest.mark.parametrize(("name", "x"), [(name, x) for name, (_, points) in HARD.items() for x in points])
def test_first_and_second_derivatives_have_all_digits(name, x):
    definition, slope = HARD[name][0], grad(getattr(sp, name))
    h = mp.mpf("1e-16") * (abs(mp.mpf(x)) or 1)
    for order, f in ((1, slope), (2, grad(slope))):
        with mp.workdps(25):  # `diff` works with three times as many
            expected = float(mp.re(mp.diff(definition, mp.mpf(x), order, h=h)))
        assert float(f(x)) == pytest.approx(expected, rel=2e-11, abs=1e-30)


@pytest.mark.parametrize(("a", "b"), [(1e8, 1.0), (1e8, 1e-3), (3.0, 1e-9), (1e-9, 1e9), (1e300, 2.0), (2.0, 40.0)])
def test_slopes_of_the_beta_function_do_not_cancel(a, b):
    found = gradients(sp.betaln(*(ab := [Tensor(a), Tensor(b)])), ab)
    with mp.workdps(360):
        expected = [mp.digamma(x) - mp.digamma(mp.mpf(a) + mp.mpf(b)) for x in (mp.mpf(a), mp.mpf(b))]
    np.testing.assert_allclose(np.array(found), np.array(expected, float), rtol=1e-14)


@pytest.mark.parametrize("f", [sp.xlogy, sp.rel_entr, sp.kl_div, lambda x, y: sp.xlog1py(x, y - 1)])
def test_a_factor_of_0_leaves_a_gradient_of_0(f):
    p, q = np.array([0.0, 0.0, 0.3]), Tensor([0.0, 0.5, 0.7])
    [q_bar] = gradients(np.sum(f(p, q)), [q])
    assert q_bar[1] == (f is sp.kl_div)
    assert np.isfinite(q_bar).all()


@pytest.mark.parametrize("name", ["i0e", "i1e", "k0e", "k1e", "erfcx", "dawsn", "ndtr", "expit", "log_expit", "erf"])
@pytest.mark.parametrize("x", [np.inf, -np.inf])
def test_where_a_function_is_level_at_infinity_its_slope_is_0(name, x):
    f = getattr(sp, name)
    if np.isfinite(f(x)) and abs(f(x) - f(np.sign(x) * 1e300)) < 1e-100:
        assert grad(f)(x) == 0


@pytest.mark.parametrize("name", ["expit", "expm1", "log1p", "cbrt", "exp2", "round"])
def test_functions_that_numpy_has_too_are_its_ops(name):
    f = getattr(sp, name)
    np.testing.assert_allclose(f(Tensor(X)).numpy(), f(X), rtol=1e-15)
    assert f(Tensor(X)).op not in TABLE


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_of_the_value_is_scipys_and_that_of_the_gradient_the_tensors(dtype):
    x = Tensor(X.astype(dtype))
    for f in (sp.gammaln, sp.erf, sp.log_ndtr, sp.i0e, lambda x: sp.jv(2, x), lambda x: sp.betaln(x, x)):
        y = f(x)
        assert y.dtype == f(x.detach()).dtype
        assert gradients(np.sum(y), [x])[0].dtype == dtype


def test_a_function_without_a_rule_says_its_name_and_the_way_out():
    with pytest.raises(NoRuleError, match=r"^scipy\.special\.ellipkm1 has no .* tinygrad_dnn\.primitive, or.*detach"):
        sp.ellipkm1(Tensor(X))


@pytest.mark.parametrize(
    ("f", "name"),
    [(lambda a: sp.jv(a, 2.0), "jv .* v"), (lambda a: sp.gammainc(a, X), "gammainc .* a"),
     (lambda a: sp.betainc(1.0, a, 0.5), "betainc .* b")],
)  # fmt: skip
def test_an_argument_without_a_rule_is_refused_and_is_no_gradient_of_0(f, name):
    with pytest.raises(NoRuleError, match=rf"scipy\.special\.{name};.*"):
        grad(lambda a: np.sum(f(a)))(1.5)


def cost(a, b):
    return np.mean(sp.gammaln(a) + sp.betaln(a, b) - sp.xlogy(a, b) + sp.log_ndtr(a) * sp.erf(b) + sp.iv(2, a))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", [pytest.param(np.float32, marks=pytest.mark.slow), np.float64])
def test_programs_compute_the_same(backend, dtype):
    pytest.importorskip(backend)
    a, b = X.astype(dtype), (X + 1).astype(dtype)
    f = value_and_grad(cost, (0, 1))
    program = jit(f, backend=backend)
    for args in ((a, b), (b, a)):
        (value, found), (expected, wanted) = program(*args), f(*args)
        assert value == pytest.approx(expected, rel=1e-5 if dtype == np.float32 else 1e-14)
        for x, y in zip(found, wanted):
            np.testing.assert_allclose(x, y, rtol=1e-4 if dtype == np.float32 else 1e-12)
            assert x.dtype == y.dtype == dtype


def test_formulas_are_written_as_in_books():
    a = Tensor(X, name="gamma")
    found = derive(np.sum(sp.gammaln(a) - sp.iv(2, a)), a)
    assert "psi(gamma)" in found.text
    assert r"\psi\left(\gamma\right)" in found.latex
    assert "I_{1}" in found.latex
    assert "from scipy import special" in found.numpy
    np.testing.assert_allclose(found.run()["dgamma"], sp.psi(X) - sp.ivp(2, X), rtol=1e-13)


PROGRAM = """
import sys
import tinygrad_dnn
assert "scipy" not in sys.modules and "tinygrad_dnn.scipy" not in sys.modules
import scipy.special as sp
t = tinygrad_dnn.Tensor(2.0)
{}
sp.psi(t).backward()
print(t.grad)
"""
OWN = "tinygrad_dnn.primitive(sp.psi, vjp=lambda y_bar, y, x: 7 * y_bar)"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("", float(sp.zeta(2, 2))),
        pytest.param(OWN, 7.0, marks=pytest.mark.slow),
        pytest.param(f"{OWN}; sp.erf(t)", 7.0, marks=pytest.mark.slow),
        (f"sp.erf(t); {OWN}", 7.0),
    ],
)
def test_rules_are_found_at_the_first_use_and_a_rule_of_ones_own_wins(first, expected):
    run = subprocess.run([sys.executable, "-c", PROGRAM.format(first)], capture_output=True, text=True, check=True)
    assert float(run.stdout) == pytest.approx(expected)
