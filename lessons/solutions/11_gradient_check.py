"""Lesson 11: derivatives by trying, and a fair comparison. Fill in the lines, then run this file.

第 11 课：用试的办法求导，并做公平的比较。填好空着的几行，然后运行这个文件。
"""

import numpy as np


def numerical(f, x, eps):
    """Return the derivatives of f, a number, by all entries of x."""
    found = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = eps
        found[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return found


def difference(g, h):
    """Return how far apart two gradients are, whatever their size: between 0 and 1."""
    return np.linalg.norm(g - h) / (np.linalg.norm(g) + np.linalg.norm(h))


class Verdict(str):
    """A sentence that says what is right, or what is not."""

    @property
    def ok(self):
        return self.startswith("right")


def judge():
    """Try both functions on gradients that are known."""
    x = np.array([1.0, -2.0])
    found, true = numerical(lambda x: np.sum(x**3), x, 1e-3), 3 * x**2
    error = np.max(np.abs(found - true) / true)
    if not error < 1e-4:
        ratio = np.mean(found / true)
        why = f"{ratio:.2f} times what it must be" if abs(ratio - 1) > 0.1 else "is only one side tried?"
        return Verdict(f"wrong: numerical is off by {error:.0e} at eps = 0.001; {why}")
    tiny = 1e-8 * np.array([1.0, 2.0])
    if difference(tiny, 1.5 * tiny) is None or not 0.1 < difference(tiny, 1.5 * tiny) <= 1:
        return Verdict(f"wrong: difference says {difference(tiny, 1.5 * tiny)} of two gradients that differ by half")
    if not 0.5 < difference(tiny, -tiny) <= 1:
        return Verdict(f"wrong: difference says {difference(tiny, -tiny):.1f} where the sign is turned")
    return Verdict(f"right: off by {error:.0e} at eps = 0.001, and small gradients are compared fairly")


if __name__ == "__main__":
    print(judge())
