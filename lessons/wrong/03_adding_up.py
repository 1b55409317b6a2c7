"""Lesson 3: one path taken, the others forgotten."""

from lessons.judging import Wrong

WRONG = [
    Wrong("dx = 2 * x + 3", "dx = 3", "^dx: .*left out"),
    Wrong("dx = 2 * x + 3", "dx = 2 * x", "^dx: .*left out"),
    Wrong("dx = 2 * x + 3", "dx = x + 3", "^dx: .*left out"),
    Wrong("dy = s + y * s * (1 - s) + 1", "dy = s + y * s * (1 - s)", "^dy: .*left out"),
    Wrong("dx = 2 * x + 3", "dx = x * x + 3", "^dx: It is multiplied where it must be added"),
    Wrong("dy = s + y * s * (1 - s) + 1", "dy = s + 1", "^dy: .*left out"),
]
