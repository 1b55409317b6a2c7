"""Functions that transforms and `jit` have made go to other processes: of a module by pickle, of a script too."""

import multiprocessing
import pickle
import subprocess
import sys
from importlib import import_module

import cloudpickle
import joblib
import numpy as np
import pytest

from tinygrad_dnn import grad, jit

MODULE = """
import functools
import numpy as np
from tinygrad_dnn import checkpoint, elementwise_grad, grad, hessian, jacobian, jit, numerical, value_and_grad

def cost(w, x=3.0):
    "The cost."
    return np.sum((w * x) ** 2)

def scaled(k, w):
    return np.sum(w**k)

plain = jit(cost)
step = jit(value_and_grad(cost))
slope = jit(grad(cost, argnum=(0, 1)), backend="numba")
second = jit(hessian(cost))
twice = jit(elementwise_grad(grad(cost)))
cube = jit(functools.partial(scaled, 3))

@jit
def decorated(w, x=3.0):
    return np.sum(w * x)

@jit
@value_and_grad
def stacked(w, x=3.0):
    return np.sum(w * x)

gradient = grad(cost, "w")
both = value_and_grad(cost, has_aux=False)
each = elementwise_grad(elementwise_grad(np.sin))
matrix, curvature = jacobian(cost), hessian(cost)
thrifty = value_and_grad(checkpoint(cost))
numeric = grad(numerical(cost))
part = grad(functools.partial(scaled, 3))

@value_and_grad
def stepped(w, x=3.0):
    return np.sum(w * x)

class Model:
    @jit
    def loss(self, w):
        return np.sum(w)

    @functools.partial(grad, argnum=1)
    def slope(self, w):
        "The slope."
        return np.sum(w**2)

slope_of_model = Model.slope
"""
COMPILED = ["plain", "step", "slope", "second", "twice", "cube", "decorated", "stacked"]
NAMES = [*COMPILED, "gradient", "both", "each", "matrix", "curvature", "thrifty", "numeric", "part", "stepped"]
DECORATED = {"decorated", "stacked", "stepped"}


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "compiled_steps.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("compiled_steps")
    del sys.modules["compiled_steps"]


def shown(f):
    return repr(f(np.array([1.0, -2.0])))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tool", [pickle, cloudpickle])
def test_functions_of_a_module(module, name, tool):
    f = getattr(module, name)
    again = pickle.loads(tool.dumps(f))
    assert shown(again) == shown(f)
    if name in COMPILED:
        assert again.source(np.ones(2)) == f.source(np.ones(2))
    assert (again is f) == (name in DECORATED), "by its name where that is the function's"


def test_another_process_reads_them(module, tmp_path):
    sent = pickle.dumps([getattr(module, name) for name in NAMES])
    reader = f"""
import pickle, sys
sys.path.insert(0, {str(tmp_path)!r})
import numpy as np
for f in pickle.load(sys.stdin.buffer):
    print(repr(f(np.array([1.0, -2.0]))))
"""
    command = [sys.executable, "-c", reader]
    found = subprocess.run(command, input=sent, capture_output=True, check=True).stdout.decode()
    assert found.splitlines() == "\n".join(shown(getattr(module, name)) for name in NAMES).splitlines()


def test_a_script_pickles_what_it_decorates():
    program = f"""
import pickle, cloudpickle
{MODULE}
for name in {NAMES}:
    f = globals()[name]
    for tool in (pickle, cloudpickle):
        assert repr(pickle.loads(tool.dumps(f))(np.ones(2))) == repr(f(np.ones(2))), name
assert decorated.__name__ == "decorated"
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("transform", [jit, grad])
def test_what_has_no_name_is_refused_by_its_reason(transform):
    def local(x):
        return x

    with pytest.raises((AttributeError, pickle.PicklingError), match=r"local object .*local"):
        pickle.dumps(transform(local))
    assert pickle.loads(cloudpickle.dumps(transform(local)))(2.0) == transform(local)(2.0)


def test_a_pool_of_processes_takes_transforms(module):
    w = np.array([1.0, -2.0])
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert repr(pool.map(module.both, [w])) == repr([module.both(w)])
    found = joblib.Parallel(2)(joblib.delayed(f)(w) for f in (module.gradient, module.stepped))
    assert repr(found) == repr([module.gradient(w), module.stepped(w)])


def test_a_transformed_method_is_one(module):
    model = module.Model()
    assert model.slope(np.ones(2)).tolist() == [2.0, 2.0]
    assert module.Model.slope.__doc__ == "The slope."
    assert pickle.loads(pickle.dumps(module.slope_of_model)) is module.Model.slope
    assert pickle.loads(pickle.dumps(model.slope))(np.ones(2)).tolist() == [2.0, 2.0]


def test_a_compiled_function_looks_like_the_function(module):
    assert module.plain.__doc__ == "The cost."
    assert module.plain.__name__ == "cost"
    assert repr(module.plain) == "<jit(cost), backend numpy>"
    assert module.Model().loss(np.ones(3)) == 3.0
