"""Lesson 8: masks from the wrong place."""

from lessons.judging import Wrong

WRONG = [
    Wrong("dA * (Z > 0)", "dA * (dA > 0)", "relu_backward .*dZ: relu-mask"),
    Wrong("dA * (Z > 0)", "np.maximum(0, dA)", "relu_backward .*dZ: "),
    Wrong("dA * (Z > 0)", "(Z > 0) * 1.0", "relu_backward .*dZ: "),
    Wrong("dA * (Z > 0)", "dA * np.maximum(0, Z)", "relu_backward .*dZ: "),
]
