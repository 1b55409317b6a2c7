"""Names that are chosen to break something, the same bytes in every run, and what is refused."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_dnn import DetachedError, StaleError, Tensor, derive
from tinygrad_dnn.derive.names import Namer, identifier, latex, plain

from ..cases import examples
from .graphs import network

HOSTILE = ["a b", "<script>alert(1)</script>", "]]>", "x\ny", '"', "'", "\\", "$&#%_{}^~", "lambda", "np", "", "1st"]
HOSTILE += [
    "x" * 10_000,
    "θ",
    "名前",
    "e\u0301",
    "\u202e",
    "\x00",
    "\ud800",
    "{0}",
    "%s",
    "\\hole0 ",
    "\\end{aligned}",
    "🦆",
]


def derived(*names):
    x, y = (Tensor(np.array([1.0, 2.0]), name=name) for name in names)
    return derive(np.sum((x * y).named(names[0]) + x).named(names[1])), x, y


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_breaks_nothing(name):
    derivation, x, y = derived(name, "y")
    run = derivation.run()
    assert run[derivation.name_of(x)].tolist() == [2.0, 3.0]
    assert run[derivation.name_of(y)].tolist() == [1.0, 2.0]
    assert all(line == "" or line.isprintable() for line in derivation.text.splitlines())
    table = ET.fromstring(derivation.mathml)
    assert {"lambda": "λ"}.get(name, plain(name).strip("'")) in "".join(table.itertext()).replace("\u00a0", " ")
    assert "<script" not in derivation.mathml + derivation.latex
    assert len(derivation.text) < 5000
    derivation.text.encode()


@pytest.mark.parametrize("name", HOSTILE)
def test_latex_of_a_hostile_name_is_balanced(name):
    written = latex(name).replace(r"\{", "").replace(r"\}", "").replace(r"\backslash", "")
    assert written.count("{") == written.count("}")
    for special in "$&#%_":
        assert all(written[i - 1] == "\\" for i, c in enumerate(written) if c == special and "text" in written)


@given(st.lists(st.text(max_size=6), min_size=1, max_size=8))
@examples(200)
def test_symbols_are_unique_and_legal(names):
    namer = Namer()
    symbols = []
    for name in names:
        symbols.append(namer.symbol(name))
        symbols.append(namer.differential(symbols[-1]))
    for notation in zip(*symbols):
        assert len(set(notation)) == len(notation)
    for symbol in symbols:
        exec(f"{symbol.python} = 1")
        assert symbol.python.isidentifier()
        assert symbol.text.isprintable()


def test_what_is_taken_in_one_notation_is_numbered_in_that_one_alone():
    namer = Namer()
    x, prime = namer.symbol("x"), namer.symbol("x'")
    assert (x.python, prime.python, prime.title, prime.text) == ("x", "x_2", "x'", "'x''")
    assert (namer.differential(x).python, namer.differential(prime).python) == ("dx", "dx_2")
    assert namer.differential(namer.symbol("ef")).python == "def_"
    assert namer.differential(namer.symbol("lambda")).python == "dlambda"


@given(st.text(max_size=60))
@examples(100)
def test_identifiers(name):
    assert identifier(name).isidentifier()
    exec(f"{identifier(name)} = 1")


def test_two_tensors_of_one_name():
    derivation, x, y = derived("W", "W")
    assert {derivation.name_of(x), derivation.name_of(y)} <= {"dW", "dW_2", "dW_3", "dW_4"}
    assert derivation.run()[derivation.name_of(x)].tolist() == [2.0, 3.0]


def test_the_same_graph_gives_the_same_bytes():
    program = """
import hashlib
from tests.derive.graphs import network
from tinygrad_dnn import derive
J, _ = network(3, 4, 3, 1)
d = derive(J, simplify=True)
print(hashlib.sha256((d.text + d.latex + d.mathml + d.numpy).encode()).hexdigest())
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in "12"
    }
    assert len(outputs) == 1


def test_deriving_twice_gives_the_same():
    J, _ = network(2, 3, 1)
    assert [derive(J).text, derive(J).numpy] == [derive(J).text, derive(J).numpy]


def test_what_is_no_tensor_is_refused():
    for convention in (None, "course"):
        with pytest.raises(TypeError, match="is not a Tensor; give one that was computed from Tensors"):
            derive(3.0, convention=convention)


def test_what_needs_no_gradient_is_refused():
    with pytest.raises(DetachedError, match=r"derive: .* depends on nothing that requires a gradient"):
        derive(Tensor(1.0, requires_grad=False))
    x, y = Tensor(1.0, name="x"), Tensor(2.0, name="y")
    with pytest.raises(DetachedError, match="does not depend on the Tensor 'y'"):
        derive(x * x, wrt=[y])
    with pytest.raises(DetachedError, match="wrt has 3, which requires no gradient"):
        derive(x * x, wrt=[3])


def test_a_leaf_changed_since_is_refused():
    x = Tensor([1.0], name="x")
    J = np.sum(x * x)
    x.data[0] = 5.0
    with pytest.raises(StaleError, match="'x'"):
        derive(J)


def test_simplify_needs_no_other_package():
    program = "import sys; from tinygrad_dnn import Tensor, derive; x = Tensor(1.0); derive(x * x, simplify=True).text"
    program += "; assert 'sympy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": "."})
