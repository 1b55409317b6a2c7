"""Lesson 11: checks that cannot see, or see what is not there."""

from lessons.judging import Wrong

TWO, FAIR = "(f(x + step) - f(x - step)) / (2 * eps)", "np.linalg.norm(g - h) / (np.linalg.norm(g) + np.linalg.norm(h))"
KINK = "abs(ahead - behind) > 0.1 * (abs(ahead) + abs(behind))"

WRONG = [
    Wrong(TWO, "(f(x + step) - f(x)) / eps", "only one side"),
    Wrong(TWO, "(f(x + step) - f(x - step)) / eps", "2.00 times"),
    Wrong(FAIR, "np.linalg.norm(g - h)", "difference says 1.1.*e-08 of two gradients"),
    Wrong(
        FAIR,
        "abs(np.linalg.norm(g) - np.linalg.norm(h)) / (np.linalg.norm(g) + np.linalg.norm(h))",
        "where the sign is turned",
    ),
    Wrong(KINK, "abs(ahead - behind) > 0", r"at_kink says \[True, True, True\]"),
    Wrong(KINK, "abs(ahead - behind) > 0.1", r"at_kink says \[False, .* of size 0.0001"),
    Wrong(KINK, "abs(ahead) != abs(behind)", r"at_kink says \[True, True, True\]"),
]
