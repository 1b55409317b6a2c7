"""All that may be an argument; the program gives what the function gives, and writes to nothing but its own."""

import enum
import functools
import itertools
import warnings
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

from tinygrad_dnn import (
    Tensor,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    no_grad,
    primitive,
    sigmoid,
    value_and_grad,
    vjp,
)
from tinygrad_dnn.core.errors import DtypeError, TracingError

x, y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 0.5, -2.5])
C = np.arange(6.0).reshape(2, 3)
Pair = namedtuple("Pair", "a b")
Colour = enum.Enum("Colour", "RED GREEN")


def assert_equal(actual, expected, eps=1e-13):
    """Assert the same structure, types, dtypes and values."""
    if isinstance(expected, np.ndarray):
        assert type(actual) is np.ndarray
    elif isinstance(expected, float):
        assert isinstance(actual, float)  # np.float64 is one
    else:
        assert type(actual) is type(expected)
    if isinstance(expected, dict):
        assert list(actual) == list(expected)
        actual, expected = list(actual.values()), list(expected.values())
    if isinstance(expected, (list, tuple)):
        for a, e in zip(actual, expected, strict=True):
            assert_equal(a, e, eps)
    elif isinstance(expected, (np.ndarray, np.generic, float)):
        assert np.asarray(actual).dtype == np.asarray(expected).dtype
        eps = (
            max(eps, 8 * np.finfo(expected.dtype).eps)
            if np.asarray(expected).dtype.kind == "f" and hasattr(expected, "dtype")
            else eps
        )
        np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), eps, eps)
    else:
        assert actual == expected


def assert_follows(f, *calls):
    """Assert that the program of f gives for each call, a tuple and perhaps a dict, what f gives."""
    compiled = jit(f)
    for args, *rest in calls:
        kwargs = rest[0] if rest else {}
        for _ in range(2):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                expected = f(*args, **kwargs)
            assert_equal(compiled(*args, **kwargs), expected)
    return compiled


def made_of(x, *, dtype=np.float64):
    return np.arange(np.prod(x), dtype=dtype).reshape(x)


ARRAYS = {
    "the same twice": (lambda a, b: (a * b, a), ((x, x),), ((x, y),), ((x, x),)),
    "views of each other": (lambda a, b: a @ b, ((x[:2], x[1:]),), ((x[::2], x[1:]),)),
    "in the order of Fortran": (
        lambda a: (a * 2, a.T, a.reshape(-1), a.ravel(), a + 1),
        ((C,),),
        ((np.asfortranarray(C),),),
        ((C[:, ::-1],),),
        ((np.arange(12.0).reshape(2, 6)[:, ::2],),),
        ((np.broadcast_to(x, (2, 3)),),),
    ),
    "swapped bytes": (lambda a: (a, a * 2, a + a), ((x.astype(">f8"),),), ((x,),), ((x.astype(">f8"),),)),
    "without axes": (lambda a: (a * 2, a), ((np.array(2.0),),), ((np.array(3.0),),)),
    "NumPy numbers": (
        lambda a: (a * 2, a),
        ((np.float64(2),),),
        ((np.float32(2),),),
        ((np.int64(3),),),
        ((np.float64(3),),),
    ),
    "a NumPy number as index": (lambda a, i: a[i], ((x, np.int64(2)),), ((x, np.int64(1)),)),
    "a NumPy number as shape": (lambda a, n: a.reshape(int(n), -1), ((C, np.int64(3)),), ((C, np.int64(1)),)),
    "a NumPy truth": (lambda a, t: np.where(t, a, -a), ((x, np.bool_(True)),), ((x, np.bool_(False)),)),
    "empty": (lambda a: (a * 2, np.sum(a), a, a.T @ a), ((np.zeros((0, 3)),),)),
    "two dtypes": (
        lambda a, b: (a * b, a @ b, a + b, np.sum(a * 0.1) + b),
        ((x.astype(np.float32), y),),
        ((x, y.astype(np.float32)),),
        ((x.astype(np.float16), y.astype(np.float32)),),
    ),
    "floats": (lambda a: {"v": a, "w": a * 2, "k": [a, (a,)]}, ((2.0,),), ((3.0,),)),
    "floats beside float64": (lambda a, k: a * k, ((x, 2.0),), ((x, 3.0),)),
    "floats beside float32": (lambda a, k: a * k, ((x.astype(np.float32), 0.1),), ((x.astype(np.float32), 0.7),)),
    "floats beside integers": (lambda a, k: a * k, ((np.arange(3), 0.1),), ((np.arange(3), 0.7),)),
    "floats that end in nothing": (lambda a, k: a * k, ((x, np.inf),), ((x, np.nan),), ((x, -0.0),)),
    "the sign of zero": (lambda a, k: np.copysign(a, k), ((x, 0.0),), ((x, -0.0),)),
    "the sign of zero, as a constant": (
        lambda a, k: np.copysign(a, np.float32(k)),
        ((x.astype(np.float32), 0.0),),
        ((x.astype(np.float32), -0.0),),
    ),
    "integers": (lambda a, n: (a * n, n, n * 2), ((x, 2),), ((x, 3),)),
    "True is not 1": (lambda a, k: a * 2 if k is True else -a * k, ((x, 1),), ((x, True),), ((x, 1.0),), ((x, True),)),
    "strings": (lambda a, s: a if s == "plus" else -a, ((x, "plus"),), ((x, "minus"),), ((x, "plus"),)),
    "None": (lambda a, k=None: a if k is None else a * k, ((x,),), ((x, 2.0),), ((x,),)),
    "functions": (lambda a, g: g(a), ((x, np.exp),), ((x, np.sin),), ((x, sigmoid),)),
    "dtypes": (lambda a, d: a.astype(d), ((x, np.float32),), ((x, "f4"),), ((x, np.dtype(float)),)),
    "shapes": (lambda a, s: a.reshape(s), ((C, (3, 2)),), ((C, [6]),), ((C, (1, 6)),)),
    "lists of numbers": (lambda a: np.sum(a), (([1.0, 2.0],),), (([1.0, 3.0],),), (([1.0, 3.0, 4.0],),)),
    "dicts": (
        lambda p: {"o": [p["a"] * 2, (p["l"][0],)], "n": Pair(p["n"].a, p["n"].b * 2)},
        (({"a": x, "l": [x], "n": Pair(x, y)},),),
        (({"a": y, "l": [x], "n": Pair(x, x)},),),
    ),
    "the order of a dict": (
        lambda p: {**{k: v * i for i, (k, v) in enumerate(p.items())}},
        (({"a": x, "b": y},),),
        (({"b": y, "a": x},),),
        (({"a": y, "b": x},),),
    ),
    "OrderedDict": (lambda p: OrderedDict(z=p["a"], b=p["b"]), ((OrderedDict(a=x, b=y),),), (({"a": x, "b": y},),)),
    "defaultdict": (lambda p: p["a"] * p.copy()["c"], ((defaultdict(lambda: 2.0, a=x),),)),
    "keys of other types": (
        lambda p: {Colour.RED: p[1] * p["1"], (1, "x"): p[1, 2], None: p[Colour.GREEN], np.int64(3): 2.0},
        (({1: x, "1": y, (1, 2): x, Colour.GREEN: y},),),
    ),
    "two dicts with the same keys": (
        lambda p, q: p["W"] * q["W"] + q["b"],
        (({"W": x, "b": y}, {"W": y, "b": x}),),
        (({"W": x, "b": y}, {"W": x, "b": y}),),
    ),
    "a parameter and a key of one name": (lambda a, p: a * p["a"], ((x, {"a": y}),), ((y, {"a": y}),)),
    "a parameter like a place": (lambda a_0, a: a_0 * a[0], ((x, [y]),), ((y, [y]),)),
    "keys that are not what they seem": (lambda p, p_a, a: p["a"] * p_a - a, (({"a": x}, y, x),), (({"a": y}, y, x),)),
    "no arrays": (lambda n: np.arange(n) * 1.0, ((3,),), ((4,),)),
    "constants returned": (
        lambda a: (1, 2.0, None, "s", True, x, np.float32(2), np.inf, -np.inf, np.float32("nan"), len, a),
        ((y,),),
    ),
    "structures of their own": (lambda a: [Pair(a, (a,)), (), [], {}, OrderedDict(q=Pair(1, a))], ((x,),)),
    "zeros with a sign": (lambda a: np.array([-0.0, -0.0]) + 0 * a[:2], ((-x,),)),
    "large constants": (lambda a: a + np.arange(3) * 10**9 + 2**62 * 1.0, ((x,),)),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arguments_and_results(name):
    f, *calls = ARRAYS[name]
    assert_follows(f, *calls)


def test_the_sign_of_a_zero_that_is_returned():
    assert np.signbit(jit(lambda a: np.array([-0.0, -0.0]))(x)).all()
    np.testing.assert_array_equal(np.signbit(jit(lambda a: np.array([0.0, -0.0]))(x)), [False, True])
    assert np.signbit(jit(lambda k: -k)(0.0))


@pytest.mark.parametrize("code", "bBhHiIlLqQ?")
def test_integers(code):
    def f(a):
        return a + a, a * 2, a * 0.5, a / 2, np.sum(a), np.mean(a), a @ a, a, np.sum(a * 0.5) - 0.5 * a, a > 1

    assert_follows(f, ((np.array([1, 2, 3]).astype(code),),), ((np.array([4, 0, 250]).astype(np.uint8).astype(code),),))


@pytest.mark.parametrize("code", "efdg")
def test_floats(code):
    def f(a):
        z = 1 / (1 + np.exp(-a))
        return (
            a + a,
            2 * a,
            a * 0.5,
            a / 2,
            -a,
            np.sum(a),
            np.mean(a),
            a @ a,
            z,
            a**2,
            np.log1p(np.exp(a)),
            np.maximum(a, 0),
        )

    assert_follows(f, ((np.array([1, 2, 3]).astype(code),),), ((np.array([4, 0, -3]).astype(code),),))
    slope = value_and_grad(lambda a: np.sum(np.exp(a) * a))
    assert_follows(slope, ((np.array([1, 2, 3]).astype(code),),))


def test_what_is_no_array_of_numbers_is_refused():
    class Mine(np.ndarray):
        pass

    for wrong in (C.view(np.matrix), x.view(Mine), np.ma.array(x, mask=[0, 1, 0])):
        with pytest.raises(TracingError, match=r"the argument a is a \w+ (matrix|Mine|MaskedArray) of .*np\.asarray"):
            jit(lambda a: a * 2)(wrong)
    for wrong in (np.array([1j]), np.array(["a"]), np.array([None])):
        with pytest.raises(DtypeError, match="real"):
            jit(lambda a: a * 2)(wrong)
    with pytest.raises(TracingError, match=r"the argument p\[.k.\] is \{1\}, of type set"):
        jit(lambda p: p)({"k": {1}})


def test_memory_maps_are_arrays(tmp_path):
    mapped = np.memmap(tmp_path / "x", float, "w+", shape=(3,))
    mapped[:] = x
    compiled = jit(lambda a: a * 2)
    for _ in range(2):
        np.testing.assert_array_equal(compiled(mapped), 2 * x)
        np.testing.assert_array_equal(compiled(x), 2 * x)


# --- how functions are called


def keywords(a, *, k=2.0, b=np.ones(3)):  # noqa: B008
    return a * k + b


def any_number(*args, **kwargs):
    return sum(args) + kwargs.get("z", 0) * 2


def positional(a, /, b, *, c):
    return a * b + c


class Callable:
    def __init__(self):
        self.k = np.ones(3)

    def __call__(self, a):
        return a * self.k

    def method(self, a):
        return a * self.k * 2


def test_kinds_of_parameters():
    assert_follows(keywords, ((x,),), ((x,), {"k": 3.0}), ((x,), {"k": 3}), ((x,), {"b": y}))
    assert_follows(any_number, ((x, y),), ((x,),), ((x, y, x), {"z": y}), ((x,), {"z": 1.0}), ((), {"z": x}))
    assert_follows(positional, ((x, y), {"c": 1.0}), ((x,), {"b": y, "c": x}))
    assert_follows(lambda: np.ones(3) * 2, ((),))
    with pytest.raises(TypeError, match=r"unexpected keyword|takes 1 positional"):
        jit(keywords)(x, wrong=1)


def test_functions_without_a_name_of_their_own():
    assert_follows(lambda a: a * 2, ((x,),), ((y,),))
    assert_follows(functools.partial(lambda a, b: a * b, x), ((y,),), ((x,),))
    assert_follows(functools.partial(lambda a, b: a * b, b=x), ((y,),), ((x,),))
    assert_follows(Callable(), ((y,),), ((x,),))
    assert_follows(Callable().method, ((y,),), ((x,),))


NAMES = "ones zeros kept free memory _a c W1_2 zero one two half t0 result compiled program dx exp sum"
HIDDEN = "_jit_ _jit_0 _jit_1 _jit_compiler _jit_fits _jit_unchanged _jit_quiet _jit_program _compiler _fits _0 _1 self f"


@pytest.mark.parametrize("name", [*NAMES.split(), *HIDDEN.split()])
def test_parameters_named_like_things_in_the_program(name):
    space = {"np": np, "captured": y * 2}
    body = f"np.sum({name} * 2.0 + 1 / 2 * b * {name}) + np.exp({name}[0]) * captured[1] * {name}.ravel()[0]"
    exec(f"def f({name}, b):\n    return {body}", space)
    assert_follows(space["f"], ((x, y),), ((y, x),))
    assert_follows(value_and_grad(space["f"], (0, 1)), ((x, y),), ((y, x),))
    exec(f"def g(p, b):\n    {name} = p[{name!r}]\n    return {body}, p", space)
    assert_follows(space["g"], (({name: x}, y),), (({name: y}, x),))


def test_the_name_of_numpy():
    with pytest.raises(TracingError, match="a parameter is called np"):
        jit(lambda np: np)
    assert_follows(lambda p: np.exp(p["np"]), (({"np": x},),), (({"np": y},),))
    space = {"numpy": np}
    exec("def np(a):\n    return numpy.exp(a)", space)
    assert_follows(space["np"], ((x,),))


HOSTILE = ["a b", '"', "'", "\n", '"]; import os', "class", "1", "é", "\\", "{0}", "{}", "%s", "\u2028", "", "#", "\0"]


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_keys(key):
    compiled = assert_follows(lambda p: {key: p[key] * 2 + 1, "o": {key: np.sum(p[key])}, "s": key}, (({key: x},),), (({key: y},),))
    space = {}
    exec(compiled.source({key: x}), space)
    assert_equal(space["program"]({key: x}), {key: x * 2 + 1, "o": {key: np.sum(x)}, "s": key})


# --- transforms inside


def with_pullback(a, u):
    value, pullback = vjp(lambda v: np.sin(v) * v[0], a)
    return value, pullback(u)


TRANSFORMS = {
    "grad": (grad(lambda a: np.sum(np.sin(a) * a**2)), ((x,),), ((y,),)),
    "two arguments": (value_and_grad(lambda a, b: np.sum(a * b * b), (0, 1)), ((x, y),), ((y, x),)),
    "from the end": (value_and_grad(lambda a, b: np.sum(a * b * b), (-1, 0)), ((x, y),), ((y, x),)),
    "vjp": (with_pullback, ((x, y),), ((y, x),)),
    "jvp": (lambda a, u: jvp(lambda v: np.sin(v) * v[0], (a,), (u,)), ((x, y),), ((y, x),)),
    "hvp": (lambda a, u: hvp(lambda v: np.sum(np.sin(v) ** 3), a, u), ((x, y),), ((y, x),)),
    "jacobian": (jacobian(lambda a: np.sin(a) * a[0]), ((x,),), ((y,),)),
    "jacobians": (jacobian(lambda a, b: np.sin(a) * b, (0, 1)), ((x, y),), ((y, x),)),
    "jacobian of a dict": (jacobian(lambda p: {"o": p["a"] * p["b"]}), (({"a": x, "b": y},),)),
    "hessian": (hessian(lambda a: np.prod(np.sin(a))), ((x,),), ((y,),)),
    "hessians": (hessian(lambda a, b: np.sum(a * b * b), (0, 1)), ((x, y),), ((y, x),)),
    "grad of grad": (grad(lambda a: np.sum(grad(lambda v: np.sum(np.sin(v)))(a) ** 2)), ((x,),), ((y,),)),
    "elementwise": (elementwise_grad(np.tanh), ((x,),), ((C,),)),
    "numbers": (value_and_grad(lambda a, b: a**3 * b), ((2.0, 3.0),), ((3.0, 4.0),), ((np.float32(2), 1.0),)),
    "an integer": (value_and_grad(lambda a: a**3), ((2.0,),), ((np.int64(2),),)),
    "integers": (value_and_grad(lambda a: np.sum(a * a)), ((np.arange(3),),), ((np.array([True, False]),),)),
    "1 / 0": (value_and_grad(lambda a: 1 / a), ((2.0,),), ((0.0,),)),
    "root of a negative number": (value_and_grad(lambda a: a**0.5), ((2.0,),), ((-1.0,),)),
    "overflow": (value_and_grad(lambda a: a**3), ((2.0,),), ((1e200,),)),
    "OrderedDict": (grad(lambda p: np.sum(p["a"] * p["b"])), ((OrderedDict(a=x, b=y),),)),
    "namedtuple": (grad(lambda p: np.sum(p.a * p.b)), ((Pair(x, y),),)),
    "independent": (grad(lambda a, b: np.sum(b)), ((x, y),)),
    "constant": (value_and_grad(lambda a: 3.0), ((x,),)),
    "no_grad": (grad(lambda a: np.sum(a * _constant(a))), ((x,),), ((y,),)),
    "jit": (lambda a: jit(lambda v: np.sum(v * v))(a) * 2, ((x,),), ((y,),)),
    "jit of jit": (jit(lambda v: np.sum(v * v)), ((x,),), ((y,),)),
    "jit of grad of jit": (grad(jit(lambda v: np.sum(v**3))), ((x,),), ((y,),)),
}


def _constant(a):
    with no_grad():
        return np.exp(a)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(name):
    f, *calls = TRANSFORMS[name]
    assert_follows(f, *calls)


def test_without_recording_outside():
    with no_grad():
        assert_follows(grad(lambda a: np.sum(a**3)), ((x,),), ((y,),))


def test_tensors_are_recorded_as_ever():
    compiled = jit(lambda p, k: np.sum(p["a"] ** k))
    t = Tensor(x)
    for k in (2, 3):
        t.zero_grad()
        compiled({"a": t}, k).backward()
        np.testing.assert_array_equal(t.grad, k * x ** (k - 1))
        assert compiled({"a": x}, k) == np.sum(x**k)


# --- ops that the user declares


@primitive(vjp=lambda y_bar, y, x: y_bar * 3 * x**2)
def cube(x):
    return x * x * x


@primitive(vjp=lambda y_bar, y, x, n, scale: y_bar * n * x ** (n - 1), name="to the power")
def to_the_power(x, *, n=2, scale=(1.0,)):
    return x**n


sine_constant = primitive(lambda x: np.cos(x), vjp=lambda y_bar, y, x: -y_bar * np.sin(x), name="sin_constant")


def test_ops_of_the_user():
    assert_follows(lambda a: cube(a) * 2, ((x,),), ((y,),))
    assert_follows(value_and_grad(lambda cube_: np.sum(cube(cube_) * 2)), ((x,),), ((y,),))
    assert_follows(lambda cube: cube.__class__ and to_the_power(cube, n=3, scale=(2.0, 3.0)), ((x,),), ((y,),))
    assert_follows(hessian(lambda a: np.sum(cube(a))), ((x,),))
    assert_follows(lambda a: sine_constant(a) + 1, ((x,),))


def test_the_source_says_which_ops_it_needs():
    source = jit(lambda a: cube(a) * 2).source(x)
    first, second = source.splitlines()[:2]
    assert first == "import numpy as np"
    assert second == f"# It needs, besides NumPy, cube (the function {__name__}.cube, of arrays)."
    space = {"cube": lambda x: x**3}
    exec(source, space)
    np.testing.assert_allclose(space["program"](x), 2 * x**3)


# --- hands off


def test_arguments_are_not_written_to():
    def f(a, b, p):
        a = (a * 2 + b) * 3 - 1
        return a / 2 + p["w"] * 0.5 * 3 + captured * 2 * 3

    captured = y.copy()
    compiled = jit(f)
    arrays = [x.copy(), y.copy(), x.copy(), captured]
    kept = [a.copy() for a in arrays]
    for a in arrays[:3]:
        a.flags.writeable = False
    for _ in range(3):
        compiled(arrays[0], arrays[1], {"w": arrays[2]})
    for a, k in zip(arrays, kept, strict=True):
        np.testing.assert_array_equal(a, k)
    np.testing.assert_array_equal(compiled(arrays[0], arrays[0], {"w": arrays[0]}), f(x, x, {"w": x}))


def everything(a):
    z = np.exp(a)
    large = z @ z.T @ z
    views = (
        a.T,
        a.reshape(-1),
        a.ravel(),
        a[0],
        a[:, 1],
        a[None],
        np.squeeze(a[None]),
        np.diagonal(a),
        a.reshape(a.shape),
    )
    copies = (
        np.flip(a),
        np.rot90(a),
        a.astype(float),
        +a,
        np.copy(a),
        np.broadcast_to(a, (2, *a.shape)),
        np.moveaxis(a, 0, 1),
    )
    more = (
        np.split(a, 2)[0],
        np.where(a > 0, a, a),
        np.concatenate([a]),
        np.triu(a, -99),
        np.clip(a, -99, 99),
        np.roll(a, 0),
    )
    results = (
        z,
        z,
        z.T,
        z.reshape(-1),
        z[0],
        z + 1,
        (z + 1).T,
        large,
        large.T,
        large[0],
        large.ravel(),
        np.exp(large * 1e-9),
    )
    return [
        a,
        a,
        constant,
        constant,
        constant.T,
        np.zeros(3),
        np.zeros(3),
        np.array(2.0),
        *views,
        *copies,
        *more,
        *results,
    ]


constant = np.ones((2, 2))


@pytest.mark.parametrize("n", [2, 100])
def test_results_are_nobody_elses(n):
    a = np.random.default_rng(0).standard_normal((n, n)) / n
    compiled, original, original_constant = jit(everything), a.copy(), constant.copy()
    first = compiled(a)
    for one, other in itertools.combinations([a, constant, *(r for r in first if isinstance(r, np.ndarray))], 2):
        assert not np.shares_memory(one, other)
    expected = [np.copy(r) for r in first]
    for r, wanted in zip(expected, everything(a), strict=True):
        np.testing.assert_allclose(r, wanted, 1e-12)
    for r in first:
        if isinstance(r, np.ndarray):
            r[...] = 99
    second = compiled(a)
    np.testing.assert_array_equal(a, original)
    np.testing.assert_array_equal(constant, original_constant)
    for r, wanted in zip(second, expected, strict=True):
        np.testing.assert_array_equal(r, wanted)
    compiled(a + 1)
    for r, wanted in zip(second, expected, strict=True):
        np.testing.assert_array_equal(r, wanted)


def test_numbers_are_no_views():
    a = np.array([5.0])
    compiled = jit(lambda a: (a.reshape(()), np.squeeze(a), np.squeeze(a * 2), np.array(3.0), scale, a[0]))
    scale = np.array(7.0)
    for _ in range(2):
        results = compiled(a)
        assert list(map(float, results)) == [5.0, 5.0, 10.0, 3.0, 7.0, 5.0]
        for r in results:
            if isinstance(r, np.ndarray):
                r[...] = 99.0


def test_kept_memory_is_not_handed_out():
    rng = np.random.default_rng(0)
    W, A = rng.standard_normal((300, 200)), rng.standard_normal((200, 250))
    f = value_and_grad(lambda W, A: np.sum(np.tanh(W @ A) ** 2), (0, 1))
    compiled = jit(f)
    value, (dW, dA) = compiled(W, A)
    kept = dW.copy(), dA.copy()
    compiled(W + 1, A - 1)
    np.testing.assert_array_equal(dW, kept[0])
    np.testing.assert_array_equal(dA, kept[1])
    np.testing.assert_allclose(value, f(W, A)[0])


NUMPYS = {
    "max": (lambda f: f(np.max)(A), lambda: np.max(A)),
    "max of columns": (lambda f: f(np.max)(A, axis=0), lambda: np.max(A, 0)),
    "tanh": (lambda f: f(np.tanh)(A), lambda: np.tanh(A)),
    "std": (lambda f: f(np.std)(A), lambda: np.std(A)),
    "dot": (lambda f: f(np.dot)(A, A.T), lambda: A @ A.T),
    "clip": (lambda f: f(np.clip)(A, 0, 1), lambda: np.clip(A, 0, 1)),
    "gradient of tanh": (lambda f: f(grad(np.tanh))(1.0), lambda: 1 - np.tanh(1) ** 2),
    "gradient of max": (lambda f: f(grad(np.max))(A), lambda: (np.max(A) == A) * 1.0),
}
A = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize("name", NUMPYS)
def test_functions_of_numpy_are_compiled_as_they_are_whatever_their_defaults(name):
    called, expected = NUMPYS[name]
    np.testing.assert_allclose(called(jit), expected(), rtol=1e-14)
