"""PyTorch's own table of operations (OpInfo): values and gradients of every sample, and each difference explained.

A sample is judged where the operation, written in NumPy (`operations_of_torch`), has PyTorch's value. An entry of a
gradient that differs must be one of `DIFFERENCES`: there a convention decides (docs/kinks.md), or PyTorch is wrong.
"""

import warnings
from itertools import islice
from random import seed

import numpy as np
import pytest

pytest.importorskip("expecttest", reason="PyTorch's table of operations asks for it: pip install expecttest")

import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils._pytree import tree_flatten, tree_unflatten

from tinygrad_dnn import Tensor, gradients
from tinygrad_dnn.core.node import Node
from tinygrad_dnn.errors import NoRuleError

from .operations_of_torch import T

pytestmark = [pytest.mark.peers, pytest.mark.slow]

ENTRIES = {f"{op.name}.{op.variant_test_name}".rstrip("."): op for op in op_db if op.name in T}
LARGEST = 60_000
SQUARED = {"linalg.eigh": (1,), "linalg.svd": (0, 2), "svd": (0, 2)}  # outputs whose signs are free
UNDETERMINED = {"linalg.svd", "svd"}  # refused where vectors fill up a square

nan, tie, poles = lambda x: np.isnan(x), lambda x, y: x == y, lambda x: (x < 0) & (x % 1 == 0) | np.isinf(x)
anywhere = lambda *xs: True  # noqa: E731
DIFFERENCES = {
    "a tie: they give all to one or nothing, we share or take the first": {
        "clamp_min": tie,
        "clamp_max": tie,
        "fmax": tie,
        "fmin": tie,
        "nextafter": tie,
    },
    "of what is no number they take a side": {
        "abs": nan,
        "special.i1": nan,
        "special.i1e": nan,
        "nn.functional.elu": nan,
        "nn.functional.celu": nan,
        "nn.functional.selu": nan,
        "nn.functional.hardtanh": nan,
        "nn.functional.relu": nan,
        "nn.functional.relu6": nan,
        "nn.functional.softshrink": nan,
        "nn.functional.margin_ranking_loss": lambda a, b, y: ~np.isfinite(a + b),
    },
    "outside the domain, where the value is nan": {
        "acosh": lambda x: x < 1,
        "logit": lambda x: (x < 0) | (x > 1),
        "digamma": poles,
        "polygamma": poles,
        "special.polygamma": poles,
    },
    "0 is a length, and its gradient 0; they give nan": {"hypot": lambda x, y: (x == 0) & (y == 0)},
    "ours is the limit, theirs 0 or nan": {
        "pow": lambda x, y: (x == 0) & (y < 0),
        "float_power": lambda x, y: (x == 0) & (y < 0),
        "__rpow__": lambda y, x: (x == 0) & (y < 0),
        "i0": np.isinf,
        "special.log_ndtr": lambda x: x < -1e6,
        "special.erfcx": np.isinf,
        "xlogy": lambda x, y: (x == 0) | (y == 0),
        "special.xlog1py": lambda x, y: (x == 0) & (y <= -1),
    },
    "an overflow of ours to infinity, of theirs to nan": {"special.i1": lambda x: np.isnan(x) | (np.abs(x) > 700)},
    "ours is 0 to rounding, theirs to 1e-6": {"cov": anywhere},
    "ours is that of finite differences along symmetric matrices, theirs not": {"linalg.pinv.hermitian": anywhere},
    "the last of several writes to a place stays; they give each the gradient": {"index_copy": anywhere},
}
ALLOWED = {name: where for reason in DIFFERENCES.values() for name, where in reason.items()}


def samples(op):
    dtype = torch.float64 if torch.float64 in op.supported_dtypes("cpu") else torch.int64
    for reference in (op.sample_inputs_func, op.reference_inputs_func):
        for differentiable in (True, False) if reference else ():
            torch.manual_seed(0)
            np.random.seed(0)
            seed(0)
            try:
                given = dtype.is_floating_point and op.supports_autograd and differentiable
                yield from list(islice(reference(op, "cpu", dtype, given), 30))
                break
            except ValueError:  # of integers and booleans that shall require a gradient
                continue


def flat(result):
    return [x for x in tree_flatten(result)[0] if isinstance(x, (torch.Tensor, np.ndarray, np.generic, Node))]


def plain(x):
    return np.asarray(x.numpy() if isinstance(x, Node) else x)


def agree(x, y, rtol, atol):
    """Which entries agree; of another shape none does."""
    return np.shape(x) == np.shape(y) and np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=True)


def judged(name, op, sample):
    """Yield, of a sample that NumPy can be asked about, each gradient with theirs."""
    given, spec = tree_flatten((sample.input, sample.args, sample.kwargs))
    tensors = [x for x in given if isinstance(x, torch.Tensor)]
    if sum(x.numel() for x in tensors) > LARGEST or any(x.is_complex() for x in tensors):
        return
    leaves = []

    def numpy(x, differentiated):
        if not isinstance(x, torch.Tensor):
            return None if isinstance(x, torch.dtype) else x
        if not (differentiated and x.requires_grad):
            return x.detach().numpy().copy()
        leaves.append(Tensor(x.detach().numpy()))
        return leaves[-1]

    def called(differentiated):
        x, args, kwargs = tree_unflatten([numpy(x, differentiated) for x in given], spec)
        return flat(T[op.name](x, *args, **{k: v for k, v in kwargs.items() if k not in ("dtype", "device")}))

    own = [x.detach().clone().requires_grad_(x.requires_grad) if isinstance(x, torch.Tensor) else x for x in given]
    x, args, kwargs = tree_unflatten(own, spec)
    try:
        theirs, values = flat(op(x, *args, **kwargs)), called(False)
    except Exception:  # a form that PyTorch or NumPy has not
        return
    theirs = [y * y if i in SQUARED.get(op.name, ()) else y for i, y in enumerate(theirs)][: len(values)]
    if any(y.is_complex() for y in theirs) or len(theirs) != len(values):
        return
    if not all(np.all(agree(plain(v), y.numpy(force=True), 1e-5, 1e-7)) for v, y in zip(values, theirs)):
        return  # NumPy means something else
    try:
        ours = called(True)
    except NoRuleError:
        assert op.name in UNDETERMINED
        return
    for y, value in zip(ours, values):
        assert plain(y).dtype == value.dtype
        assert np.all(agree(plain(y), value, 1e-9, 1e-11)), f"{name}: the value"
    variables = [x for x in own if isinstance(x, torch.Tensor) and x.requires_grad]
    pairs = [(y, t) for y, t in zip(ours, theirs) if t.requires_grad]
    if not variables or not pairs:
        return
    cotangents = [np.random.default_rng(0).standard_normal(t.shape) for _, t in pairs]
    try:
        expected = torch.autograd.grad(
            [t for _, t in pairs], variables, [torch.tensor(u, dtype=t.dtype) for u, (_, t) in zip(cotangents, pairs)],
            allow_unused=True,
        )  # fmt: skip
    except RuntimeError:  # they have no derivative
        return
    found = [np.zeros(x.shape) for x in leaves]
    for (y, _), u in zip(pairs, cotangents):
        if isinstance(y, Node) and y.requires_grad:
            found = [a + b for a, b in zip(found, gradients(y, leaves, np.reshape(u, y.shape)))]
    for a, b, x in zip(found, expected, leaves):
        yield a, np.zeros(x.shape) if b is None else b.numpy(force=True), [plain(x) for x in leaves]


@pytest.mark.parametrize("name", ENTRIES)
def test_gradients_are_theirs_or_explained(name):
    op, explained = ENTRIES[name], ALLOWED.get(name, ALLOWED.get(ENTRIES[name].name))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for sample in samples(op):
            for ours, theirs, xs in judged(name, op, sample):
                scale = np.max(np.abs(theirs), initial=1, where=np.isfinite(theirs))
                differs = ~agree(ours, theirs, 1e-6, 1e-8 * min(scale, 1e6))
                if np.any(differs):
                    assert explained is not None, f"{name}: {ours[differs][:5]}, theirs {theirs[differs][:5]} of {sample}"
                    allowed = np.broadcast_to(explained(*xs), np.shape(ours))
                    assert np.all(allowed[differs]), f"{name}: {ours[differs & ~allowed][:5]} of {sample}"
