"""What a program could not follow is refused, with the place and the remedy; what it can follow is allowed."""

import concurrent.futures
import copy
import math
import pickle
import random
import statistics
import time

import numpy as np
import pytest

from tinygrad_dnn import (
    Tensor,
    elementwise_grad,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    no_grad,
    relu,
    scope,
    sigmoid,
    value_and_grad,
    vjp,
)
from tinygrad_dnn.core.context import USUAL, current, tracings
from tinygrad_dnn.core.errors import DetachedError, NoRuleError, TracingError

x, y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 0.0, -2.5])


def with_if(t):
    if t[0] > 0:
        return t
    return -t


def with_while(t):
    while np.sum(t) < 100:
        t = t * 2
    return t


def with_assert(t):
    assert t[0] > 0
    return t


def with_try(t):
    try:
        if t[0] > 0:
            return t
    except TypeError:
        pass
    return -t


def with_bare_except(t):
    try:
        scale = float(t[0])
    except Exception:
        scale = 1.0
    return t * scale


def without_recording(t):
    with no_grad():
        if t[0] > 0:
            return t * 2
    return t


def in_a_scope(t):
    with scope("layer"), scope("inner"):
        return t if t[0] > 0 else -t


def in_other_threads(t):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return sum(pool.map(lambda i: t[i] * (2 if t[i] > 0 else 5), range(3)))


def asked_in_another_thread(t):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        positive = pool.submit(lambda: bool(t[0] > 0)).result()
    return t if positive else -t


def computed_in_other_threads(t):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return sum(pool.map(lambda i: t[i] * 2.0, range(3)))


DECISIONS = {
    "if": with_if,
    "while": with_while,
    "assert": with_assert,
    "swallowed": with_try,
    "swallowed by except Exception": with_bare_except,
    "conditional": lambda t: t if t[0] else -t,
    "and": lambda t: t[0] and t,
    "or": lambda t: t[0] or t,
    "not": lambda t: t if not t[0] else 2 * t,
    "in a Tensor": lambda t: t if 1.0 in t else -t,
    "in a list": lambda t: t if t[0] in [5.0, 2.0] else -t,
    "in a set": lambda t: t if t[0] in {1.0, 2.0} else -t,
    "key of a dict": lambda t: t * {1.0: 5}.get(t[0], 7),
    "between": lambda t: t if 0 < t[0] < 5 else -t,
    "equality": lambda t: t if t[0] == 1.0 else -t,
    "is nan": lambda t: t if np.isnan(t).any() else -t,
    "max": lambda t: max(t[0], t[1]),
    "min of an iterable": lambda t: min(t),
    "sorted": lambda t: sorted([t[0], t[1]])[0],
    "any": lambda t: t if any(t > 0) else -t,
    "np.all": lambda t: t if np.all(t > 0) else -t,
    "np.allclose": lambda t: t if np.allclose(t, 1) else -t,
    "np.isclose": lambda t: t if np.isclose(t[0], 1) else -t,
    "np.array_equal": lambda t: t if np.array_equal(t, t) else -t,
    "list.index": lambda t: t * [5.0, t[0]].index(1.0),
    "list.count": lambda t: t * [1.0].count(t[0]),
    "float": lambda t: t * float(t[0]),
    "math": lambda t: t * math.sin(t[0]),
    "math.floor": lambda t: t * math.floor(t[0]),
    "math.fsum": lambda t: math.fsum(t),
    "complex": lambda t: t * complex(t[0]).real,
    "item": lambda t: t * t[0].item(),
    "item of a mean": lambda t: np.exp(t).mean().item(),
    "numpy": lambda t: t * t.numpy(),
    "detach": lambda t: t * t.detach(),
    "data": lambda t: t * (t * 2).data,
    "np.asarray": lambda t: t * np.asarray(t),
    "np.array": lambda t: t * np.array(t),
    "format": lambda t: t * float(f"{t[0]:.3f}"),
    "no_grad": without_recording,
    "scope": in_a_scope,
    "threads": in_other_threads,
    "asked in another thread": asked_in_another_thread,
    "results of threads": computed_in_other_threads,
    "backward": lambda t: np.sum(t).backward(),
    "grad": lambda t: grad(lambda w: np.sum(w * w) if w[0] > 0 else np.sum(w))(t),
    "value_and_grad": value_and_grad(lambda t: np.sum(with_if(t))),
    "grad of grad": grad(lambda t: np.sum(grad(lambda w: np.sum(with_if(w) ** 2))(t))),
    "vjp": lambda t: vjp(with_if, t)[1](t),
    "jvp": lambda t: jvp(with_if, (t,), (t,)),
    "hvp": lambda t: hvp(lambda w: np.sum(with_if(w) ** 2), t, t),
    "jacobian": jacobian(with_if),
    "hessian": hessian(lambda t: np.sum(with_if(t) ** 2)),
    "elementwise_grad": elementwise_grad(with_if),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_numbers_of_arguments_are_not_looked_at(name):
    with pytest.raises(TracingError, match=r"depends on an argument|another thread") as caught:
        jit(DECISIONS[name])(x)
    assert current() == USUAL
    assert not tracings
    assert str(caught.value).startswith("jit(")


@pytest.mark.parametrize(
    ("f", "remedy"),
    [
        (with_if, r'jit\(with_if\): bool\(t\) of .*made by greater.*test_tracing.py", line \d+.*np\.where'),
        (
            lambda t: t * float(t[0] * 2),
            r'float\(t\) of .*made by multiply.*test_tracing.py", line \d+.*np\.<function>',
        ),
        (lambda t: t[t > 0], r"made by getitem.*shape that depends on the values.*np\.where"),
        (lambda t: np.sum(t).backward(), r"\.backward\(\).*value_and_grad"),
    ],
)
def test_the_error_says_where_and_what_to_do(f, remedy):
    with pytest.raises(TracingError, match=remedy):
        jit(f)(x)


def test_round_is_computed_at_every_call():
    f = jit(lambda t: t * round(t[0]))
    for first in (1.6, 3.4):
        np.testing.assert_array_equal(f(np.array([first, 2.0])), np.array([first, 2.0]) * round(first))


IMPOSSIBLE = {
    "range": lambda t: t * sum(range(t[0])),
    "int": lambda t: t * int(t[0]),
    "index": lambda t: [1, 2, 3][t[0].astype(int)] * t,
    "slice": lambda t: t[: t[0].astype(int)],
    "trunc": lambda t: t * math.trunc(t[0]),
    "write an entry": lambda t: np.zeros(3).__setitem__(0, t[0]),
    "write": lambda t: np.zeros(3).__setitem__(slice(None), t),
    "+= into an array": lambda t: np.zeros(3).__iadd__(t),
    "out=": lambda t: np.multiply(t, 2, out=np.zeros(3)),
    "np.copyto": lambda t: np.copyto(np.zeros(3), t),
    "zeros of a shape": lambda t: np.zeros(t[0].astype(int)),
    "reshape": lambda t: t.reshape(t[2].astype(int), 1),
    "roll": lambda t: np.roll(t, t[0].astype(int)),
    "fromiter": lambda t: np.fromiter(t, float),
    "statistics": lambda t: statistics.mean(t),
    "pickle": lambda t: pickle.dumps(t),
    "copy": lambda t: copy.copy(t),
    "histogram": lambda t: np.histogram(t),
    "assign": lambda t: t.__setitem__(0, 1.0),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_needs_plain_numbers_fails(name):
    with pytest.raises((TypeError, ValueError, DetachedError, NoRuleError)):
        jit(IMPOSSIBLE[name])(x)
    assert current() == USUAL
    assert not tracings


SHAPED = {
    "mask": lambda t: t[t > 1],
    "size of a mask": lambda t: t * t[t > 0].size,
    "length of a mask": lambda t: t * len(t[t > 0]),
    "computed mask": lambda t: t[t.astype(bool)],
    "mask in a tuple": lambda t: np.stack([t, t])[:, t > 0],
    "nonzero": lambda t: np.nonzero(t),
    "how many": lambda t: t * len(np.nonzero(t)[0]),
    "argwhere": lambda t: t * np.argwhere(t).shape[0],
    "flatnonzero": lambda t: t * np.flatnonzero(t).size,
    "where": lambda t: np.where(t > 1),
    "compress": lambda t: np.compress(t > 1, t),
    "extract": lambda t: np.extract(t > 1, t),
    "repeat": lambda t: np.repeat(t, t.astype(int)),
    "unique": lambda t: np.unique(t),
    "trim_zeros": lambda t: np.trim_zeros(t),
    "mask in a gradient": grad(lambda t: np.sum(np.sort(t[t > 1]))),
    "unused mask in a gradient": grad(lambda t: np.sum(t) / t[t > 1].size),
}


@pytest.mark.parametrize("name", SHAPED)
def test_shapes_that_depend_on_values(name):
    with pytest.raises((TracingError, NoRuleError)):
        jit(SHAPED[name])(x)


rng = np.random.default_rng(0)

CHANGING = {
    "np.random.rand": lambda t: t * (np.random.rand(3) > 0.5),
    "np.random.choice": lambda t: t * np.random.choice(10**6, 3),
    "np.random.permutation": lambda t: t[np.random.permutation(3)] * np.random.rand(),
    "Generator": lambda t: t * (rng.random(3) + 1),
    "Generator, returned": lambda t: (rng.random(), t),
    "random.random": lambda t: t * random.random(),
    "random decision": lambda t: t if random.random() < draws() else -t,
    "time": lambda t: t * time.perf_counter(),
    "a new object": lambda t: t * id(_new()),
    "a buffer filled anew": lambda t: t * _filled(),
    "in a gradient": grad(lambda t: np.sum(t * t * np.random.rand(3))),
}
buffer = np.zeros(3)


made = []


def _new():
    made.append(object())  # kept, so that the next one has another place
    return made[-1]


def _filled():
    buffer[...] = rng.random(3)
    return buffer


def draws(state=[]):  # noqa: B006
    state.append(0)
    return len(state) % 2


@pytest.mark.parametrize("name", CHANGING)
def test_what_changes_from_call_to_call_must_be_an_argument(name):
    with pytest.raises(TracingError, match=r"random numbers.*must be arguments"):
        jit(CHANGING[name])(x)


def test_dropout_masks_as_arguments():
    f = jit(value_and_grad(lambda W, D: np.sum((W * D / 0.8) ** 2)))
    for D in (np.array([True, False, True]), np.array([False, True, True])):
        value, dW = f(x, D)
        assert value == np.sum((x * D / 0.8) ** 2)
        np.testing.assert_allclose(dW, 2 * x * D / 0.64)


ALLOWED = {
    "shape": lambda t: t * (2 if t.shape[0] > 1 else 1) * len(t) * t.size * t.ndim,
    "dtype": lambda t: t * (2 if t.dtype == np.float64 else 3),
    "str": lambda t: (str(t), repr(t), f"{t}") and t * 2,
    "loop over rows": lambda t: sum(v * i for i, v in enumerate(t)),
    "unpacking": lambda t: (lambda a, b, c: a * b + c)(*t),
    "+=": lambda t: _grown(t),
    "chosen": lambda t: np.where(t > 0, t, -t),
    "sorted": lambda t: t[np.argsort(t)],
    "largest": lambda t: t[np.argmax(t)],
    "decision by a constant": lambda t: t if np.all(np.ones(3) > 0) else -t,
    "decision by a frozen Tensor": lambda t: t if Tensor(2.0, requires_grad=False) > 1 else -t,
    "decision by a new leaf": lambda t: t if Tensor(2.0) > 1 else -t,
    "detached constant": lambda t: t * sigmoid(Tensor([0.0])).detach(),
    "part of a mask": lambda t: np.where((t > 0)[:2], t[:2], 0.0) * (t > 0)[0],
    "mask of constants": lambda t: t[np.array([True, False, True])],
    "gradient inside": lambda t: gradients(np.sum((u := Tensor(x)) * u * t), [u])[0],
    "no_grad": lambda t: _constant(t) * t,
    "count": lambda t: t * np.count_nonzero(t),
    "closeness of constants": lambda t: t * np.allclose(np.ones(3), 1.0),
}


def _grown(t):
    total = t * 2
    total += 1
    total *= t
    return total


def _constant(t):
    with no_grad():
        return np.exp(t)


@pytest.mark.parametrize("name", ALLOWED)
def test_what_can_be_followed(name):
    f = ALLOWED[name]
    compiled = jit(f)
    for values in (x, y, x - 2.5):
        np.testing.assert_allclose(compiled(values), f(values), 1e-14)


def test_a_failed_trace_leaves_nothing_behind():
    decide = True

    def f(t):
        with no_grad(), scope("layer"):
            doubled = t * 2
            return doubled if not decide or t[0] > 0 else t

    compiled = jit(f)
    with pytest.raises(TracingError):
        compiled(x)
    assert current() == USUAL
    assert not tracings
    assert (Tensor(2.0) * 3).requires_grad
    decide = False
    np.testing.assert_array_equal(compiled(x), 2 * x)


def test_an_error_of_the_function_itself_comes_through():
    def f(t):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        jit(f)(x)
    assert current() == USUAL
    assert not tracings


def test_numbers_that_python_decides_by_become_part_of_the_program():
    cases = [
        lambda a: a * 2 if a > 0 else -a,
        lambda a: x * len(range(int(a))),
        lambda a: x * round(a) * math.floor(a),
        lambda a: x * {1.5: 3.0}.get(a, 5.0),
        lambda a: x * float(f"{a:.1f}"),
        lambda a: x * a.is_integer(),
    ]
    for f in cases:
        compiled = jit(f)
        for a in (2.0, 1.5, 3.0, 2.0):
            np.testing.assert_array_equal(compiled(a), f(a))


def test_looking_at_other_tensors_meanwhile_is_nobodys_business():
    outside = Tensor(x)
    started = concurrent.futures.ThreadPoolExecutor(1)

    def f(t):
        assert started.submit(lambda: float((outside * 2).detach()[0]) + bool(outside[0] > 0)).result() == 3.0
        return t * 2

    np.testing.assert_array_equal(jit(f)(x), 2 * x)


def test_the_result_of_a_traced_function_is_looked_at_later():
    kept = []
    with pytest.raises(DetachedError):
        jit(lambda t: kept.append(t * 2) or np.asarray(Tensor(t.shape)))(x)
    np.testing.assert_array_equal(np.asarray(kept[0]), 2 * x)


def test_somebody_else_may_draw_while_a_function_is_traced():
    def f(t):
        np.random.rand()  # of no use for the result
        return t * np.arange(3.0)

    compiled = jit(f)
    np.testing.assert_array_equal(compiled(x), x * np.arange(3.0))


def test_ops_on_arrays_alone_stay_arrays_while_a_function_is_traced():
    table = np.array([-1.0, 2.0, 3.0])

    def f(t):
        masked = relu(table)
        assert type(masked) is np.ndarray
        return t * masked

    np.testing.assert_array_equal(jit(f)(x), x * relu(table))
