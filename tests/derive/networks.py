"""The networks of the course, small, for formulas about them."""

from __future__ import annotations

import numpy as np

from tinygrad_dnn import Tensor, derive, leaky_relu, relu, sigmoid
from tinygrad_dnn.dnn.manual import update_parameters
from tinygrad_dnn.dnn.optimisers import Adam, Momentum
from tinygrad_dnn.ops.activations import softmax

RNG = np.random.default_rng(1)


def leaf(name, *shape):
    return Tensor(RNG.standard_normal(shape), name=name)


def given(name, value):
    return Tensor(value, name=name, requires_grad=False)


def first():
    a, b, c = Tensor(5.0, name="a"), Tensor(3.0, name="b"), Tensor(2.0, name="c")
    return (3 * (a + (b * c).named("u")).named("v")).named("J"), {}


def one_example():
    w1, w2, b = leaf("w1"), leaf("w2"), leaf("b")
    x1, x2, y = given("x1", 1.5), given("x2", -2.0), given("y", 1.0)
    a = sigmoid((w1 * x1 + w2 * x2 + b).named("z")).named("a")
    return (-(y * np.log(a) + (1 - y) * np.log(1 - a))).named("L"), {}


def logistic():
    w, b, X, Y = (
        leaf("w", 4, 1),
        leaf("b"),
        given("X", RNG.standard_normal((4, 6))),
        given("Y", np.eye(2)[:1].repeat(3, 1)),
    )
    A = (1 / (1 + np.exp(-(np.dot(w.T, X) + b).named("Z")))).named("A")
    return cost(A, Y, 6).named("J"), {"m": 6}


def cost(A, Y, m):
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m


def network(hidden, output=sigmoid, units=1, penalty=0.0, m=5):
    """A network with one hidden layer on data that are arrays without names of their own."""
    W1, b1, W2, b2 = leaf("W1", 3, 2), leaf("b1", 3, 1), leaf("W2", units, 3), leaf("b2", units, 1)
    X, Y = given("X", RNG.standard_normal((2, m))), np.zeros((units, m))
    Y[np.arange(m) % units, np.arange(m)] = 1 if units > 1 else np.arange(m) % 2
    Y = given("Y", Y)
    A1 = hidden((np.dot(W1, X) + b1).named("Z1")).named("A1")
    A2 = output((np.dot(W2, A1) + b2).named("Z2")).named("A2")
    J = cost(A2, Y, m) if units == 1 else -np.sum(Y * np.log(A2)) / m
    if penalty:
        J = J + penalty / (2 * m) * (np.sum(np.square(W1)) + np.sum(np.square(W2)))
    return J.named("J"), {"m": m, **({"lambd": penalty} if penalty else {})}


def three(m=5):
    """Three layers."""
    sizes, A, Y = (2, 4, 3, 1), given("X", RNG.standard_normal((2, m))), given("Y", np.arange(m)[None] % 2 * 1.0)
    for l, g in enumerate((relu, np.tanh, sigmoid), 1):
        Z = leaf(f"W{l}", sizes[l], sizes[l - 1]) @ A + leaf(f"b{l}", sizes[l], 1)
        A = g(Z.named(f"Z{l}")).named(f"A{l}")
    return cost(A, Y, m).named("J"), {"m": m}


def rows(N=6, D=4, C=3):
    """Softmax regression with the examples in rows, and a penalty."""
    W, b = leaf("W", D, C), leaf("b", C)
    X, Y = given("X", RNG.standard_normal((N, D))), given("Y", np.eye(C)[np.arange(N) % C])
    P = softmax((X @ W + b).named("scores"), axis=1).named("P")
    return (-np.sum(Y * np.log(P)) / N + 0.5 * 0.1 * np.sum(W * W)).named("L"), {"N": N, "reg": 0.1}


def hinge(N=6, D=3):
    X, y = given("X", RNG.standard_normal((N, D))), given("y", np.where(np.arange(N) % 2, 1.0, -1.0))
    w, b = leaf("w", D), leaf("b")
    h = np.maximum(0, (1 - y * (X @ w + b).named("z")).named("t")).named("h")
    return (np.mean(h) + 0.05 * (w @ w)).named("L"), {"N": N}


def normalised(N=5, D=3):
    """Layer normalisation."""
    x, gamma, beta, G = leaf("x", N, D), leaf("gamma", D), leaf("beta", D), given("G", RNG.standard_normal((N, D)))
    xc = (x - np.mean(x, axis=1, keepdims=True).named("mu")).named("xc")
    var = np.mean(xc**2, axis=1, keepdims=True).named("var")
    out = (gamma * (xc / np.sqrt(var + 1e-5)).named("xhat") + beta).named("out")
    return np.sum(G * out).named("J"), {"D": D, "eps": 1e-5}


def attention(T=4, d=3):
    Q, K, V, G = leaf("Q", T, d), leaf("K", T, d), leaf("V", T, d), given("G", RNG.standard_normal((T, d)))
    A = softmax((Q @ K.T / np.sqrt(d)).named("S"), axis=1).named("A")
    return np.sum(G * (A @ V).named("O")).named("J"), {"d": d}


def dropped(m=5):
    """A network with dropout."""
    W1, W2, X = leaf("W1", 3, 2), leaf("W2", 1, 3), given("X", RNG.standard_normal((2, m)))
    Y, D1 = given("Y", np.arange(m)[None] % 2), given("D1", RNG.random((3, m)) < 0.8)
    A1 = relu((W1 @ X).named("Z1")).named("A1")
    A2 = sigmoid((W2 @ (A1 * D1 / 0.8).named("A1d")).named("Z2")).named("A2")
    return cost(A2, Y, m).named("J"), {"m": m, "keep_prob": 0.8}


def likelihood():
    """What one label is worth, with a, and its logarithm."""
    z, y = leaf("z"), given("y", 1.0)
    a = sigmoid(z).named("a")
    p = (a**y * (1 - a) ** (1 - y)).named("p")
    return (-np.log(p)).named("L"), {}


def calories():
    """Percentages of a table by its column sums."""
    A, G = leaf("A", 3, 4), given("G", RNG.standard_normal((3, 4)))
    P = (100 * np.exp(A).named("E") / np.sum(np.exp(A), axis=0).reshape(1, 4)).named("P")
    return np.sum(G * P).named("J"), {}


def step():
    """A step by the course's own function: the gradients are given, the next W and b have names."""
    W, b, dW, db = (
        given("W", RNG.standard_normal((3, 2))),
        given("b", np.ones((3, 1))),
        leaf("dW", 3, 2),
        leaf("db", 3, 1),
    )
    found = update_parameters({"W1": W, "b1": b}, {"dW1": dW, "db1": db}, 0.3)
    return (np.sum(found["W1"].named("Wnew")) + np.sum(found["b1"].named("bnew"))).named("J"), {"alpha": 0.3}


def averaged(optimiser, **constants):
    """A step by an optimiser of the package, the third."""
    names = ("v", "s")[: len(optimiser.averages)]
    W, dW, averages = (
        given("W", RNG.standard_normal((3, 2))),
        leaf("dW", 3, 2),
        [given(n, np.full((3, 2), 0.7)) for n in names],
    )
    theta, after = optimiser.after(W, dW, tuple(averages), 3, 0.3)
    named = [x.named(f"{name}new") for name, x in zip(names, after)]
    return sum([np.sum(x) for x in named], np.sum(theta.named("Wnew"))).named("J"), {"alpha": 0.3, **constants}


MADE = {
    "likelihood": likelihood,
    "calories": calories,
    "step": step,
    "momentum": lambda: averaged(Momentum(), beta=0.9),
    "adam": lambda: averaged(Adam(), beta1=0.9, beta2=0.999),
    "leaky": lambda: network(lambda Z: leaky_relu(Z, 0.01)),
    "linear": lambda: network(lambda Z: Z * 1.0),
    "three": three,
    "rows": rows,
    "hinge": hinge,
    "normalised": normalised,
    "attention": attention,
    "dropped": dropped,
    "first": first,
    "one example": one_example,
    "logistic": logistic,
    "shallow": lambda: network(np.tanh),
    "deep": lambda: network(relu),
    "regularised": lambda: network(relu, penalty=0.7),
    "softmax": lambda: network(relu, lambda Z: softmax(Z, axis=0), units=4),
}


def derivation(name, **options):
    J, constants = MADE[name]()
    return derive(J, constants=constants, **{"simplify": True, **options})
