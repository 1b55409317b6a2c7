"""The modules of tinygrad_dnn.scipy against SciPy: values, gradients, signatures, limits, messages."""

import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest
import scipy.integrate as si
import scipy.linalg as sl
import scipy.signal as ss
import scipy.special as sp
import scipy.stats as st

from tinygrad_dnn import DetachedError, Tensor, check_grads, grad, jit, value_and_grad
from tinygrad_dnn.scipy import integrate, linalg, signal, special, stats

from ..cases import ORDER, one_test_for_each

rng = np.random.default_rng(0)


def R(*shape):
    return rng.standard_normal(shape)


def P(*shape):
    return R(*shape) ** 2 + 1.1


@pytest.fixture(autouse=True)
def _numbers_of_its_own():
    """Give every test the same numbers, whichever ran before it."""
    rng.bit_generator.state = np.random.default_rng(0).bit_generator.state


def U(*shape):
    return rng.uniform(0.05, 0.95, shape)


def agree(ours, theirs, args, by=None, order=2):
    """The value is SciPy's, and the gradient by the arguments at the places `by` that of finite differences."""
    np.testing.assert_allclose(ours(*args), theirs(*args), rtol=1e-11, atol=1e-13)
    places = range(len(args)) if by is None else by

    def varied(*xs):
        given = list(args)
        for i, x in zip(places, xs):
            given[i] = x
        return ours(*given)

    check_grads(varied, [args[i] for i in places], order=order)


DENSITIES = [
    ("norm", [R(4, 3), R(1, 3), P(4, 1)], "pdf logpdf", None),
    ("norm", [R(4), R(4), P(4)], "cdf sf logcdf logsf", None),
    ("norm", [U(4), R(4), P(4)], "ppf isf", None),
    ("t", [R(4), P(4) + 1, R(4), P(4)], "pdf logpdf", None),
    ("t", [R(4), P(4) + 1, R(4), P(4)], "cdf sf logcdf", [0, 2, 3]),
    ("t", [U(4), 3.0], "ppf isf", [0]),
    ("chi2", [P(4), P(4)], "pdf logpdf", None),
    ("chi2", [P(4), 3.0], "cdf sf", [0]),
    ("beta", [U(4), P(4), P(4)], "pdf logpdf", None),
    ("beta", [U(4), P(4), P(4)], "cdf sf ppf", [0]),
    ("gamma", [P(4), P(4)], "pdf logpdf", None),
    ("gamma", [P(4), 2.5, 0.1, P(4)], "cdf sf logcdf", [0, 3]),
    ("cauchy", [R(4), R(4), P(4)], "pdf cdf sf logcdf", None),
    ("laplace", [R(4), R(4), P(4)], "pdf cdf sf logsf", None),
    ("logistic", [R(4), R(4), P(4)], "pdf cdf sf logcdf logsf", None),
    ("gumbel_r", [R(4), R(4), P(4)], "pdf cdf sf logcdf", None),
    ("vonmises", [R(4), P(4)], "pdf logpdf", None),
    ("uniform", [U(4)], "pdf cdf sf ppf", None),
    ("invgamma", [P(4), P(4)], "pdf logpdf", None),
    ("invgamma", [P(4), 2.5, 0.1, P(4)], "cdf sf", [0, 3]),
    ("expon", [P(4), 0.5, P(4)], "pdf cdf sf logsf logcdf", [0, 2]),
    ("halfnorm", [P(4)], "pdf cdf sf", None),
    ("lognorm", [P(4), P(4)], "pdf logpdf cdf sf logcdf", None),
    ("lognorm", [U(4), P(4)], "ppf", None),
    ("weibull_min", [P(4), P(4)], "pdf cdf sf logsf", None),
    ("pareto", [P(4) + 1, P(4)], "pdf cdf sf logsf", None),
    ("bernoulli", [np.array([0.0, 1, 1]), U(3)], "pmf logpmf", [1]),
    ("poisson", [np.round(P(4, 3)), P(4, 1)], "pmf logpmf cdf sf", [1]),
    ("nbinom", [np.round(P(4)), P(4), U(4)], "pmf logpmf", [1, 2]),
    ("nbinom", [np.round(P(4)), 3.0, U(4)], "cdf sf", [2]),
    ("geom", [np.round(P(4)), U(4)], "pmf logpmf cdf sf", [1]),
    ("binom", [np.round(P(4)), 9.0, U(4)], "pmf logpmf", [2]),
]
CASES = [(name, f, args, by) for name, args, functions, by in DENSITIES for f in functions.split()]


@pytest.mark.parametrize(("name", "f", "args", "by"), CASES, ids=[f"{name}.{f}" for name, f, _, _ in CASES])
def test_distributions(name, f, args, by):
    agree(getattr(getattr(stats, name), f), getattr(getattr(st, name), f), args, by, order=2 if "log" in f else 1)


@pytest.mark.parametrize("name", ["gamma", "beta", "expon", "uniform", "lognorm", "pareto", "halfnorm", "invgamma"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning:scipy")
def test_ends_of_the_support(name):
    x, shapes = np.array([-np.inf, -1.0, 0.0, 0.5, 2.0, np.inf]), {"beta": (1.0, 1.0), "gamma": (1.0,)}
    args = shapes.get(name, (2.0,) * len(getattr(st, name).shapes or ""))
    for f in ("logpdf", "pdf", "cdf", "sf"):
        np.testing.assert_allclose(getattr(getattr(stats, name), f)(x, *args), getattr(getattr(st, name), f)(x, *args))
    assert np.isfinite(grad(lambda x: np.sum(getattr(stats, name).pdf(x, *args)))(x[1:-1])).all()


@pytest.mark.parametrize(("name", "args"), [("poisson", (2.0,)), ("nbinom", (3, 0.4)), ("geom", (0.3,)), ("binom", (5, 0.3))])
def test_whole_numbers_alone_have_a_probability(name, args):
    k = np.array([-1, 0, 1, 1.5, 3, 20.0])
    for f in ("pmf", "cdf", "sf"):
        np.testing.assert_allclose(getattr(getattr(stats, name), f)(k, *args), getattr(getattr(st, name), f)(k, *args))


def test_frozen_distributions_and_what_is_scipys():
    assert grad(lambda s: stats.norm(0.2, scale=s).logpdf(0.3))(1.5) == pytest.approx(-1 / 1.5 + 0.01 / 1.5**3)
    assert stats.norm(1, 2).rvs(3, random_state=0).tolist() == st.norm(1, 2).rvs(3, random_state=0).tolist()
    assert stats.norm.fit(np.arange(3.0)) == st.norm.fit(np.arange(3.0))
    assert grad(lambda s: stats.norm.entropy(0.0, s))(2.0) == 0.5
    assert np.isnan(stats.norm.logpdf(0.0, 0.0, Tensor(-1.0)).item())
    with pytest.raises(TypeError, match=r"gamma: takes a, loc, scale after its first argument; got .*'b'"):
        stats.gamma.logpdf(1.0, b=2.0)


def symmetric(f, place):
    def called(*args):
        args = list(args)
        args[place] = (args[place] + args[place].T) / 2
        return f(*args)

    return called


S = (lambda m: m.T @ m + np.eye(4))(R(4, 4))


@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 3, 4)])
@pytest.mark.parametrize("f", ["pdf", "logpdf"])
def test_multivariate_normal(shape, f):
    ours, theirs = getattr(stats.multivariate_normal, f), getattr(st.multivariate_normal, f)
    agree(symmetric(ours, 2), symmetric(theirs, 2), [R(*shape), R(4), S])


def test_multivariate_normal_of_other_covariances():
    ours, theirs = stats.multivariate_normal, st.multivariate_normal
    agree(ours.logpdf, theirs.logpdf, [R(5)])
    agree(lambda x, c: ours.logpdf(x, cov=c), lambda x, c: theirs.logpdf(x, cov=c), [R(5), np.array(2.0)])
    agree(ours.logpdf, theirs.logpdf, [R(5, 3), R(3), np.array([0.5, 1.0, 2.0])])
    agree(symmetric(ours.entropy, 1), symmetric(theirs.entropy, 1), [R(4), S], [1])
    flat = np.diag([1.0, 2.0, 0.0])
    for x in (np.array([0.3, 0.1, 0.0]), np.array([[0.3, 0.1, 0.0], [1.0, 1.0, 0.0]])):
        density = lambda x, d=ours: d.logpdf(x * [1, 1, 0], None, flat, True)  # noqa: E731
        agree(density, lambda x: theirs.logpdf(x, None, flat, True), [x])


def test_dirichlet_and_multinomial():
    alpha, x = P(4), st.dirichlet.rvs(np.ones(4), 5, random_state=0)
    agree(
        lambda x, a: stats.dirichlet.logpdf(x / np.sum(x), a),
        lambda x, a: st.dirichlet.logpdf(x / x.sum(), a),
        [x[0], alpha],
    )
    agree(lambda a: stats.dirichlet.pdf(x.T, a), lambda a: st.dirichlet.pdf(x.T, a), [alpha])
    agree(lambda a: stats.dirichlet.logpdf(x.T[:-1], a), lambda a: st.dirichlet.logpdf(x.T[:-1], a), [alpha])
    counts = np.array([[1, 2, 3], [2, 2, 2]])
    ours, theirs = (lambda p, m=m: m.multinomial.logpmf(counts, 6, p / np.sum(p)) for m in (stats, st))
    agree(ours, theirs, [U(3)])


A, B = R(3, 3) + 3 * np.eye(3), R(3, 2)
LINALG = {
    "solve_triangular T": (lambda m: lambda a, b: m.solve_triangular(a, b, trans="T", lower=True), [A, B]),
    "solve_triangular unit": (lambda m: lambda a, b: m.solve_triangular(a, b, 1, unit_diagonal=True), [A, B[:, 0]]),
    "cho_solve": (lambda m: symmetric(lambda a, b: m.cho_solve(m.cho_factor(a), b), 0), [S, R(4)]),
    "cho_solve lower": (lambda m: symmetric(lambda a, b: m.cho_solve(m.cho_factor(a, True), b), 0), [S, R(4, 2)]),
    "cholesky": (lambda m: symmetric(m.cholesky, 0), [S]),
    "cholesky lower": (lambda m: symmetric(lambda a: m.cholesky(a, lower=True), 0), [S]),
    "solve": (lambda m: m.solve, [A, B]),
    "solve transposed": (lambda m: lambda a, b: m.solve(a, b, transposed=True), [A, B]),
    "solve pos": (lambda m: symmetric(lambda a, b: m.solve(a, b, assume_a="pos"), 0), [S, R(4)]),
    "solve_banded": (lambda m: lambda a, b: m.solve_banded((2, 1), a, b), [R(4, 6) + 5 * np.eye(4)[:, [1]], R(6)]),
    "solve_banded upper": (
        lambda m: lambda a, b: m.solve_banded((0, 2), a, b),
        [R(3, 6) + 5 * np.eye(3)[:, [2]], R(6, 2)],
    ),
    "solve_sylvester": (lambda m: m.solve_sylvester, [A, R(2, 2) + 3 * np.eye(2), B]),
    "solve_continuous_lyapunov": (lambda m: m.solve_continuous_lyapunov, [A, R(3, 3)]),
    "expm": (lambda m: m.expm, [A]),
    "expm of a stack": (lambda m: m.expm, [R(2, 3, 3)]),
    "logm": (lambda m: m.logm, [S]),
    "sqrtm": (lambda m: m.sqrtm, [S]),
    "inv": (lambda m: m.inv, [A]),
    "det": (lambda m: m.det, [A]),
    "svdvals": (lambda m: m.svdvals, [A]),
    "norm": (lambda m: m.norm, [A]),
    "eigvalsh": (lambda m: symmetric(m.eigvalsh, 0), [S]),
    "eigh": (lambda m: symmetric(lambda a: m.eigh(a)[0], 0), [S]),
    "qr": (lambda m: lambda a: m.qr(a, mode="economic")[1], [R(4, 3)]),
    "svd": (lambda m: lambda a: m.svd(a)[1], [A]),
    "block_diag": (lambda m: m.block_diag, [R(2, 3), R(1, 2), R(3)]),
    "toeplitz": (lambda m: m.toeplitz, [R(3), R(4)]),
    "toeplitz symmetric": (lambda m: m.toeplitz, [R(3)]),
    "hankel": (lambda m: m.hankel, [R(3), R(4)]),
    "circulant": (lambda m: m.circulant, [R(4)]),
}


@pytest.mark.parametrize("name", LINALG)
def test_linear_algebra(name):
    called, args = LINALG[name]
    agree(called(linalg), called(sl), args)


def test_a_complex_result_is_refused():
    with pytest.raises(ValueError, match=r"sqrtm.*complex for a matrix with eigenvalues below 0"):
        linalg.sqrtm(Tensor(np.diag([1.0, -1.0])))


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("m", "n"), [((6,), (3,)), ((3,), (6,)), ((4, 5), (2, 3)), ((4, 3), (4, 1)), ((5,), (4,))])
@pytest.mark.parametrize("f", ["convolve", "correlate"])
def test_convolution(f, mode, m, n):
    agree(lambda a, b: getattr(signal, f)(a, b, mode), lambda a, b: getattr(ss, f)(a, b, mode), [R(*m), R(*n)], order=1)


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
@pytest.mark.parametrize("keepdims", [True, False])
def test_logsumexp(axis, keepdims):
    called = lambda m: lambda x, b: m.logsumexp(x, axis=axis, b=b, keepdims=keepdims)  # noqa: E731
    agree(called(special), called(sp), [R(3, 4), U(3, 4)])
    signed = lambda m: lambda x, b: m.logsumexp(x, axis, b, keepdims, True)[0]  # noqa: E731
    agree(signed(special), signed(sp), [R(3, 4), R(3, 4)])
    agree(lambda x: special.softmax(x, axis), lambda x: sp.softmax(x, axis), [R(3, 4)])
    assert special.logsumexp(np.array([-np.inf, 1e4]), b=[1.0, 0.0]) == -np.inf


@pytest.mark.parametrize("n", [0, 1, 2, np.array([0, 1, 2, 1])])
def test_polygamma(n):
    agree(lambda x: special.polygamma(n, x), lambda x: sp.polygamma(n, x), [P(4)])


def test_other_special_functions():
    for d in (1, 2, 3):
        agree(lambda a, d=d: special.multigammaln(a, d), lambda a, d=d: sp.multigammaln(a, d), [4 + U(2, 3)])
    agree(special.comb, sp.comb, [5 + U(3), 1 + U(3)])
    agree(special.factorial, sp.factorial, [P(3)])
    assert special.gammaln is sp.gammaln
    assert float(special.comb(5, 2, exact=True)) == 10


def field(y, t, a, b):
    return -np.sqrt(t) - y + a["pull"] - np.mean((y + b) ** 2)


def test_what_an_equation_depends_on_is_an_argument():
    with pytest.raises(DetachedError, match="odeint: func depends on a Tensor from outside; give it by args="):
        grad(lambda k: integrate.odeint(lambda y, t: -k * y, np.ones(1), np.arange(2.0))[1, 0])(0.5)
    with pytest.raises(DetachedError, match="and give what it depends on by args="):
        grad(lambda k: si.solve_ivp(lambda t, y: -k * y, (0, 1), [1.0]).y[0, -1])(0.5)


def test_odeint():
    tight, t = {"rtol": 1e-12, "atol": 1e-12}, np.linspace(0.1, 0.4, 4)  # finite differences see its steps
    called = lambda m: lambda y, t, a, b: m.odeint(field, y, t, ({"pull": a}, b), **tight)  # noqa: E731
    agree(called(integrate), called(si), [R(3), t, R(3), R(3)], order=1)
    first = lambda y, a: integrate.odeint(lambda t, y, a: [a * y[1], -y[0]], y, t, a, tfirst=True, **tight)  # noqa: E731
    check_grads(first, [R(2), 0.7], order=ORDER)


def functions(module):
    """The names of the functions that a module defines for users."""
    found = {name: f for name, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__}
    return [name for name in found if not name.startswith("_")]


SAME = [(ours, theirs, n) for ours, theirs in [(special, sp), (linalg, sl), (signal, ss)] for n in functions(ours)]


@one_test_for_each("ours, theirs, name", {"all": SAME}, lambda case: case[2])
def test_signatures_begin_as_scipys(ours, theirs, name):
    if name == "softplus" and not hasattr(theirs, name):
        return
    here, there = (list(inspect.signature(getattr(m, name)).parameters) for m in (ours, theirs))
    needed = [k for k, p in inspect.signature(getattr(ours, name)).parameters.items() if p.default is p.empty]
    assert here[: len(needed)] == there[: len(needed)] or name in ("block_diag", "cho_solve", "circulant")


@pytest.mark.parametrize(
    "f",
    [sp.logsumexp, sl.expm, lambda t: sl.solve_triangular(t, t), lambda t: ss.convolve(t, t), st.norm.logpdf],
)
def test_scipys_own_functions_say_where_to_look(f):
    with pytest.raises(DetachedError, match=r"would silently lose its gradient; .*see tinygrad_dnn\.scipy"):
        f(Tensor(np.eye(2) + 1))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_a_gaussian_process_compiled(backend):
    pytest.importorskip(backend)
    x = np.linspace(0, 3, 12)
    y = np.sin(2 * x)

    def cost(theta):
        k = np.exp(theta[0] - (x[:, None] - x) ** 2 / 2 * np.exp(-theta[1])) + np.exp(theta[2]) * np.eye(12)
        factor = linalg.cho_factor(k, lower=True)
        return y @ linalg.cho_solve(factor, y) / 2 + np.sum(np.log(np.diagonal(factor[0])))

    f = value_and_grad(cost)
    program = jit(f, backend=backend)
    for theta in (np.array([0.1, -0.5, -2.0]), np.array([0.5, 0.2, -1.0])):
        np.testing.assert_allclose(program(theta)[1], f(theta)[1], rtol=1e-9)
        check_grads(cost, [theta], order=1)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: sp.logsumexp(Tensor([1.0, 2.0])), "special.logsumexp"),
        (lambda: sl.solve_triangular(np.eye(2), Tensor([1.0, 2.0])), "linalg.solve_triangular"),
        (lambda: st.norm.logpdf(Tensor([1.0, 2.0])), "stats.norm"),
        (lambda: st.multivariate_normal.logpdf(Tensor([1.0, 2.0]), [0, 0]), "stats.multivariate_normal"),
        (lambda: ss.fftconvolve(Tensor([1.0, 2.0]), np.ones(2)), "signal.fftconvolve"),
    ],
)
def test_a_function_of_scipys_is_refused_with_the_full_name_of_ours(call, named):
    with pytest.raises(DetachedError, match=rf"here: see tinygrad_dnn\.scipy\.{named}, which takes Tensors;"):
        call()


def test_a_function_that_only_scipy_has_is_refused_with_the_way_out():
    with pytest.raises(DetachedError, match=r"see tinygrad_dnn\.scipy, or wrap .* tinygrad_dnn\.numerical"):
        ss.hilbert(Tensor([1.0, 2.0]))


@pytest.mark.parametrize(
    ("a", "b", "options"),
    [
        ((2, 5), (2, 3), {"axes": 1}),
        ((2, 5), (1, 3), {"axes": -1, "mode": "same"}),
        ((1, 5), (4, 3), {"axes": [1], "mode": "valid"}),
        ((3, 4, 5), (2, 4, 3), {"axes": (0, 2), "mode": "same"}),
    ],
)
def test_a_convolution_along_some_axes(a, b, options):
    agree(lambda x, y: signal.fftconvolve(x, y, **options), lambda x, y: ss.fftconvolve(x, y, **options), [R(*a), R(*b)])


def test_the_page():
    page = Path(__file__).parents[2] / "docs" / "scipy.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 10
    assert found.failed == 0
