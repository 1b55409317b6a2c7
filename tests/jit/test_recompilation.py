"""A program is compiled anew for a change that it depends on, for no other, and not again and again in silence."""

import dataclasses
import sys
import types
import warnings
from collections import UserDict

import numpy as np
import pytest

from tinygrad_dnn import grad, jit, value_and_grad
from tinygrad_dnn.core.errors import RecompilationWarning, RewriteError
from tinygrad_dnn.jit import captures, compiled
from tinygrad_dnn.ops.elementwise import log
from tinygrad_dnn.rewrite.named import stable

x = np.array([1.0, 2.0, 3.0])


def world(body):
    """A module with a function f(a, p) and much that is called W."""
    space = {"__name__": "somewhere", "np": np, "W": np.ones(3), "thing": types.SimpleNamespace(W=2.0, other=1.0)}
    exec(f"def g(a, W=1.0, **more):\n    return a * W\n\n{body}", space)
    return space


@pytest.fixture
def made(monkeypatch):
    """A list that grows with every program that is written."""
    programs, usual = [], compiled.program
    monkeypatch.setattr(compiled, "program", lambda *args: programs.append(1) or usual(*args))
    return programs


CALLED_LIKE_A_GLOBAL = {
    "key": "def f(a, p): return a * p['W']",
    "key of a nested function": "def f(a, p): return sum([a * q['W'] for q in [p]])",
    "attribute": "def f(a, p): return a * thing.W",
    "attribute that is set": "def f(a, p):\n    thing.unread = 1\n    return a",
    "keyword": "def f(a, p): return g(a, W=3.0)",
    "further keyword": "def f(a, p): return g(a, b=1, W=3.0)",
    "local variable": "def f(a, p):\n    W = a * 2\n    return W",
    "parameter of a nested function": "def f(a, p): return (lambda W: W * 2)(a)",
    "docstring": "def f(a, p):\n    'W'\n    return a",
    "string": "def f(a, p):\n    return a * len('W')",
    "part of a string": "def f(a, p):\n    return a * len(f'{a.shape} W')",
    "string in a tuple": "def f(a, p):\n    return a * len(('W', 'W'))",
    "string beside getattr": "def f(a, p):\n    return a * getattr(thing, 'W')",
    "method of a class of its own": "class C:\n    def W(self, a): return a\ndef f(a, p): return C().W(a)",
}


@pytest.mark.parametrize("name", CALLED_LIKE_A_GLOBAL)
def test_a_name_of_another_kind_is_no_global(name, made):
    space = world(CALLED_LIKE_A_GLOBAL[name])
    f = space["f"]
    step = jit(f)
    for i in range(10):
        np.testing.assert_array_equal(step(x, {"W": x}), f(x, {"W": x}))
        space["W"] = space["W"] * i
    assert len(made) == 1


@dataclasses.dataclass(repr=False, eq=False)
class Config:
    rate: float = 1.0


@dataclasses.dataclass(repr=False, eq=False, slots=True)
class Slotted:
    rate: float = 1.0


USED = {
    "global": ("def f(a): return a * k", "k = 3.0"),
    "in a nested function": ("def f(a): return (lambda b: b * k)(a)", "k = 3.0"),
    "in a comprehension": ("def f(a): return sum([a * k for _ in range(2)])", "k = 3.0"),
    "in a class": ("def f(a):\n    class C:\n        b = k\n    return a * C.b", "k = 3.0"),
    "beside a key of its name": ("def f(a): return a * {'k': 1.0}['k'] * k", "k = 3.0"),
    "by globals": ("def f(a): return a * globals()['k']", "k = 3.0"),
    "by eval": ("def f(a): return a * eval('k + 1')", "k = 3.0"),
    "by getattr with a tuple": ("def f(a): return a * sum(getattr(o, n) for n in ('u', 'v'))", "o.v = 3.0"),
    "by hasattr": ("def f(a): return a * 2 if hasattr(o, 'w') else a", "o.w = 3.0"),
    "by vars": ("def f(a): return a * vars(o)['u']", "o.u = 3.0"),
    "by vars of a module": ("def f(a): return a * vars(module)['u']", "module.u = 3.0"),
    "by a pattern": ("def f(a):\n    match o:\n        case T(u=u): return a * u", "o.u = 3.0"),
    "imported in the function": (
        "def f(a):\n    import kept_elsewhere\n    return a * kept_elsewhere.u",
        "module.u = 3.0",
    ),
    "imported from": ("def f(a):\n    from kept_elsewhere import u\n    return a * u", "module.u = 3.0"),
    "by asdict": ("def f(a): return a * asdict(config)['rate']", "config.rate = 3.0"),
    "by asdict with slots": ("def f(a): return a * asdict(slotted)['rate']", "slotted.rate = 3.0"),
    "in a dict of another class": ("def f(a): return a * user['rate']", "user['rate'] = 3.0"),
    "behind a proxy": ("def f(a): return a * proxy['rate']", "rates['rate'] = 3.0"),
    "below ten containers": ("def f(a): return a * deep" + "[0]" * 30, "deep" + "[0]" * 30 + " = 3.0"),
}


@pytest.mark.parametrize("name", USED)
def test_a_value_that_is_used_is_followed(name, monkeypatch):
    body, change = USED[name]
    module = types.ModuleType("kept_elsewhere")
    module.u = 1.0
    monkeypatch.setitem(sys.modules, "kept_elsewhere", module)
    space = {"__name__": "somewhere", "np": np, "k": 1.0, "T": types.SimpleNamespace, "module": module}
    space |= {"asdict": dataclasses.asdict, "config": Config(), "slotted": Slotted(), "user": UserDict(rate=1.0)}
    space["proxy"] = types.MappingProxyType(space.setdefault("rates", {"rate": 1.0}))
    space["o"] = types.SimpleNamespace(u=1.0, v=2.0)
    space["deep"] = deep = []
    for _ in range(29):
        deep.append([])
        deep = deep[0]
    deep.append(1.0)
    exec(body, space)
    f = space["f"]
    step = jit(f)
    before = step(x)
    exec(change, space)
    np.testing.assert_array_equal(step(x), f(x))
    assert not np.array_equal(step(x), before)


def test_many_recompilations_are_reported_with_their_cause():
    settings = types.SimpleNamespace(rate=0.0)

    def f(a):
        return a * settings.rate

    step = jit(f)
    for _ in range(compiled.PATIENCE + 1):
        step(x)
        settings.rate += 1
    with pytest.warns(RecompilationWarning, match=r"jit\(f\).* because settings\.rate has changed.*argument") as caught:
        step(x)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # once is enough
        for _ in range(10):
            settings.rate += 1
            np.testing.assert_array_equal(step(x), x * settings.rate)


CAUSES = [
    ("k", "a * k", "k = k + 1.0"),
    ("options", "a * options['rate']", "options['rate'] += 1"),
    ("thing.k", "a * thing.k", "thing.k += 1"),
    ("the entries of W", "a * np.exp(W)", "W[0] += 1"),
    ("W", "a[0] * W", "W = np.ones(len(W) + 1)"),
]


@pytest.mark.parametrize(("cause", "body", "change"), CAUSES)
def test_the_cause_is_named(cause, body, change):
    space = {"__name__": "somewhere", "np": np, "k": 1.0, "W": np.ones(3), "options": {"rate": 1.0}}
    space["thing"] = types.SimpleNamespace(k=1.0)
    exec(f"def f(a):\n    return {body}", space)
    step = jit(space["f"])
    for _ in range(compiled.PATIENCE + 1):
        step(x)
        exec(change, space)
    with pytest.warns(RecompilationWarning, match=f"because {cause} has changed"):
        step(x)


def test_constants_among_the_arguments_are_counted_and_reported():
    step = jit(lambda a, k, p: a * k * p["n"])
    for k in range(compiled.PATIENCE + 1):
        step(x, k, {"n": 1})
        step(x, k, {"n": 1})
    assert step.recompilations() == compiled.PATIENCE
    with pytest.warns(RecompilationWarning, match=r"the argument k and p\[.n.\] has changed.*pass a float or an array"):
        step(x, 9, {"n": 2})
    step(x, 10, {"n": 2})
    step(x, 2.5, {"n": 2.5})
    step(x, 3.5, {"n": 3.5})
    assert step.recompilations() == compiled.PATIENCE + 2


def test_new_shapes_and_constants_are_not_reported():
    step = jit(lambda a, k: a * k)
    for n in range(1, 20):
        step(np.ones(n), n)


def test_more_than_can_be_followed_is_reported(monkeypatch):
    monkeypatch.setattr(captures, "MOST", 20)
    many = [[i] for i in range(30)]
    with pytest.warns(UserWarning, match="leads to more than 20 objects, and those from many on"):
        jit(lambda a: a * many[0][0])(x)


@pytest.mark.parametrize("args", [(x,), (x, 2.0)])
def test_a_rule_that_fails_makes_no_slower_program(monkeypatch, args):
    def broken(y, *inputs):
        raise KeyError("slip")

    monkeypatch.setitem(stable, log, [broken])
    f = grad(lambda a, k=1.0: np.sum(k * np.log(1 + np.exp(-a))))
    with pytest.raises(RewriteError, match=r"a rewrite rule of log fails on .*KeyError\('slip'\)"):
        jit(f)(*args)


def test_a_number_that_python_needs_is_a_constant_all_the_same(made):
    step = jit(value_and_grad(lambda a, n: np.sum(sum(a**i for i in range(int(n))))))
    for n in (2.0, 3.0, 2.0):
        assert step(x, n)[0] == sum(np.sum(x**i) for i in range(int(n)))
    assert len(made) == 2
