"""Lesson 3: one path taken, the others forgotten."""

from lessons.judging import Wrong

WRONG = [
    Wrong("dx = 2 * x + 3", "dx = 3", r"^dx: .*(0\.468|path|left out)"),
    Wrong("dx = 2 * x + 3", "dx = 2 * x", r"^dx: .*(0\.531|path|left out)"),
    Wrong("dx = 2 * x + 3", "dx = x + 3", r"^dx: .*(0\.734|path|left out|once)"),
    Wrong("dy = s + y * s * (1 - s) + 1", "dy = s + y * s * (1 - s)", r"^dy: .*(0\.439|path|left out)"),
    Wrong("dx = 2 * x + 3", "dx = x * x + 3", "^dx: It is multiplied where it must be added"),
    Wrong("dy = s + y * s * (1 - s) + 1", "dy = s + 1", r"^dy: .*(0\.923|path|left out)"),
]
