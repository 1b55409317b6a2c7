"""Graphs to derive: the course's, and random ones."""

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinygrad_dnn import Tensor, relu, sigmoid, softplus


def data(m=5, n=2, seed=0):
    """X and labels Y with both values in them, as named constants."""
    rng = np.random.default_rng(seed)
    X = Tensor(rng.standard_normal((n, m)), name="X", requires_grad=False)
    Y = Tensor(np.resize([1.0, 0.0, 1.0], (1, m)), name="Y", requires_grad=False)
    return X, Y


def parameters(*sizes, seed=1):
    """W1, b1, ... for layers of these sizes."""
    rng = np.random.default_rng(seed)
    made = {}
    for l, (before, n) in enumerate(pairwise(sizes), 1):
        made[f"W{l}"] = Tensor(rng.standard_normal((n, before)), name=f"W{l}")
        made[f"b{l}"] = Tensor(rng.standard_normal((n, 1)), name=f"b{l}")
    return made


def network(*sizes, g=relu, m=5) -> Any:
    """The course's network: its cost, with its m, and its parameters."""
    X, Y = data(m, sizes[0])
    p = parameters(*sizes)
    A = X
    L = len(sizes) - 1
    for l in range(1, L + 1):
        Z = (p[f"W{l}"] @ A + p[f"b{l}"]).named(f"Z{l}")
        A = (g if l < L else sigmoid)(Z).named(f"A{l}")
    J = (-np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m).named("J")
    return J, p


UNARY = [np.sin, np.tanh, sigmoid, relu, softplus, np.exp, np.square, lambda x: -x, lambda x: x**3, lambda x: 2.5 * x]
UNARY += [lambda x: x / 3, lambda x: 1 - x, lambda x: np.where(x > 0, x, 0.1), np.abs, lambda x: x.T.reshape(x.shape)]
BINARY = [lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, np.maximum, lambda x, y: x / (2 + np.abs(y))]
OTHER = [
    lambda x, y: x @ y.T @ y,
    lambda x, y: np.sum(x, axis=0) * y,
    lambda x, y: np.mean(x, axis=1, keepdims=True) - y,
    lambda x, y: np.concatenate([x, y], axis=1)[:, 1 : 1 + x.shape[1]],
    lambda x, y: x[[0, -1, 0]][:1] + y,
    lambda x, y: x[:, ::-1] * y,
    lambda x, y: x * np.max(y),
    lambda x, y: np.stack([x, y])[1] - x,
    lambda x, y: x + np.ones(x.shape[1]) * y,
]


@st.composite
def random_graphs(draw):
    """A scalar made of up to three leaves by a chain of random ops, some of the results named, and its leaves."""
    shape = draw(st.sampled_from([(1, 1), (2, 3), (4, 2), (3, 1)]))
    dtype = draw(st.sampled_from([np.float64, np.float64, np.float32]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    leaves = [Tensor(rng.standard_normal(shape).astype(dtype) / 2) for _ in range(draw(st.integers(1, 3)))]
    for x in leaves:
        if draw(st.booleans()):
            x.named(draw(st.sampled_from("abcdn")))
    pool = list(leaves)
    for _ in range(draw(st.integers(1, 9))):
        x, y = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
        kind = draw(st.integers(0, 2))
        made = draw(st.sampled_from(UNARY))(x) if kind == 0 else draw(st.sampled_from(BINARY if kind == 1 else OTHER))(x, y)
        if draw(st.integers(0, 2)) == 0:
            made.named(draw(st.sampled_from(["Z", "u", "v", "t1", "c0", "dZ", "lambda", "a b", "np", "_s", "s"])))
        pool.append(made)
    return np.sum(pool[-1] * 0.5 + leaves[0]), leaves
