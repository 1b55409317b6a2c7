"""Judging the functions of a running notebook or module, and how verdicts show themselves there."""

import json
import linecache
import subprocess
import sys

import pytest

from tinygrad_dnn.dnn.manual import initialize_parameters_deep
from tinygrad_dnn.referee import check, compare
from tinygrad_dnn.referee.verdict import Verdict

WRONG = """
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    dW = np.dot(dZ, A_prev.T) / A_prev.shape[EXAMPLES]
    db = np.sum(dZ, axis=1, keepdims=True)
    return dot(W.T, dZ), dW, db
"""
RIGHT = WRONG.replace("keepdims=True)", "keepdims=True) / A_prev.shape[EXAMPLES]")


@pytest.fixture
def shell(monkeypatch):
    """A notebook's shell, in this process, with the extension."""
    monkeypatch.delattr("builtins._", raising=False)  # a doctest's, in whose presence IPython sets none
    from IPython.core.interactiveshell import InteractiveShell

    before = sys.displayhook, sys.excepthook, sys.modules.get("__main__")
    shell = InteractiveShell.instance()
    shell.reset(new_session=True)
    shell.run_cell("%load_ext tinygrad_dnn", store_history=True)
    shell.run_cell("import numpy as np\nfrom numpy import dot\nEXAMPLES = 1", store_history=True)
    yield shell
    InteractiveShell.clear_instance()
    sys.displayhook, sys.excepthook, sys.modules["__main__"] = before


def judged(verdict, name="linear_backward"):
    return verdict[name].verdict, verdict[name].quantity, verdict[name].cause


def test_the_functions_of_the_running_notebook_are_judged(shell):
    shell.run_cell(WRONG, store_history=True)
    shell.run_cell("raise ValueError('of another cell')", store_history=True, silent=True)
    verdict = check(shell.user_ns)
    assert judged(verdict) == ("wrong", "db", "missing-1/m")
    assert verdict["linear_backward"].cell == 3
    assert verdict["linear_backward"].line == 4
    assert verdict.notes == []
    shell.run_cell(RIGHT, store_history=True)
    assert judged(check(shell.user_ns))[0] == "right"


def test_the_magic_runs_its_cell_and_judges_what_it_defines(shell):
    shell.run_cell("def relu(Z):\n    return np.maximum(1, Z), Z", store_history=True)
    shell.run_cell(f"%%check\n{WRONG}", store_history=True)
    verdict = shell.user_ns["_"]
    assert [function.name for function in verdict.functions] == ["linear_backward"]
    assert judged(verdict) == ("wrong", "db", "missing-1/m")
    assert shell.user_ns["linear_backward"].__name__ == "linear_backward"
    shell.run_cell(f"%%check\n{RIGHT}", store_history=True)
    assert judged(shell.user_ns["_"])[0] == "right"


def test_a_cell_that_fails_is_not_judged(shell):
    shell.run_cell("%%check\n1 / 0", store_history=True)
    assert not [value for value in shell.user_ns["Out"].values() if isinstance(value, Verdict)]


def test_a_module_is_judged_by_its_namespace(tmp_path, monkeypatch):
    (tmp_path / "hw_of_mine.py").write_text("import numpy as np\nfrom numpy import dot\nEXAMPLES = 1\n" + RIGHT)
    monkeypatch.syspath_prepend(tmp_path)
    import hw_of_mine

    verdict = check(vars(hw_of_mine))
    assert judged(verdict)[0] == "right"
    assert verdict.path == hw_of_mine.__file__


def test_a_script_judges_itself_and_is_told_its_lines(tmp_path):
    script = tmp_path / "homework.py"
    program = [
        "import numpy as np\nfrom numpy import dot",
        "from tinygrad_dnn.referee import check",
        "EXAMPLES = 1",
        WRONG,
    ]
    script.write_text("\n".join([*program, "print(check(globals()))"]), "utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    line = script.read_text("utf-8").split("\n").index("    db = np.sum(dZ, axis=1, keepdims=True)") + 1
    assert f"line {line}: db = np.sum(dZ, axis=1, keepdims=True)" in done.stdout
    assert "note:" not in done.stdout + done.stderr


def test_functions_typed_at_a_prompt_that_keeps_sources_are_told_their_lines():
    names = {"__name__": "__main__"}
    for number, source in enumerate(("import numpy as np\nfrom numpy import dot\nEXAMPLES = 1", WRONG)):
        linecache.cache[f"<python-input-{number}>"] = (len(source), None, source.splitlines(keepends=True), "")
        exec(compile(source, f"<python-input-{number}>", "exec"), names)
    found = check(names)["linear_backward"]
    assert found.source == "db = np.sum(dZ, axis=1, keepdims=True)"


@pytest.mark.parametrize(
    ("namespace", "note"),
    [({"__name__": "__main__", "x": 1}, "it defines no function"), (None, "Python has not kept the source")],
)
def test_a_namespace_without_sources_is_explained(namespace, note):
    if namespace is None:
        exec("def relu(Z): return Z", namespace := {"__name__": "of_text"})
    verdict = check(namespace)
    assert verdict.verdict == "crashed"
    assert note in verdict.notes[0]
    assert "check(globals())" in verdict.notes[0]


PEERS = """
import torch, tensorflow as tf
from tinygrad_dnn import Tensor, derive
import numpy as np
# %%
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = (x**2).sum() + np.ones(2) @ x
y.backward()
# %%
for step in range(3):
    loss = torch.nn.functional.mse_loss(x, y)
    print(f'{loss.item():.3f}', float(loss))
# %%
if loss < 0.1:
    small = True
print(small)
# %%
Z = Tensor(np.ones((2, 3))) @ np.ones((3, 4))
J = np.sum(np.log(1 + np.exp(-Z)))
J.backward()
print(-J, J.numpy()[0])
# %%
with tf.GradientTape() as tape:
    z = tf.Variable(3.0) * 2
grads, other = tape.gradient(z, [x])
assert grads.numpy() > 5
# %%
def relu(Z):
    return np.maximum(0, Z), Z
"""


def test_a_notebook_that_also_uses_frameworks_is_judged_without_noise(tmp_path):
    path = tmp_path / "frameworks.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": source} for source in PEERS.split("# %%")]}))
    verdict = check(path)
    assert verdict["relu"].verdict == "right"
    assert verdict.notes == []


def test_verdicts_and_comparisons_show_themselves(tmp_path):
    path = tmp_path / "a<b.py"
    path.write_text("import numpy as np\nfrom numpy import dot\nEXAMPLES = 1\n" + WRONG)
    verdict = check(path)
    assert repr(verdict).startswith(f"<Verdict {path}: wrong; linear_backward: The factor 1/m is missing.")
    html = verdict._repr_html_()
    assert "a&lt;b.py: wrong" in html
    assert "The factor 1/m is missing" in html
    assert "<script" not in html
    import numpy as np

    comparison = compare(initialize_parameters_deep([2, 3, 1]), np.ones((2, 4)), np.ones((1, 4)))
    assert repr(comparison).startswith("<Comparison Network 2-3-1")
    assert len(repr(comparison)) < 300
