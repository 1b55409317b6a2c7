"""Lesson 7: the 1/m in both places, in neither, or in the wrong one."""

from lessons.judging import Wrong

WRONG = [
    Wrong("dZ = true_dZ * m", "dZ = true_dZ", "dZ: wrong, divided by m"),
    Wrong("dW = true_dW", "dW = true_dW * m", "dW: wrong, m times too large"),
    Wrong("dZ = true_dZ * m", "dZ = true_dZ / m", "dZ: wrong, divided by m twice"),
    Wrong("db = true_db", "db = true_db / m", "db: wrong, divided by m"),
    Wrong("dA = true_dA * m", "dA = true_dA", "dA: wrong, divided by m"),
]
