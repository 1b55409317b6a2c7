"""Lesson 7: from the true derivatives to the course's names. Fill in the four lines, then run this file.

第 7 课：从真正的导数换成课程的写法。填好四行，然后运行这个文件。
"""

import numpy as np


def to_course(true_dZ, true_dW, true_db, true_dA, m):
    """Take dJ/dZ, dJ/dW, dJ/db, dJ/dA, and return what the course calls dZ, dW, db, dA."""
    dZ = None  # your line
    dW = None  # your line
    db = None  # your line
    dA = None  # your line
    return dZ, dW, db, dA


class Verdict(str):
    """Lines that say which quantities are right."""

    @property
    def ok(self):
        return "wrong" not in self


def judge():
    """Compare with the course's formulas on a layer of its own: 3 units, 4 inputs, 5 examples."""
    rng = np.random.default_rng(7)
    A, W, dZ, m = rng.standard_normal((4, 5)), rng.standard_normal((3, 4)), rng.standard_normal((3, 5)), 5
    course = {"dZ": dZ, "dW": dZ @ A.T / m, "db": dZ.sum(axis=1, keepdims=True) / m, "dA": W.T @ dZ}
    true = dZ / m, course["dW"], course["db"], W.T @ (dZ / m)
    return Verdict("\n".join(told(name, *pair) for name, *pair in zip(course, course.values(), to_course(*true, m))))


def told(name, right, yours):
    """Say in a line what one quantity is, and again in Chinese."""
    if yours is None or np.shape(yours) != right.shape:
        return f"{name}: wrong, it has the shape {np.shape(yours)}\n{name}：不对，形状是 {np.shape(yours)}"
    ratio = np.sum(yours * right) / np.sum(right * right)
    if not np.allclose(yours, ratio * right):
        return f"{name}: wrong\n{name}：不对"
    other = f"wrong, {ratio:.3g} times what it must be", f"不对，是应有值的 {ratio:.3g} 倍"
    english, chinese = CAUSES.get(f"{ratio:.3g}", other)
    return f"{name}: {english}\n{name}：{chinese}"


CAUSES = {
    "1": ("right", "对"),
    "5": ("wrong, m times too large", "不对，大了 m 倍"),
    "0.2": ("wrong, divided by m", "不对，多除了一次 m"),
    "25": ("wrong, m times too large, twice", "不对，大了 m 倍，而且大了两次"),
    "0.04": ("wrong, divided by m twice", "不对，多除了两次 m"),
}


if __name__ == "__main__":
    print(judge())
