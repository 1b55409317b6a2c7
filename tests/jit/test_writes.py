"""Writes of equal rounds become one write, or the loop's; what is overwritten is left out."""

import numpy
import pytest

import tinygrad_dnn.numpy as np
from tinygrad_dnn import jit, value_and_grad

N = 40  # more rounds than make a loop
PROGRAMS = {}
"""From a name to a program, and the lines that its source has at most: they do not grow with the number of writes."""


def program(lines=80):
    def noted(f):
        PROGRAMS[f.__name__] = f, lines
        return f

    return noted


@program()
def entries(x, A):
    out = np.zeros(N)
    for i in range(N):
        out[i] = np.sin(x[i]) * x[i]
    return np.sum(out**2)


@program()
def stencil(x, A):
    out = np.zeros(N)
    for i in range(1, N - 1):
        out[i] = x[i - 1] - 2 * x[i] + x[i + 1]
    return np.sum(out**2)


@program()
def gauss_seidel(x, A):
    u = x * 1.0
    for i in range(1, N - 1):
        u[i] = 0.5 * (u[i - 1] + u[i + 1])
    return np.sum(u**2)


@program()
def totals(x, A):
    c, s = np.zeros(N), 0.0
    for i in range(N):
        s = s + x[i] ** 2
        c[i] = s
    return np.sum(np.sin(c))


@program()
def backwards(x, A):
    out = np.zeros(N)
    for i in range(N):
        out[i] = x[N - 1 - i] * 2
    return np.sum(out**2 * np.arange(N))


@program(lines=400)  # negative indices are not followed
def from_the_end(x, A):
    out = np.zeros(N + 9)
    for i in range(N - 1):
        out[-2 - i] = x[-1 - i] * x[i - N]
    return np.sum(out**2 * np.arange(N + 9))


@program()
def columns(x, A):
    out = np.zeros((4, N + 5, 2))
    for i in range(N):
        out[1:3, i + 2, 1] = A[i, 1:3]
    return np.sum(out**2 * np.arange(8.0 * N + 40).reshape(4, N + 5, 2))


@program()
def rows_of_a_matrix(x, A):
    out = np.zeros((N, 5))
    for i in range(N):
        out[i] = A[N - 1 - i] * x[i]
    return np.sum(out**2 * np.arange(5.0 * N).reshape(N, 5))


@program()
def two_at_a_time(x, A):
    out = np.zeros(2 * N)
    for i in range(N):
        out[2 * i] = x[i]
        out[2 * i + 1] = -x[N - 1 - i]
    return np.sum(out**2 * np.arange(2 * N))


@program(lines=120)  # constants are written one by one
def overwritten(x, A):
    out = x * 1.0
    for i in range(N):
        out[i] = 0.0
    for i in range(N - 1):
        out[i + 1] = x[i] ** 2
    return np.sum(out**2 * np.arange(N))


@program(lines=400)
def overwritten_in_part(x, A):
    out = np.zeros((N, 2))
    for i in range(N - 1):
        out[i : i + 2] = x[i] ** 2
    return np.sum(out**2 * np.arange(2 * N).reshape(N, 2))


@program(lines=400)
def broadcast(x, A):
    out = np.zeros((N, 5))
    for i in range(N):
        out[i] = x[i]
    for i in range(3):
        out[i, :] = x[:5]
    return np.sum(out**2 * np.arange(5.0 * N).reshape(N, 5))


@program(lines=400)
def read_in_between(x, A):
    out, s = np.zeros(N), 0.0
    for i in range(N):
        out[i] = x[i]
        s = s + np.sum(out) * x[N - 1 - i]
    return s


@program(lines=400)
def swapped_rows(x, A):
    B = A * 1.0
    for i in range(N - 1):
        B[i], B[i + 1] = B[i + 1].copy(), B[i].copy()
    return np.sum(B**2 * np.arange(5.0 * N).reshape(N, 5))


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_are_those_of_eager(name, backend):
    f, lines = PROGRAMS[name]
    rng = numpy.random.default_rng(0)
    x, A = rng.normal(size=N), rng.normal(size=(N, 5))
    eager = value_and_grad(f, (0, 1))
    compiled = jit(eager, backend=backend)
    (value, found), (expected, bars) = compiled(x, A), eager(x, A)
    numpy.testing.assert_allclose(value, expected, rtol=1e-12)
    for x_bar, wanted in zip(found, bars, strict=True):
        numpy.testing.assert_allclose(x_bar, wanted, rtol=1e-11, atol=1e-13)
    if backend == "numpy":
        assert compiled.source(x, A).count("\n") < lines


def test_an_array_made_inside_is_a_constant_and_one_from_outside_is_read_anew():
    outside = numpy.array([1.0, 2.0])

    def f(x):
        return np.sum(x * numpy.array([3.0, 4.0]) * outside)

    compiled = jit(f)
    x = numpy.ones(2)
    assert compiled(x) == 11
    outside[1] = 0.0
    assert compiled(x) == 3
    assert "np.array([3.0, 4.0])" in compiled.source(x)
