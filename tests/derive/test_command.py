"""`tinygrad-dnn derive`."""

import json

import numpy as np
import pytest

from tinygrad_dnn.cli.commands import loaded


@pytest.fixture
def run(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as stopped:
            loaded("derive").main(list(arguments))
        captured = capsys.readouterr()
        return stopped.value.code, captured.out + captured.err

    return run


def test_the_course_s_network(run):
    status, output = run("--layers", "2-3-1")
    assert status == 0
    for formula in ("dZ2 = dA2 * A2 * (1 - A2)", "dW2 = dZ2 A1^T", "dA1 = W2^T dZ2", "dZ1 = dA1 * (Z1 > 0)"):
        assert formula in output
    assert "W2   (1, 3)" in output


def test_simplified(run):
    assert "dZ2 = (A2 - Y) / m" in run("--layers", "2-3-1", "--simplify")[1]
    assert "dZ2 = (A2 - Y) / m" in run("--layers", "2-3-4", "--activations", "tanh,sigmoid", "--simplify")[1]


def test_rules_and_numbers_on_demand(run):
    explained = run("--layers", "2-3-1", "--rules", "--numbers")[1]
    assert "rule: c = a b gives da = dc b^T" in explained
    assert "relu([[" in explained
    assert "rule: c = a b" not in run("--layers", "2-3-1", "--numbers")[1]


def test_the_other_notations(run):
    assert run("--layers", "2-3-1", "--latex")[1].startswith(r"\begin{aligned}")
    assert "\n% dZ and dA carry the 1/m of J" in run("--layers", "2-3-1", "--latex")[1]
    assert "compile them with xelatex" not in run("--layers", "2-3-1", "--latex", "--convention", "course")[1]
    chinese = run("--layers", "2-3-1", "--latex", "--convention", "course", "--language", "zh")[1]
    assert r"\sum_{\text{样本}} dZ_{2}" in chinese
    assert r"用 xelatex 或 lualatex 编译，中文要加 \usepackage{ctex}" in chinese
    assert run("--layers", "2-3-1", "--mathml")[1].startswith("<math ")
    program = run("--layers", "2-3-1", "--numpy")[1]
    shapes = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1), "X": (2, 5), "Y": (1, 5)}
    space = {name: np.full(shape, 0.5) for name, shape in shapes.items()}
    exec(program, space)
    assert space["dW1"].shape == (3, 2)


def test_json(run):
    found = json.loads(run("--layers", "2-1", "--json")[1])
    assert found.keys() == {"legend", "steps", "program", "note"}
    [dZ1] = [step for step in found["steps"] if step["target"] == "dZ1"]
    assert dZ1["text"] == "dA1 * A1 * (1 - A1)"
    assert dZ1["shape"] == [1, 5]
    assert dZ1["rules"] == [
        {
            "op": "sigmoid",
            "formula": "a_bar * a * (1.0 - a)",
            "statement": "a = sigmoid(z) gives dz = da * a * (1 - a)",
        }
    ]
    assert dZ1["scope"] == ["layer 1"]


def test_a_program(run, tmp_path):
    path = tmp_path / "program.py"
    path.write_text("from tinygrad_dnn import Tensor\na = Tensor(2.0)\nJ = a * a\n")
    assert "da = dJ * a + dJ * a" in run(str(path))[1]


LOGISTIC = """
import numpy as np
from tinygrad_dnn import Tensor
X = np.arange(6.0).reshape(2, 3) / 10
Y = np.array([[1.0, 0.0, 1.0]])
W, b = Tensor([[0.1, -0.2]]), Tensor([[0.0]])
m = X.shape[1]
Z = np.dot(W, X) + b
A = 1 / (1 + np.exp(-Z))
J = -(1 / m) * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
"""


def derived(run, tmp_path, program, *options):
    """From each quantity to the formulas that are printed for it, and the lines that say what is given."""
    path = tmp_path / "program.py"
    path.write_text(program)
    status, output = run(str(path), *options)
    assert status == 0, output
    given, _, rest = output.partition("Forward")
    formulas = {}
    for line in rest.splitlines():
        name, equal, formula = line.strip().partition(" = ")
        if equal:
            formulas.setdefault(name, []).append(formula.split("  ")[0])
    return formulas, [line.split() for line in given.splitlines()]


def test_constants_have_the_names_of_the_program(run, tmp_path):
    formulas, given = derived(run, tmp_path, LOGISTIC, "--simplify")
    assert formulas["J"] == ["-1 / m * sum(Y * log(A) + (1 - Y) * log(1 - A))"]
    assert formulas["A"] == ["1 / (1 + exp(-Z))", "sigmoid(Z)"]
    assert formulas["dZ"][-1] == "(A - Y) / m"
    assert formulas["dW"] == ["dZ X^T"]
    assert ["m", "number", "constant,", "3"] in given


def test_fractions_stay_fractions(run, tmp_path):
    formulas, _ = derived(run, tmp_path, LOGISTIC.replace("(1 / m)", "(1 / 3)"), "--simplify")
    assert formulas["J"] == ["-1 / 3 * sum(Y * log(A) + (1 - Y) * log(1 - A))"]
    assert formulas["dZ"][-1] == "(A - Y) / 3"


def test_single_precision_stays_single(run, tmp_path):
    program = LOGISTIC.replace("\nY =", "\nX = np.float32(X)\nY =").replace("\nW, b =", "\nY = np.float32(Y)\nW, b =")
    program = program.replace("[[0.1, -0.2]]", "np.float32([[0.1, -0.2]])").replace("([[0.0]])", "(np.float32([[0.0]]))")
    program += "assert J.dtype == np.float32\n"
    assert derived(run, tmp_path, program, "--simplify")[0]["dZ"][-1] == "(A - Y) / m"


FUNCTIONS = """
import numpy as np
from tinygrad_dnn import Tensor
rng = np.random.default_rng(0)
X, Y = rng.standard_normal((2, 4)), np.array([[1, 0, 1, 0]])
parameters = {"W1": Tensor(rng.standard_normal((3, 2))), "W2": Tensor(rng.standard_normal((1, 3)))}

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def forward(X, parameters):
    A1 = np.tanh(np.dot(parameters["W1"], X))
    A2 = sigmoid(np.dot(parameters["W2"], A1))
    return A2

def compute_cost(A2, Y):
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
    return -np.sum(logprobs) / m

for i in range(2):
    cost = compute_cost(forward(X, parameters), Y)
    cost.backward()
    for W in parameters.values():
        W.data -= 0.1 * W.grad
        W.zero_grad()
"""


def test_functions_and_a_loop_of_training(run, tmp_path):
    formulas, _ = derived(run, tmp_path, FUNCTIONS, "--simplify")
    assert formulas["logprobs"] == ["log(A2) * Y + log(1 - A2) * (1 - Y)"]
    assert formulas["A1"] == ["tanh(W1 X)"]
    assert formulas["dA2"][-1] == "(1 - Y) / (m * (1 - A2)) - Y / (m * A2)"
    assert formulas["dW1"] == ["(dA1 * (1 - A1 ** 2)) X^T"]


LISTS = """
import numpy as np
from tinygrad_dnn import Tensor
class Data:
    def __init__(self):
        self.labels = np.array([[1.0, 0.0, 1.0]])
data = Data()
X = np.arange(6.0).reshape(2, 3)
W = [Tensor(np.ones((2, 2)) / 9), Tensor(np.ones((1, 2)) / 7)]
A, half, two = X, 0.5, 2
for l in range(2):
    Z = W[l] @ A
    A = np.tanh(Z)
J = half * np.sum((A - data.labels) ** two) + 0.5 * np.sum(W[0][data.labels[0, :2] > 0])
"""


def test_lists_attributes_and_names_that_move_on(run, tmp_path):
    formulas, given = derived(run, tmp_path, LISTS)
    assert formulas["Z1"] == ["W0 X"]
    assert formulas["Z2"] == ["W1 A1"]
    assert formulas["J"] == ["0.5 * sum((A2 - labels) ** two) + 0.5 * sum(W0[c0])"]  # 0.5 is half, or only 0.5
    assert ["labels", "(1,", "3)", "constant"] in given


def test_what_a_statement_does_besides_is_done_once(run, tmp_path):
    program = """
import numpy as np
from tinygrad_dnn import Tensor
a, x = Tensor(2.0), np.array([3.0, 1.0])
def noted(c):
    with open(__file__ + ".log", "a") as file:
        file.write("noted ")
    return c
J = np.sum(a * noted(x) + np.add(x, 1, out=x.copy()) * a + noted(x) * (x.sort() or 1))
"""
    formulas, _ = derived(run, tmp_path, program)
    assert (tmp_path / "program.py.log").read_text() == "noted noted "
    assert "log" not in formulas["J"][0]


def test_the_program_of_named_constants_runs(run, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(LOGISTIC)
    space = {"W": np.array([[0.1, -0.2]]), "b": np.zeros((1, 1)), "X": np.arange(6.0).reshape(2, 3) / 10}
    space |= {"Y": np.array([[1.0, 0.0, 1.0]]), "m": 3.0}
    exec(run(str(path), "--numpy")[1], space)
    A = 1 / (1 + np.exp(-space["Z"]))
    np.testing.assert_allclose(space["dW"], (A - space["Y"]) @ space["X"].T / 3, 1e-14)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either a program or --layers"),
        (["--layers", "2-x"], "units of two or more layers are wanted"),
        (["--layers", "2-1", "--latex", "--json"], "choose one of"),
        (["missing.py"], "there is no program"),
    ],
)
def test_what_cannot_be_carried_out(run, arguments, message):
    status, output = run(*arguments)
    assert status == 2
    assert message in output


def test_the_same_formula(run, tmp_path):
    status, output = run("--layers", "2-3-1", "--same", "dZ2 = A2 - Y")
    assert status == 0
    assert "yes, for all values" in output
    status, output = run("--layers", "2-3-1", "--same", "dZ2 = Y - A2", "--json")
    assert status == 1
    assert json.loads(output)["message"].startswith("yours is minus the derived formula")
    program = tmp_path / "program.py"
    program.write_text(
        "import numpy as np\nfrom tinygrad_dnn import Tensor\n"
        "w, b = Tensor(np.ones((3, 1))), Tensor(0.5)\nX = np.arange(12.0).reshape(3, 4) / 7\n"
        "Y = np.array([[0, 1, 1, 0]])\n"
        "m = X.shape[1]\nZ = np.dot(w.T, X) + b\nA = 1 / (1 + np.exp(-Z))\n"
        "J = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m\n"
    )
    for formula in ("dZ = A - Y", "dw = 1/m X dZ^T", "db = 1/m np.sum(dZ)", "J = -1/m sum(Y log A + (1-Y) log(1-A))"):
        status, output = run(str(program), "--same", formula)
        assert (status, "yes, for all values" in output) == (0, True), output
    assert run(str(program), "--same", "dZ = A - Q")[0] == 2


STRANGERS = {
    # what the program writes, and formulas that are to be found in the derivation
    "a function of several statements": (
        """
def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)
A = softmax(W @ X + b)
J = -np.mean(np.sum(Y * np.log(A), axis=0))
""",
        {"A": "softmax(W X + b, axis=0)", "db": "sum(A - Y, axis=1) / 3", "dW": "(A - Y) X^T / 3"},
    ),
    "a state in a loop": (
        """
h = np.zeros((2, 1))
for t in range(3):
    h = np.tanh(W @ X[:, t : t + 1] + h)
J = np.sum(h)
""",
        {"dh2": "1 - h3 ** 2", "dh1": "dh2 * (1 - h2 ** 2)"},
    ),
    "entries of an array": (
        """
x = X.T[:, :, None]
h = b
for t in range(2):
    h = np.tanh(W @ x[t] + h)
J = np.sum(h)
""",
        {"h1": "tanh(W x[0] + b)", "h2": "tanh(W x[1] + h1)"},
    ),
    "a lambda": (
        "act = lambda z: 1 / (1 + np.exp(-z))\nA = act(W @ X)\nJ = np.sum(A)\n",
        {"A": "sigmoid(W X)", "dW": "(A * (1 - A)) X^T"},
    ),
    "numbers of a formula": (
        "T = np.tanh(np.sqrt(2 / np.pi) * (W + 0.044715 * W ** 3))\nJ = np.sum(0.5 * W * (1 + T))\n",
        {"T": "tanh(sqrt(2 / pi) * (W + 0.044715 * W ** 3))", "dT": "W / 2"},
    ),
    "a number that is written, too": (
        """
delta = 1.0
E = W - 0.2
J = np.mean(np.where(np.abs(E) <= delta, 0.5 * E ** 2, delta * (np.abs(E) - 0.5 * delta)))
""",
        {"J": "mean(where(abs(E) <= delta, 0.5 * E ** 2, delta * (abs(E) - 0.5 * delta)))"},
    ),
    "one that a literal equals": (
        "alpha = 1.0\nJ = np.sum(np.where(W > 0, W, alpha * (np.exp(W) - 1)))\n",
        {"J": "sum(where(W > 0, W, alpha * (exp(W) - 1)))"},
    ),
    "a penalty": (
        """
lam, m = 0.7, 3
A = 1 / (1 + np.exp(-(W @ X)))
J = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m + lam * np.sum(W**2) / (2 * m)
""",
        {"dW": "((A - Y) X^T + lam * W) / m"},
    ),
    "a named exponent": (
        "m, p = 3, 3\nJ = np.sum(np.abs(W @ X - Y) ** p) / m\n",
        {"J": "sum(abs(W X - Y) ** p) / m", "dW": "(p * abs(W X - Y) ** (p - 1) * sign(W X - Y) / m) X^T"},
    ),
    "a base is a number, an exponent may be one": (
        "J = np.sum(1 / (1 + np.e ** -(W @ X))) + np.sum(W ** 2) / 2\n",
        {"J": "sum(sigmoid(W X)) + sum(W ** 2) / 2"},
    ),
    "a comparison with the labels": (
        "A = 1 / (1 + np.exp(-(W @ X)))\nJ = -np.sum(np.where(Y == 1, np.log(A), np.log(1 - A)))\n",
        {"J": "-sum(where(Y == 1, log(A), log(1 - A)))", "dW": "(A - (Y == 1)) X^T"},
    ),
    "nothing named": ("J = np.mean((W @ X - Y) ** 2)\n", {"dW": "(W X - Y) X^T / 3"}),
    "decimals": ("J = 0.05 * np.sum(W ** 2) + 0.3 * np.sum(W)\n", {"dW": "0.1 * W + 0.3"}),
    "a sum of a product": ("J = np.sum(W @ X) / 3\n", {"dW": "(broadcast_to(1, shape=(2, 3)) / 3) X^T"}),
}
GIVEN = """
import numpy as np
from tinygrad_dnn import Tensor
X, Y = np.arange(6.0).reshape(2, 3) / 10, np.eye(2)[:, [0, 1, 0]]
W, b = Tensor([[0.1, -0.2], [0.4, 0.3]]), Tensor([[0.0], [0.1]])
"""


@pytest.mark.parametrize("name", STRANGERS)
def test_programs_of_strangers(run, tmp_path, name):
    program, expected = STRANGERS[name]
    formulas, _ = derived(run, tmp_path, GIVEN + program, "--simplify")
    assert {key: formulas[key][-1] for key in expected} == expected


PROGRAM = """
import numpy as np
from tinygrad_dnn import Tensor
rng = np.random.default_rng(0)
X, Y = rng.standard_normal((2, 5)), rng.standard_normal((1, 5))
W = Tensor(rng.standard_normal((1, 2)))
m = {m}
Z = W @ X
J = {J}
"""
MEANS = {
    "-np.sum(Y * Z) / m": "dZ = -Y",
    "-1 / m * np.sum(Y * Z)": "dZ = -Y",
    "-(1 / m) * np.sum(Y * Z)": "dZ = -Y",
    "(1 / m) * np.sum((Z - Y)**2) / 2": "dZ = Z - Y",
    "np.sum((Z - Y)**2) / m / 2": "dZ = Z - Y",
    "0.5 * np.mean((Z - Y)**2)": "dZ = Z - Y",
    "np.mean((Z - Y)**2) / 2": "dZ = Z - Y",
    "np.sum((Z - Y)**2) / (2 * m)": "dZ = Z - Y",
    "np.mean(0.5 * (Z - Y)**2)": "dZ = Z - Y",
}


@pytest.mark.parametrize("J", MEANS)
@pytest.mark.parametrize("m", ["X.shape[1]", "5"])
def test_a_program_divides_by_a_number_of_its_own(J, m, tmp_path, run):
    (tmp_path / "program.py").write_text(PROGRAM.format(J=J, m=m))
    status, output = run(str(tmp_path / "program.py"), "--simplify", "--convention", "course")
    assert status == 0, output
    lines = [line.strip().partition("  ")[0] for line in output.splitlines()]
    assert MEANS[J] in lines
    assert "dW = dZ X^T / m" in lines
    assert not any("** m" in line or "m constant, 2" in line for line in lines)


def test_half_a_sum_is_no_mean(tmp_path, run):
    (tmp_path / "program.py").write_text(PROGRAM.format(J="np.sum((Z - Y)**2) / 2", m=5))
    status, output = run(str(tmp_path / "program.py"), "--convention", "course")
    assert status == 2
    assert "a mean over m examples" in output
