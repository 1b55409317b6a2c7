"""The types that users see: mypy and pyright find them in a user's program, and refuse its mistakes."""

import ast
import contextlib
import inspect
import json
import operator
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tinygrad_dnn
import tinygrad_dnn.numpy
from tinygrad_dnn import Tensor
from tinygrad_dnn.core.protocol import Operators
from tinygrad_dnn.support.elsewhere import Elsewhere

HERE = Path(__file__).parent
ROOT = Path(tinygrad_dnn.__file__).parents[1]
MISTAKES = {
    number: line.partition("  # ")[2]
    for number, line in enumerate((HERE / "refused.txt").read_text("utf-8").splitlines(), 1)
    if "  # " in line
}


@pytest.fixture
def programs(tmp_path):
    """The two programs, in a folder of their own."""
    shutil.copy(HERE / "program.py", tmp_path)
    shutil.copy(HERE / "refused.txt", tmp_path / "refused.py")
    return tmp_path


@pytest.mark.slow
def test_mypy_finds_the_types_of_a_users_program_and_its_mistakes(programs):
    pytest.importorskip("mypy")
    config = programs / "mypy.ini"  # a user sees no error of an installed package
    config.write_text(f"[mypy]\nmypy_path = {ROOT}\nfollow_imports = silent\ncache_dir = {programs}\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", config]
    done = subprocess.run([*command, "program.py", "refused.py"], capture_output=True, text=True, cwd=programs)
    found = re.findall(r"(\w+)\.py:(\d+): error: .*\[([\w-]+)\]", done.stdout)
    assert [(file, int(line), code) for file, line, code in found] == [
        ("refused", line, code) for line, code in MISTAKES.items()
    ], done.stdout


def test_pyright_finds_the_same(programs):
    beside = Path(sys.executable).parent  # basedpyright brings Node as a wheel; pyright itself fetches it
    names = ("basedpyright", "pyright")
    command = next(filter(None, (shutil.which(n) or shutil.which(n, path=beside) for n in names)), None)
    if command is None:
        pytest.skip("neither basedpyright nor pyright is installed")
    settings = {"extraPaths": [str(ROOT)], "typeCheckingMode": "standard"}
    (programs / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [command, "--outputjson", "--pythonpath", sys.executable, "."]
    done = subprocess.run(command, capture_output=True, text=True, cwd=programs)
    errors = [e for e in json.loads(done.stdout)["generalDiagnostics"] if e["severity"] == "error"]
    places = {(Path(error["file"]).stem, error["range"]["start"]["line"] + 1) for error in errors}
    assert places == {("refused", line) for line in MISTAKES}, errors


def test_the_program_runs():
    subprocess.run([sys.executable, HERE / "program.py"], check=True, cwd=ROOT)


def stub(module):
    """Return the statements of a stub."""
    return ast.parse((ROOT / "tinygrad_dnn" / module).read_text("utf-8")).body


def test_the_stub_of_the_package_declares_its_names_and_their_parameters():
    declared, functions, classes = set(), {}, {}

    def parameters(node):
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.kwarg])]
        return [argument.arg for argument in every if argument.arg != "self"]

    for node in stub("__init__.pyi"):
        if isinstance(node, ast.ImportFrom) and node.level:
            declared |= {alias.asname for alias in node.names}
        elif isinstance(node, ast.AnnAssign):
            declared.add(node.target.id)
            if getattr(node.annotation, "id", "") in classes:
                functions[node.target.id] = parameters(classes[node.annotation.id].body[-1])
        elif isinstance(node, ast.ClassDef) and node.name != "_Elementwise":  # ops: their inputs have no names
            classes[node.name] = node
        elif isinstance(node, ast.FunctionDef):
            functions[node.name] = parameters(node)
    names = {name for name in declared | functions.keys() if not name.startswith("_")}
    assert names == {*tinygrad_dnn.__all__, "load_ipython_extension"}
    assert functions == {name: list(inspect.signature(getattr(tinygrad_dnn, name)).parameters) for name in functions}


def test_the_stub_of_operators_declares_them_all():
    [body] = [node.body for node in stub("core/protocol.pyi") if isinstance(node, ast.ClassDef)]
    declared = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    own = {name for name, value in vars(Operators).items() if not isinstance(value, Elsewhere)}
    assert declared == own - {"__module__", "__slots__", "__doc__", "__annotations__"}


CALLS = (
    "(A)",
    "(v)",
    "(A, A)",
    "(v, v)",
    "(A, 1)",
    "(A, 0, 1)",
    "(A, (2, 2))",
    "('ij,jk->ik', A, A)",
    "([A, A])",
    "(M, A)",
)
"""Calls of a function of matrices A, of vectors v and a mask M; most functions take some of them only."""


def test_the_stub_of_numpy_declares_what_returns_a_tensor():
    [linalg] = [node.body for node in stub("numpy.pyi") if getattr(node, "name", "") == "_Linalg"]
    declared = {
        f"{prefix}{node.target.id}": node.annotation.id
        for prefix, body in (("", stub("numpy.pyi")), ("linalg.", linalg))
        for node in body
        if isinstance(node, ast.AnnAssign)
    }
    assert len(declared) > 160
    A, v, M = Tensor([[0.5, 0.2], [0.1, 0.7]]), Tensor([0.5, 0.2, 0.3]), np.array([True, False])
    for name, kind in declared.items():
        function = operator.attrgetter(name)(tinygrad_dnn.numpy)
        assert callable(function) or kind == "_Linalg"
        found = set()
        for call in CALLS if kind in ("_Function", "_OfSeveral") else ():
            with contextlib.suppress(Exception), np.errstate(all="ignore"):
                found.add(type(eval(f"function{call}", {"function": function, "A": A, "v": v, "M": M})))
        assert bool(found) == (kind in ("_Function", "_OfSeveral")), name
        assert all(issubclass(returned, Tensor) for returned in found), name
