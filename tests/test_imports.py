"""The architecture: layers are folders, and imports point from later layers to earlier ones."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import tinygrad_dnn

from .cases import one_test_for_each

PACKAGE = Path(tinygrad_dnn.__file__).parent
LAYERS = {
    "support": (),
    "core": ("support",),
    "ops": ("core",),
    "compositions": ("ops",),
    "inplace": ("ops",),
    "transforms": ("inplace",),
    "scipy": ("transforms",),
    "rewrite": ("inplace",),
    "derive": ("rewrite",),
    "jit": ("transforms", "derive"),
    "dnn": ("transforms", "jit"),
    "sandbox": ("support",),
    "tracing": ("jit", "inplace"),
    "render": ("transforms", "jit"),
    "live": ("render",),
    "referee": ("tracing", "dnn", "render", "sandbox"),
    "cli": ("referee", "live"),
}
"""Each layer and those that it builds on; it may import what these may import, too."""

FRONT = {"__init__.py", "__main__.py", "errors.py", "numpy.py"}
"""The modules beside the folders: what users import, made of what the layers export."""


def allowed(layer: str) -> set[str]:
    """Return the layers that `layer` may import."""
    return {layer}.union(*map(allowed, LAYERS[layer]))


def imported(path: Path) -> set[str]:
    """Return the layers and front modules that a module imports."""
    package = path.relative_to(PACKAGE).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) + 1 - node.level]] if node.level else []
            full = [*base, *(node.module or "").split(".")] if node.level else (node.module or "").split(".")[1:]
            full = [part for part in full if part]
            if node.level or (node.module or "").split(".")[0] == "tinygrad_dnn":
                found |= {full[0]} if full else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("tinygrad_dnn.")}
    return found - {"__version__"}


MODULES = sorted(PACKAGE.rglob("*.py"))


@one_test_for_each("path", {"all": [path for path in MODULES if path.parent != PACKAGE]})
def test_imports_point_to_earlier_layers(path):
    layer = path.relative_to(PACKAGE).parts[0]
    backwards = imported(path) - allowed(layer)
    assert not backwards, f"{layer} may import {sorted(allowed(layer))}, not {sorted(backwards)}"


@pytest.mark.parametrize("path", [*PACKAGE.glob("sandbox/child/*.py")], ids=lambda path: path.stem)
def test_what_runs_beside_a_submission_needs_numpy_alone(path):
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    assert {node.level for node in nodes} <= {0, 1}
    foreign = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Import)]
    names = {alias.name for node in foreign for alias in node.names} | {str(n.module) for n in nodes if n.level == 0}
    assert {name.partition(".")[0] for name in names} <= {"numpy", *sys.stdlib_module_names}


def test_every_folder_is_a_layer_and_few_modules_stand_beside_them():
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders <= LAYERS.keys()
    assert {p.name for p in PACKAGE.glob("*.py")} <= FRONT


PUBLIC = {
    "tinygrad_dnn": "Tensor derive draw explore grad jit no_grad primitive relu scope sigmoid trace_lines vjp",
    "tinygrad_dnn.cli": "main",
    "tinygrad_dnn.derive": "Derivation derive",
    "tinygrad_dnn.dnn": "Settings Training cost cost_and_gradients forward tensors train",
    "tinygrad_dnn.live": "play Play",
    "tinygrad_dnn.dnn.data": "load planar DataError",
    "tinygrad_dnn.dnn.optimisers": "Adam GradientDescent Momentum flattened load save",
    "tinygrad_dnn.dnn.parameters": "Adam GradientDescent Momentum flattened load save",
    "tinygrad_dnn.dnn.manual": "L_model_forward L_model_backward compute_cost linear_backward update_parameters",
    "tinygrad_dnn.errors": "DetachedError DtypeError GradientError NoRuleError ShapeError TracingError",
    "tinygrad_dnn.numpy": "array zeros sum linalg r_",
    "tinygrad_dnn.ops": "TABLE",
    "tinygrad_dnn.referee": "compare check_gradients check",
    "tinygrad_dnn.render": "draw explore LayoutError",
    "tinygrad_dnn.render.decision": "decision_boundary",
    "tinygrad_dnn.render.gradient_plots": "gradient_norms",
    "tinygrad_dnn.render.plots": "cost_curve decision_boundary gradient_norms",
    "tinygrad_dnn.sandbox": "ForkServer Limits",
    "tinygrad_dnn.transforms": "check_grads grad hessian hvp jacobian jvp value_and_grad vjp",
}
"""The paths that programs import, with names to be found there."""


@pytest.mark.parametrize(("module", "names"), PUBLIC.items())
def test_public_paths_stay(module, names):
    found = import_module(module)
    assert not [name for name in names.split() if not hasattr(found, name)]


LOADED_LATER = {
    "import tinygrad_dnn": "",
    "import tinygrad_dnn; tinygrad_dnn.relu(tinygrad_dnn.Tensor([1.0]) * 2).backward(1.0 * np.ones(1))": "",
    "from tinygrad_dnn import grad; grad(np.tanh)(1.0)": "transforms",
    "from tinygrad_dnn import Tensor; np.trapezoid(Tensor([1.0, 2.0]))": "compositions inplace",
    "from tinygrad_dnn import Tensor; t = Tensor([1.0]) * 1; t += 1": "compositions inplace",
}


@pytest.mark.parametrize(("program", "rooms"), LOADED_LATER.items())
def test_rooms_are_loaded_when_they_are_first_needed(program, rooms):
    shown = "; import sys; print(*sorted({m.split('.')[1] for m in sys.modules if m.startswith('tinygrad_dnn.')}))"
    command = [sys.executable, "-c", f"import numpy as np; {program}{shown}"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {*found} - {"core", "ops", "support"} == {*rooms.split()}


@pytest.mark.parametrize("first", ["import tinygrad_dnn.derive.same", "import tinygrad_dnn.jit.names", "pass"])
def test_derive_and_jit_are_functions_before_and_after_their_subpackages_are_imported(first):
    program = """
import inspect, tinygrad_dnn as tg, tinygrad_dnn.jit.names, tinygrad_dnn.derive.same
from tinygrad_dnn import derive, jit
assert tg.derive is derive is sys.modules["tinygrad_dnn.derive"].derive, tg.derive
assert tg.jit is jit is sys.modules["tinygrad_dnn.jit"].jit, tg.jit
assert [*inspect.signature(tg.jit).parameters] == ["f", "backend"] and "Parameters" in tg.derive.__doc__
"""
    subprocess.run([sys.executable, "-c", f"import sys\n{first}{program}"], check=True)
