"""What a function finds outside its arguments: every change of it is followed by the next call."""

import functools
import types
from collections import OrderedDict, deque

import numpy as np
import pytest

from tinygrad_dnn import Tensor, grad, gradients, hvp, jit, no_grad, sigmoid, value_and_grad
from tinygrad_dnn.jit import compiled as compiling

# That the many changes of these tests are slow is reported as it should be: tests/jit/test_recompilation.py.
pytestmark = pytest.mark.filterwarnings("ignore::tinygrad_dnn.core.errors.RecompilationWarning")
x, y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 0.5, -2.5])

CODE = """
import numpy as np
G = np.ones(3)
B = np.array([True, False, True])
I = np.array([0, 1])
k = 2.0
D = {"w": np.ones(3), "k": 2.0, "n": {"m": [np.ones(3), 3]}}
L = [np.ones(3)]
S = {1.0, 2.0}
Q = deque([1.0, 2.0])
deep = {"a": {"b": {"c": {"d": {"e": 2.0}}}}}
wide = [1.0] * 500
zero_d = np.array(2.0)
scalars = [np.float64(2.0)]
large = np.ones((100, 100))

class Thing:
    base = 3.0
    def __init__(self):
        self.k, self.w, self.unused, self.hidden = 2.0, np.ones(3), 0, 1.0
    def forward(self, a):
        return a * self.w * self.helper() * self.base
    def helper(self):
        return self.k * k
    @property
    def double(self):
        return 2 * self.hidden
    def __call__(self, a):
        return self.forward(a) + 1

class Slotted:
    __slots__ = ("k",)

thing, slotted = Thing(), Slotted()
slotted.k = 2.0
module = types.ModuleType("module")
module.k, module.h = 2.0, lambda a: a

def helper(a, s=[2.0], *, t={"u": 1.0}):
    return a * k * s[0] * t["u"]

def scaled(a):
    return a * scaled.factor
scaled.factor = 2.0
"""


def world():
    """A module of its own, to be changed at will."""
    space = {"__name__": "somewhere", "deque": deque, "types": types}
    exec(CODE, space)
    return types.SimpleNamespace(space=space)


FOLLOWED = {
    # name: the function, and the changes after each of which it is called again
    "array": ("a * G", ["G[:] = 5", "G = np.full(3, 7.0)", "G = np.full(3, 7, np.float32)", "G = np.ones((2, 3))"]),
    "array that becomes a number": ("a * G", ["G = 3.0", "G = 4", "G = np.float32(5)", "G = np.arange(3)"]),
    "array in plain NumPy": ("a * np.exp(G)", ["G[:] = 5", "G = np.full(3, 7.0)", "G = np.ones((2, 3))"]),
    "both": ("a * G + np.exp(G)", ["G[0] = 5", "G[1] = 2", "G = np.full(3, 7.0)", "G[0] = 1"]),
    "both, as a number": ("a * G * float(G.sum())", ["G[:] = 5", "G[1] = 2", "G[2] = 0"]),
    "both, as a decision": ("a * G if G[0] < 3 else -a * G", ["G[0] = 5", "G[0] = 1", "G[0] = 7"]),
    "parts of an array": ("a * G[::2].sum() * G[1:].max()", ["G[2] = 5", "G[0] = 9"]),
    "view as an operand": ("a[:2] * G[1:]", ["G[2] = 5", "G = np.full(3, 7.0)"]),
    "array returned": ("(G, a)", ["G[2] = 5", "G = np.full(3, 7.0)"]),
    "mask": (
        "a[B]",
        [
            "B[:] = [True, True, False]",
            "B[:] = [False, True, True]",
            "B[1] = True",
            "B[:] = False",
            "B = np.array([False, True, True])",
        ],
    ),
    "mean of a mask": ("np.mean(a[B]) * a", ["B[:] = [True, True, False]", "B[:] = True", "B[0] = False"]),
    "mask in where": ("np.where(B, a, 0)", ["B[1] = True", "B[:] = False"]),
    "mask made of an array": ("a[G > 0]", ["G[0] = -1", "G[:] = 1"]),
    "places": ("a[I]", ["I[1] = 2", "I = np.array([2])"]),
    "counts": ("np.repeat(a[:2], I + 1)", ["I[1] = 2", "I = np.array([2, 0])"]),
    "nonzero": ("a[np.nonzero(G)[0]]", ["G[0] = 0", "G[:] = 0"]),
    "length": ("np.concatenate([a, a[:I[1]]])", ["I[1] = 2"]),
    "array without axes": ("a * zero_d", ["zero_d[...] = 5", "zero_d = np.array(6.0)"]),
    "shape set in place": ("a * large.ravel()[:3] + large[0, 0]", ["large.shape = (50, 200)", "large[0, 0] = 7"]),
    "shape of a large operand set in place": (
        "np.sum(large * a[0], axis=0)[:3]",
        ["large.shape = (5, 2000)", "large[0, 1] = 7"],
    ),
    "large array": ("large[:3, :3] @ a + large[0] @ large[1]", ["large[0, 0] = 9", "large[0, 1] = 3"]),
    "number": ("a * k", ["k = 3.0", "k = 3", "k = np.float32(3)", "k = None or 4.0"]),
    "number of NumPy in a list": ("a * scalars[0]", ["scalars[0] = np.float64(5)"]),
    "dict": ("a * D['w'] * D['k']", ["D['w'] = D['w'] * 2", "D['k'] = 3.0", "D['w'] *= 2", "D = {'k': 1, 'w': 2.0}"]),
    "nested": (
        "a * D['n']['m'][0] * D['n']['m'][1]",
        ["D['n']['m'][1] = 7", "D['n']['m'][0] *= 3", "D['n']['m'] = [2.0, 3.0]", "D['n'] = {'m': [1.0, 9.0]}"],
    ),
    "dict that grows": ("sum((a * v for v in D.values() if type(v) is float), 0 * a)", ["D['z'] = 8.0", "del D['k']"]),
    "keys": ("a * len(''.join(D))", ["D['long'] = 8.0", "D['short'] = D.pop('long')", "del D['k']"]),
    "list that grows": ("sum((a * v for v in L), 0 * a)", ["L.append(5.0)", "L.pop(0)", "L.clear()", "L.append(1.0)"]),
    "set": ("a * sum(S)", ["S.add(5.0)", "S.remove(1.0)"]),
    "deque": ("a * sum(Q)", ["Q.append(5.0)", "Q.popleft()"]),
    "deep": ("a * deep['a']['b']['c']['d']['e']", ["deep['a']['b']['c']['d']['e'] = 3.0"]),
    "wide": ("a * sum(wide)", ["wide[400] = 9.0"]),
    "attribute": (
        "a * thing.k * thing.w",
        ["thing.k = 3.0", "thing.w *= 2", "thing.w = np.zeros(3)", "del thing.w"][:3],
    ),
    "another object": ("a * thing.k", ["thing = Thing()", "thing.k = 9.0"]),
    "attribute of the class": ("a * Thing.base", ["Thing.base = 4.0"]),
    "attribute of the class, of an object": ("a * thing.base", ["Thing.base = 4.0", "thing.base = 5.0"]),
    "attribute by name": ("a * getattr(thing, 'k')", ["thing.k = 3.0"]),
    "attributes in vars": ("a * sum(v for v in vars(thing).values() if type(v) is float)", ["thing.z = 3.0"]),
    "property": ("a * thing.double", ["thing.hidden = 3.0"]),
    "slot": ("a * slotted.k", ["slotted.k = 3.0"]),
    "method": ("thing.forward(a)", ["thing.k = 3.0", "k = 5.0", "Thing.base = 1.0", "thing.helper = lambda: 2.0"]),
    "object called": ("thing(a)", ["thing.k = 3.0", "Thing.helper = lambda self: 7.0"]),
    "module": ("module.h(a) * module.k", ["module.k = 3.0", "module.h = lambda a: -a"]),
    "function": ("helper(a)", ["k = 3.0", "helper.__defaults__[0][0] = 5.0", "helper.__kwdefaults__['t']['u'] = 3.0"]),
    "another function": ("helper(a)", ["helper = lambda a: 100 * a", "helper = np.exp"]),
    "defaults of a helper": ("helper(a)", ["helper.__defaults__ = ([9.0],)"]),
    "attribute of a function": ("scaled(a)", ["scaled.factor = 5.0"]),
}


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")
@pytest.mark.parametrize("name", FOLLOWED)
def test_changes_are_followed(name):
    body, changes = FOLLOWED[name]
    space = world().space
    exec(f"def f(a):\n    return {body}", space)
    f = space["f"]
    compiled = jit(f)
    for change in ["", *changes]:
        exec(change, space)
        for _ in range(2):
            expected, actual = f(x), compiled(x)
            for e, r in zip(*([v] if isinstance(v, np.ndarray) else v for v in (expected, actual)), strict=True):
                assert r.dtype == e.dtype
                np.testing.assert_allclose(r, e, 1e-13, err_msg=f"after {change!r}")


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")
@pytest.mark.parametrize("name", FOLLOWED)
def test_gradients_follow_too(name):
    body, changes = FOLLOWED[name]
    if name in ("array that becomes a number", "array returned"):
        return
    space = world().space
    exec(f"def f(a):\n    return np.sum(({body}) ** 2)", space)
    slope = grad(space["f"])
    compiled = jit(slope)
    for change in ["", *changes]:
        exec(change, space)
        np.testing.assert_allclose(compiled(x), slope(x), 1e-6, err_msg=f"after {change!r}")


def counting(monkeypatch):
    """Count the programs that are written."""
    made = []
    usual = compiling.program
    monkeypatch.setattr(compiling, "program", lambda *args: made.append(1) or usual(*args))
    return made


def test_training_in_place_does_not_make_programs_again_and_again(monkeypatch):
    made = counting(monkeypatch)
    W, b = np.ones((3, 3)), np.zeros(3)
    f = jit(lambda a: np.sum((W @ a + b) ** 2))
    for _ in range(10):
        assert f(x) == np.sum((W @ x + b) ** 2)
        W[...] *= 0.9
        b[...] += 0.1
    assert len(made) == 2  # after the first change nobody knows whether the program looks at the entries


def test_what_has_nothing_to_do_with_the_function_makes_no_program(monkeypatch):
    made = counting(monkeypatch)
    space = world().space
    exec("def f(a):\n    return thing.forward(a) + module.k", space)
    f = jit(space["f"])
    for i in range(5):
        f(x)
        space["thing"].unused = i
        space["module"].other = i
        space["L"] = [i]
    assert len(made) == 1


@pytest.mark.parametrize("n", [2, 100])
def test_labels_that_add_up_to_one_until_they_do_not(n):
    labels = np.tile([[1.0, 0.0]], (n, n // 2))
    others = 1 - labels
    z = np.linspace(-2, 2, labels.size).reshape(labels.shape)
    f = value_and_grad(lambda z: -np.sum(labels * np.log(sigmoid(z)) + others * np.log(1 - sigmoid(z))))
    compiled = jit(f)

    def changed(t, s):
        labels[0, 0], others[0, 0] = t, s

    for t, s in ((1, 0), (0, 1), (0.25, 0.75), (0.5, 0), (1, 0), (3, 4)):
        changed(t, s)
        for actual, expected in zip(compiled(z), f(z), strict=True):
            np.testing.assert_allclose(actual, expected, 1e-11)


# --- closures, methods, arguments


def test_cells():
    def made():
        k, w = 2.0, np.ones(3)

        def f(a):
            return a * k * w

        def change(number, array):
            nonlocal k, w
            k, w = number, array

        return f, change, w

    f, change, w = made()
    compiled, slope = jit(f), jit(grad(lambda a: np.sum(f(a))))
    for step in (
        lambda: None,
        lambda: w.__imul__(3),
        lambda: change(5.0, w),
        lambda: change(2, y),
        lambda: change(2, 7.0),
    ):
        step()
        np.testing.assert_array_equal(compiled(x), f(x))
        np.testing.assert_array_equal(slope(x), f(np.ones(3)))


def test_a_name_that_is_bound_later():
    def made(late):
        def f(a):
            return a * 2 if late else g(a)

        if not late:

            def g(a):
                return a * 3

        return f

    np.testing.assert_array_equal(jit(made(True))(x), 2 * x)
    np.testing.assert_array_equal(jit(made(False))(x), 3 * x)


def test_bound_methods_and_partials():
    space = world().space
    thing = space["thing"]
    method = jit(thing.forward)
    part = jit(functools.partial(lambda w, a, s: a * w * s[0], np.ones(3), s=[2.0]))
    for step in (lambda: None, lambda: setattr(thing, "k", 5.0), lambda: thing.w.__imul__(2)):
        step()
        np.testing.assert_array_equal(method(x), thing.forward(x))
    weights = np.zeros(3)
    plain = jit(functools.partial(lambda w, a: a * np.exp(w), weights))
    for _ in range(2):
        np.testing.assert_array_equal(plain(x), x * np.exp(weights))
        weights += 1
    held = part.__wrapped__
    held.args[0][...] = 4
    held.keywords["s"][0] = 3.0
    np.testing.assert_array_equal(part(x), held(x))
    np.testing.assert_array_equal(part(x), 12 * x)


def test_a_chain_of_functions_however_long():
    space = {"__name__": "somewhere", "f0": lambda a: a, "k": [2.0]}
    exec("def f0(a):\n    return a * k[0]", space)
    for i in range(400):
        exec(f"def f{i + 1}(a):\n    return f{i}(a)", space)
    compiled = jit(space["f400"])
    for k in (2.0, 3.0):
        space["k"][0] = k
        np.testing.assert_array_equal(compiled(x), k * x)


def test_objects_that_answer_to_any_name():
    class Any:
        k = 2.0

        def __getattr__(self, name):
            return Any()

    thing = Any()
    compiled = jit(lambda a: a * thing.k)
    np.testing.assert_array_equal(compiled(x), 2 * x)
    thing.k = 5.0
    np.testing.assert_array_equal(compiled(x), 5 * x)


def test_an_object_among_the_arguments():
    class Settings:
        rate = 2.0

    def decay(a):
        return a * decay.factor

    settings = Settings()
    decay.factor = 2.0
    compiled = jit(lambda a, s, f: f(a) * s.rate)
    np.testing.assert_array_equal(compiled(x, settings, decay), 4 * x)
    settings.rate = 3.0
    np.testing.assert_array_equal(compiled(x, settings, decay), 6 * x)
    decay.factor = 5.0
    np.testing.assert_array_equal(compiled(x, settings, decay), 15 * x)


def test_defaults_that_are_arrays_are_arguments():
    w = np.ones(3)

    def f(a, w=w, s=[2.0]):  # noqa: B006
        return a * w * s[0]

    compiled = jit(f)
    np.testing.assert_array_equal(compiled(x), 2 * x)
    w *= 3
    f.__defaults__[1][0] = 5.0
    np.testing.assert_array_equal(compiled(x), 15 * x)


# --- Tensors


LOOKED_AT = {
    "operand": lambda t, a: a * t,
    "operand twice": lambda t, a: a * t + t * t,
    "comparison": lambda t, a: a * np.where(t > 2, 1.0, 2.0),
    "detach": lambda t, a: a * t.detach(),
    "data": lambda t, a: a * t.data,
    "numpy": lambda t, a: a * t.numpy(),
    "item": lambda t, a: a * t[0].item(),
    "bool": lambda t, a: a if t[0] > 2 else -a,
    "bool of a computed one": lambda t, a: a if np.sum(t * 2) > 9 else -a,
    "mask": lambda t, a: a[t > 2],
    "nonzero": lambda t, a: a[np.nonzero(t - 1)[0]],
    "np.allclose": lambda t, a: a * np.allclose(t, 1),
    "format": lambda t, a: a * float(f"{t[1]:.1f}"),
}
FROZEN = {"float": lambda t, a: a * float(t[0]), "np.asarray": lambda t, a: a * np.asarray(t)}


@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("name", [*LOOKED_AT, *FROZEN])
def test_the_data_of_tensors_is_followed(name, trained):
    if trained and name in FROZEN:
        return
    t = Tensor(np.ones(3), requires_grad=trained)
    f = functools.partial({**LOOKED_AT, **FROZEN}[name], t)
    compiled = jit(f)

    def entry():
        t.data[0] = 5

    def rebound():
        t.data = np.full(3, 9.0)

    def decremented():
        t.data -= 7.5

    for step in (lambda: None, entry, rebound, decremented, entry):
        step()
        with no_grad():
            expected, actual = f(x), compiled(x)
        for result in (actual, compiled(x)):
            np.testing.assert_array_equal(getattr(result, "array", result), getattr(expected, "array", expected))


def test_gradients_by_a_tensor_outside():
    w = Tensor(x.copy(), name="w")

    def f(a):
        z = np.sum(a * w * w)
        [dw] = gradients(z, [w], create_graph=True)
        [ddw] = gradients(np.sum(dw * dw), [w])
        return ddw

    compiled = jit(f)
    for step in (1.0, 0.5, -2.0):
        np.testing.assert_allclose(compiled(y), f(y))
        w.data -= step


def test_a_result_that_a_tensor_outside_wants_gradients_of_is_recorded():
    w = Tensor(x.copy())
    compiled = jit(lambda a: np.sum(a * w * w))
    for _ in range(2):
        w.zero_grad()
        with no_grad():
            assert float(compiled(y)) == np.sum(y * x * x)
        compiled(y).backward()
        np.testing.assert_array_equal(w.grad, 2 * x * y)


def test_jit_in_a_function_that_is_differentiated():
    slope = 2 * x * y
    np.testing.assert_array_equal(grad(lambda v: jit(lambda a: np.sum(a * v * v))(y))(x), slope)
    held = []
    compiled = jit(lambda a: np.sum(a * held[0] * held[0]))

    def outer(v):
        held[:] = [v]
        return compiled(y)

    np.testing.assert_array_equal(grad(outer)(x), slope)
    np.testing.assert_array_equal(grad(outer)(2 * x), 2 * slope)
    held[:] = [x]
    assert compiled(y) == np.sum(y * x * x)
    cube = jit(lambda v: np.sum(v**3))
    np.testing.assert_array_equal(grad(cube)(x), 3 * x**2)
    np.testing.assert_array_equal(hvp(cube, x, y), 6 * x * y)
    np.testing.assert_array_equal(jit(grad(cube))(x), 3 * x**2)
    np.testing.assert_array_equal(jit(value_and_grad(jit(grad(lambda v: v**4))))(2.0), (32.0, 48.0))


def test_jit_in_jit_follows_what_the_inner_function_finds():
    k = [2.0]
    inner = jit(lambda a: a * k[0])
    outer = jit(lambda a: inner(a) + 1)
    np.testing.assert_array_equal(outer(x), 2 * x + 1)
    k[0] = 5.0
    np.testing.assert_array_equal(outer(x), 5 * x + 1)


def test_ordered_dicts_are_followed_in_their_order():
    weights = OrderedDict(a=1.0, b=2.0)
    f = lambda t: sum(t * v * i for i, v in enumerate(weights.values()))  # noqa: E731
    compiled = jit(f)
    np.testing.assert_array_equal(compiled(x), f(x))
    weights.move_to_end("a")
    np.testing.assert_array_equal(compiled(x), f(x))
