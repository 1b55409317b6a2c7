"""Lesson 11: derivatives by trying, a fair comparison, and kinks. Fill in the lines, then run this file.

第 11 课：用试的办法求导，公平地比较，并认出折点。填好空着的几行，然后运行这个文件。
"""

import numpy as np


def numerical(f, x, eps):
    """Return the derivatives of f, a number, by all entries of x."""
    found = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = eps
        found[i] = 0  # your line
    return found


def difference(g, h):
    """Return how far apart two gradients are, whatever their size: between 0 and 1."""
    return None  # your line


def at_kink(f, x, eps):
    """Tell for each entry of x whether the slopes on its two sides differ by more than a tenth of their size."""
    found = np.zeros(x.shape, bool)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = eps
        ahead, behind = (f(x + step) - f(x)) / eps, (f(x) - f(x - step)) / eps
        found[i] = False  # your line
    return found


class Verdict(str):
    """A sentence that says what is right, or what is not."""

    @property
    def ok(self):
        return self.startswith("right")


def judge():
    """Try the three functions where the answer is known."""
    x = np.array([1.0, -2.0])
    found, true = numerical(lambda x: np.sum(x**3), x, 1e-3), 3 * x**2
    error = np.max(np.abs(found - true) / true)
    if not error < 1e-4:
        ratio = np.mean(found / true)
        why, chinese = "is only one side tried?", "是不是只推了一边？"
        if abs(ratio - 1) > 0.1:
            why, chinese = f"{ratio:.2f} times what it must be", f"是应有值的 {ratio:.2f} 倍"
        return Verdict(
            f"wrong: numerical is off by {error:.0e} at eps = 0.001; {why}\n"
            f"不对：eps = 0.001 时 numerical 差了 {error:.0e}：{chinese}"
        )
    tiny = 1e-8 * np.array([1.0, 2.0])
    if difference(tiny, 1.5 * tiny) is None or not 0.1 < difference(tiny, 1.5 * tiny) <= 1:
        said = difference(tiny, 1.5 * tiny)
        return Verdict(
            f"wrong: difference says {said} of two gradients that differ by half\n不对：两个梯度相差一半，difference 却说 {said}"
        )
    if not 0.5 < difference(tiny, -tiny) <= 1:
        said = difference(tiny, -tiny)
        return Verdict(f"wrong: difference says {said:.1f} where the sign is turned\n不对：符号反了，difference 却说 {said:.1f}")

    def bent(x):
        return np.sum(np.maximum(0, x) + 0.1 * x**2)

    for size in (1.0, 1e-4):
        kinks = at_kink(lambda x, size=size: size * bent(x), np.array([0.0, 2.0, -0.5]), 1e-3).tolist()
        if kinks != [True, False, False]:
            return Verdict(
                f"wrong: at_kink says {kinks} of relu at 0, 2, -0.5, where slopes are of size {size:g}\n"
                f"不对：对 relu 在 0、2、-0.5 处，at_kink 说 {kinks}，斜率的大小是 {size:g}"
            )
    return Verdict(f"right: off by {error:.0e} at eps = 0.001, small gradients are compared fairly, kinks are seen")


if __name__ == "__main__":
    print(judge())
