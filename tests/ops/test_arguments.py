"""Arguments: what NumPy refuses is refused, what it takes for granted may be said, and nothing is passed over."""

import dis
import inspect
import warnings

import numpy as np
import pytest

from tinygrad_dnn import NoRuleError, Tensor, check_grads
from tinygrad_dnn.core.protocol import implementations

from ..cases import one_test_for_each

A = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]])
V = np.array([3.0, 1.0, 2.0])
MASK = A > 0
OPERANDS = {"a": A, "v": V, "s": np.float64(2.0), "S": np.array([[2.0, 1.0], [1.0, 3.0]])}


def calls(text):
    return [call.strip() for line in text.strip().splitlines() for call in line.split(";")]


def evaluated(call, operands):
    return eval(call, {"np": np, "mask": MASK, **operands})


def on_tensors(call):
    return evaluated(call, {name: Tensor(x) for name, x in OPERANDS.items()})


def plain(y):
    return y.numpy() if isinstance(y, Tensor) else y


# --- no argument is passed over


def adapters():
    """What stands for a NumPy function and is written in Python, with the names of its own parameters."""
    for adapter in map(inspect.unwrap, implementations.values()):
        if inspect.isfunction(adapter) and adapter.__module__.startswith("tinygrad_dnn.ops"):
            yield adapter


def unread(function):
    """The parameters of a function that none of its instructions loads."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    loaded = {i.argval for i in dis.get_instructions(code) if i.opname.startswith("LOAD_")}
    pairs = {name for i in dis.get_instructions(code) if isinstance(i.argval, tuple) for name in i.argval}
    inner = {name for constant in code.co_consts if inspect.iscode(constant) for name in constant.co_freevars}
    return [name for name in code.co_varnames[:count] if name not in loaded | inner | pairs]


@one_test_for_each("adapter", {"all": [*adapters()]})
def test_every_parameter_is_read(adapter):
    refusing = adapter.__name__ == "at"  # refuses whatever it is given
    assert refusing or not unread(adapter)


def test_a_parameter_that_is_not_read_is_found():
    def function(a, out=None, *, axis=0, keepdims=False):
        return (lambda: axis + 1)(), keepdims, a

    assert unread(function) == ["out"]


# --- what NumPy refuses

ILLEGAL = """
np.linalg.matrix_power(S, 1.5); np.linalg.matrix_power(S, 2.5); np.bincount(np.array([-1, 0, 1]), weights=v)
np.bincount(np.array([[0, 1, 2]]), weights=v); np.bincount(np.array([0, 1, 2]), weights=v, minlength=-3)
np.bincount(np.array([0, 1]), weights=v); np.interp(v, [0, 1], [1.0, 2.0, 3.0]); np.interp(v, [], [])
np.digitize(v, [1.0, 3.0, 2.0]); np.max(a, axis=0, where=mask); np.min(a, where=mask); np.clip(a, 0, 1, min=3)
np.clip(a, 0, max=3); np.select([np.array([1, 0, 1])], [v]); np.select([], [])
np.average(a, weights=np.zeros((2, 3))); np.average(a, axis=1, weights=np.zeros(3)); np.reshape(a, (2.9, 2))
np.reshape(a, "22"); np.transpose(a, (1.0, 0.2)); np.tile(a, 1.5); np.tile(a, (1, 2.5)); np.partition(v, 1.7)
np.argpartition(v, (0, 1.2)); np.roll(a, (1, "x"), (0, 1)); np.broadcast_to(v, (2.0, 3))
np.var(a, ddof=1, correction=0); np.std(a, ddof=1, correction=2); np.sort(a, kind="bogus"); np.sort(a, order="f")
np.argsort(a, kind="bogus"); np.argsort(a, order="f"); np.sort(a, kind="stable", stable=True); np.sort(v, kind=3)
np.take(a, [0], mode="bogus"); np.choose([0, 1, 0], [v, v], mode="bogus"); np.choose([0, 1, 2], [v, v])
np.trim_zeros(v, "q"); np.linalg.eigh(S, UPLO="X"); np.linalg.eigvalsh(S, "X"); a.astype(np.float32, casting="no")
np.vsplit(v, 3); np.dsplit(a, 1); np.hsplit(a, 2); np.split(v, 2); np.array_split(v, 0)
np.sum(a, axis=[0, 1]); np.max(a, axis=[0]); np.mean(a, axis=[0, 1]); np.prod(a, axis=1.0); np.sum(a, axis=2)
np.any(a, axis=[0]); np.argmax(a, axis=0.5); np.nonzero(s); np.resize(v, -1); np.resize(v, (2, -1)); np.diff(v, 1.5)
np.diff(v, -1); np.diff(s); np.linspace(s, 1.0, 2.5); np.linspace(s, 1.0, -1); np.round(a, 1.5)
np.pad(v, -1); np.pad(v, 1.5); np.searchsorted(v, 1.0, side="bogus"); np.where(mask, a); np.meshgrid(v, v, indexing="x")
np.mean(s, axis=0); np.sort(s, axis=0); np.cumsum(a, axis=2); np.squeeze(a, 0); np.expand_dims(a, 5); np.take(v, 9)
np.linalg.pinv(a, 0.1, rtol=0.1); np.quantile(v, 1.5); np.percentile(v, -1); np.convolve(v, v, "bogus")
np.cross(v, np.ones(4)); np.linalg.solve(a, v); np.linalg.norm(a, "bogus"); np.moveaxis(a, 0, (0, 1))
np.swapaxes(a, 0, 2); np.insert(v, 9, 1.0); np.delete(v, 9); np.copy(a, order="X"); a.astype(float, order="X")
np.gradient(v, edge_order=3); np.diag(np.ones((2, 2, 2)) * s); np.ravel(a, order="X"); np.stack([v, a])
np.cov(a, ddof=1.5); np.add.accumulate(s); np.hypot.reduce(a, axis=3); np.subtract.reduce(a, where=mask)
np.max(a, True); np.mean(a, axis=True); np.any(a, axis=True); np.var(a, True); np.sum(s, where=np.array([True, False]))
np.prod(v, where=np.ones((2, 3), bool)); np.linalg.outer(a, v); np.matvec(v, v); np.vecmat(a, v)
np.linalg.matrix_power(a, 1); np.linalg.matrix_power(v, 2); np.take(a, None); np.take(a, np.array([0.5]))
np.clip(a, 0.5); np.clip(a, a_max=0.5); np.choose([0.0, 1.0, 0.0], [v, v]); np.full_like(a, s, order="X")
np.choose(np.zeros(3), [v], mode="clip"); np.sum(a, (True,)); np.linalg.outer(s, v)
"""


@one_test_for_each("call", {"all": calls(ILLEGAL)})
def test_what_numpy_refuses_is_refused(call):
    with pytest.raises(Exception):  # noqa: B017, PT011 - of whatever kind
        evaluated(call, OPERANDS)
    with pytest.raises((TypeError, ValueError, ZeroDivisionError, IndexError)) as caught:
        on_tensors(call)
    assert str(caught.value)


# --- what NumPy takes for granted

AT_DEFAULTS = """
np.exp(a, casting="same_kind", order="K", subok=True); np.add(a, a, dtype=np.float64); np.sqrt(abs(a), dtype=None)
np.add(a, 1.0, out=None, where=True); np.copy(a, order="K", subok=False); np.all(a, where=True)
a.astype(np.float32, order="K", casting="unsafe", copy=True); a.astype(float, copy=False); np.clip(a, 0, 1, out=None)
np.sum(a, dtype=None, out=None, initial=0.0); np.concatenate([a, a], axis=0, out=None, dtype=None, casting="same_kind")
np.stack([v, v], out=None, casting="same_kind"); np.linalg.pinv(a, hermitian=False); np.tril(a, k=0)
np.linalg.svd(a, full_matrices=False, compute_uv=True, hermitian=False)[1]; np.pad(v, 1, mode="constant")
np.interp(v, [0.0, 5.0], [1.0, 2.0], period=None); np.broadcast_to(v, (2, 3), subok=False); np.unique(v, axis=None)
np.full_like(a, 2.0, order="K", subok=True); np.trace(a, out=None, dtype=None); np.dot(a, v, out=None)
np.einsum("ij->j", a, out=None); np.sort(v, kind="quicksort"); np.sort(v, kind="stable")
np.median(v, overwrite_input=False); np.cumsum(v, out=None); np.take(v, [0, 1], out=None, mode="raise")
np.nan_to_num(a, copy=True); np.mean(a, out=None); np.meshgrid(v, v, copy=True)[0]
np.compress([True, False, True], v, out=None); np.argsort(v, kind="mergesort")
np.einsum("ij->j", a, dtype=None, order="K", casting="safe"); a.astype(np.float32, subok=True)
np.logaddexp.reduce(a, dtype=None, out=None, keepdims=False, where=True); np.nanmean(a, where=True)
np.nanmean(a, axis=1, where=np.array([True, False, True])); np.hypot.reduce(a, where=mask)
np.logaddexp.reduce(s, axis=0)
np.copysign(1.0, np.clip(-0.0 * abs(a), 0, 1)); np.sum(a, axis=np.argmax(a) * 0); np.expand_dims(a, np.argmax(a) * 0)
np.split(v, np.argmin(v) * 0 + 3)[0]; np.roll(v, np.argmax(v)); np.isfortran(a) + 0 * v
"""


@one_test_for_each("call", {"all": calls(AT_DEFAULTS)})
def test_keywords_at_their_defaults_may_be_given(call):
    y, expected = on_tensors(call), evaluated(call, OPERANDS)
    np.testing.assert_allclose(plain(y), expected, rtol=1e-12)
    assert y.dtype == expected.dtype


BUFFER = np.full(3, -77.0)


@pytest.mark.parametrize(
    "function",
    [
        *(np.cumsum, np.cumprod, np.median, np.sum, np.mean, np.max, np.std, np.var, np.ptp, np.round, np.nansum),
        *(np.sqrt, np.nancumsum, np.argmax, np.all, np.average),
        lambda t, out: np.take(t, [0, 1, 2], out=out),
        lambda t, out: np.quantile(t, 0.5, out=out),
        lambda t, out: np.percentile(t, 50, out=out),
        lambda t, out: np.clip(t, 0, 1, out=out),
        lambda t, out: t.cumsum(out=out),
        lambda t, out: t.take([0, 1, 2], out=out),
        lambda t, out: np.concatenate([t], out=out),
        lambda t, out: np.choose([0, 0, 0], [t], out=out),
        lambda t, out: np.compress([True] * 3, t, out=out),
    ],
)
def test_an_array_to_write_into_is_refused(function):
    with pytest.raises(TypeError, match=r"out"):
        function(Tensor(V), out=BUFFER)
    assert (BUFFER == -77.0).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda t: np.nan_to_num(t, copy=False),
        lambda t: np.median(t, overwrite_input=True),
        lambda t: np.quantile(t, 0.5, overwrite_input=True),
        lambda t: np.add(t, 1.0, dtype=np.float32),
        lambda t: np.exp(t, casting="unsafe"),
        lambda t: np.add(t, 1.0, where=np.array([True, False, True])),
    ],
)
def test_what_would_be_something_else_is_refused(call):
    with pytest.raises(TypeError, match=r"copy=|overwrite_input|keyword"):
        call(Tensor(V))


def test_a_tensor_is_not_written_into_an_array():
    for write in (lambda t: np.full_like(np.ones(3), t), lambda t: np.copyto(np.ones(3), t)):
        with pytest.raises(NoRuleError, match=r"np\.full_like.* np\.broadcast_to"):
            write(Tensor(2.0))
        write(Tensor(2.0, requires_grad=False))


def test_a_histogram_does_not_lose_a_gradient():
    assert np.histogram(V, weights=Tensor(V))[0].requires_grad
    x = np.array([3.0, 1.0, 2.1])  # none at an edge, where a count jumps
    check_grads(lambda x: np.histogram(x, 4)[1], [x])
    check_grads(lambda x: np.histogram(x, 4, density=True)[0], [x])
    check_grads(lambda x, w: np.histogram(x, 4, weights=w, density=True), [x, V])
    check_grads(lambda e: np.histogram(x, e, density=True), [np.array([-9.0, 0.11, 9.0])])
    check_grads(lambda x: np.histogramdd(x, 2, density=True)[0], [np.outer(x, [1.0, 0.3]) + np.eye(3, 2)])


@pytest.mark.parametrize(
    "keywords",
    [{}, {"density": True}, {"bins": "auto"}, {"bins": [-2, 0, 1]}, {"range": (-1, 1), "density": True}, {"bins": 1}],
)
def test_a_histogram_is_numpys(keywords):
    for x in (V, np.ones(3), V.astype(np.float32), *([] if "density" in keywords else [np.zeros(0)])):
        for found, expected in zip(np.histogram(Tensor(x), **keywords), np.histogram(x, **keywords)):
            value = found.numpy() if isinstance(found, Tensor) else found
            np.testing.assert_allclose(value, expected, 1e-5 if x.dtype == np.float32 else 1e-13, 1e-14)
            assert value.dtype == expected.dtype


# --- numbers with an axis, nothing at all, questions

LEGAL = """
np.sum(s, axis=0); np.sum(s, axis=-1); np.prod(s, axis=0); np.max(s, axis=0); np.min(s, axis=-1); np.nansum(s, axis=0)
np.nanmean(s, axis=0); np.sum(s, axis=0, where=True, initial=1.0); np.sum(s, axis=-1, keepdims=True)
np.cumprod(s, axis=-1); np.add.reduce(s); np.any(s, axis=0); np.count_nonzero(s, axis=0); np.argmax(s, axis=0)
np.argsort(s, axis=0); np.resize(np.zeros(0) * s, 3); np.pad(v, {0: (1, 2)}); np.pad(a, {-1: (1, 2)})
np.linspace(0, s, 4, dtype=int); np.linspace(0, s, 3, dtype=np.float32); np.linspace(0, s, 1); np.linspace(0, s, 0)
np.linspace(0, s, 3, retstep=True)[1]; np.rot90(a, 1.5); np.split(v, 1.5)[0]
np.full_like(a, s, dtype=int); np.quantile(v.astype(np.float32), [0.3, 0.4]); np.quantile(v.astype(np.float32), 0.3)
np.polyval([1, 2], v.astype(np.float32)); np.bincount([0, 1, 1], v.astype(np.float32)); np.linalg.pinv(a, rtol=0.1)
np.searchsorted(v, 1.5, sorter=[1, 2, 0]); np.choose([0, 3, -1], [v, 2 * v], mode="clip"); np.median(a, axis=[0, 1])
np.choose([0, 3, -1], [v, 2 * v], mode="wrap"); np.linalg.eigvalsh(a[:, :2] + 0 * s, UPLO="U")
np.median(v[:0]); np.linalg.norm(v[:0], np.inf); np.linalg.norm(a[:0], np.inf, axis=0); np.linalg.norm(a[:, :0], 2)
np.pad(s, 1); np.trim_zeros(a * mask); np.polyval(v[:0], s); np.bincount([], v[:0]); np.linalg.norm(a[:, :0], 1)
np.max(a, axis=0, where=mask, initial=-9.0); np.pad(a, {1: 1}); np.cumsum(s, axis=0)
np.percentile(v, np.array([0, 30])); np.nanpercentile(a, np.array([1, 2]), axis=1); np.percentile(v, np.int64(30))
np.quantile(v, np.array([0, 1])); np.nanmin(a, axis=1, initial=0.5); np.cov(a, dtype=np.float32)
np.corrcoef(a, dtype=np.float32); np.take(v, True); np.take(v, [True, False, True]); np.take(a, mask, axis=1)
np.take(v, []); np.take(a, mask, axis=1, mode="wrap"); np.choose(mask[0], [v, 2 * v]); np.take(v, [True], mode="clip")
np.nanvar(a, ddof=9); np.nanstd(a, axis=0, ddof=2); np.var(a, ddof=2, where=mask)
np.nanvar(a, axis=1, correction=3, keepdims=True); np.nanstd(a, axis=1, ddof=2); np.nanvar(a, 0, ddof=1, where=mask)
np.max(v[:0], initial=1.0); np.min(a[:0], axis=0, initial=2.0, keepdims=True); np.nanmax(v[:0], initial=1.0)
np.maximum.reduce(a[:0], initial=0.5); np.amin(a[:, :0], (0, 1), initial=3.0); np.max(a[:0], axis=1, initial=0.0)
np.clip(a, None, 0.5); np.clip(a, min=0.5); np.full_like(a, s, order="F"); np.linalg.outer(v, v)
np.matvec(a, v); np.vecmat(v, a.T); np.linalg.matrix_power(S, 2)
"""


@one_test_for_each("call", {"all": calls(LEGAL)})
def test_what_numpy_takes_has_its_value_dtype_and_a_gradient(call):
    leaves = {name: Tensor(x) for name, x in OPERANDS.items()}
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = evaluated(call, OPERANDS)
        except Exception:  # whatever an old NumPy says
            assert np.lib.NumpyVersion(np.__version__) < "2.3.0"
            return
        y = evaluated(call, leaves)
    np.testing.assert_allclose(plain(y), expected, rtol=1e-6)
    assert (y.dtype, y.shape) == (expected.dtype, np.shape(expected))
    if getattr(y, "requires_grad", False):
        y.backward(np.ones(y.shape))
        assert all(x.grad.shape == x.shape for x in leaves.values() if x.grad is not None)


@pytest.mark.parametrize("name", ["var", "std"])
def test_fewer_entries_than_ddof_have_no_spread(name):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = getattr(np, name)(Tensor(A), 1, ddof=3, where=MASK)
        np.testing.assert_array_equal(y.numpy(), getattr(np, name)(A, 1, ddof=3, where=MASK))


QUESTIONS = """
int(np.argmax(v)); list(range(np.argmin(v))); ["a", "b", "c"][np.argmax(v)]; np.zeros(np.argmin(v) + 1)
int(np.sum(a > 0)); np.unravel_index(np.argmax(a), a.shape); np.bincount(np.argmax(a, axis=1)); v[int(v.argmax())]
np.isin(a, [1.0, 4.0]); np.ravel_multi_index((np.argmax(a, axis=0), np.argmax(a, axis=0)), (2, 3))
np.argmax(a, axis=1).tolist(); np.ix_(np.max(a, axis=1) > 3); np.diag_indices_from(S); np.tril_indices_from(S)
np.triu_indices_from(a); len(np.einsum_path("ij,j->i", a, v)); np.linalg.matrix_rank(S); np.bincount([0, 2, 2])
np.histogram(a, 3); np.histogram_bin_edges(a, 3); np.spacing(v); np.nextafter(v, 9.0); np.bitwise_or.reduce(a > 0)
np.linalg.lstsq(S, S, rcond=None)[2]; hash(int(np.count_nonzero(a)))
"""


@one_test_for_each("call", {"all": calls(QUESTIONS)})
def test_questions_have_numpys_answers(call):
    found, expected = on_tensors(call), evaluated(call, OPERANDS)
    if not isinstance(expected, tuple):
        found, expected = (found,), (expected,)
    for y, wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(plain(y), wanted)
        assert getattr(y, "dtype", None) == getattr(wanted, "dtype", None)


def test_tensors_are_saved(tmp_path):
    np.save(tmp_path / "a.npy", Tensor(A))
    np.savetxt(tmp_path / "a.txt", Tensor(A))
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), A)
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "a.txt"), A)


@pytest.mark.parametrize("ask", [range, lambda t: [1, 2, 3][t], lambda t: t.__index__()])
def test_a_number_with_a_fraction_is_no_integer(ask):
    with pytest.raises(TypeError, match=r"integer"):
        ask(Tensor(1.0, requires_grad=False))


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_of_numpy_is_refused():
    with pytest.raises(TypeError, match=r"np\.matrix .* np\.asarray"):
        np.matrix([[1.0, 2.0]]) * Tensor([[1.0], [2.0]])
    with pytest.raises(TypeError, match=r"np\.matrix"):
        Tensor(np.matrix([[1.0]]))
