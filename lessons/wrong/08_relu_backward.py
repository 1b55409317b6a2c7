"""Lesson 8: masks from the wrong place."""

from lessons.judging import Wrong

WRONG = [
    Wrong("dA * (Z > 0)", "dA * (dA > 0)", "relu_backward .*dZ: relu-mask"),
    Wrong("dA * (Z > 0)", "dA * (Z >= 0)", "relu_backward .*dZ: .*The mask is Z >= 0, where Z > 0 is right"),
    Wrong("dA * (Z > 0)", "dA", r"relu_backward .*dZ: .*The mask \(Z > 0\), relu's derivative, is missing"),
    Wrong("dA * (Z > 0)", "np.where(Z > 0, dA, 0.01 * dA)", "relu_backward .*dZ: .*derivative of the leaky relu"),
    Wrong("dA * (Z > 0)", "np.maximum(0, dA)", "relu_backward .*dZ: "),
    Wrong("dA * (Z > 0)", "(Z > 0) * 1.0", "relu_backward .*dZ: "),
    Wrong("dA * (Z > 0)", "dA * np.maximum(0, Z)", "relu_backward .*dZ: "),
]
