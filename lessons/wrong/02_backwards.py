"""Lesson 2: orders in which a derivative is wanted before it is there."""

from lessons.judging import Wrong

WRONG = [
    Wrong("GFEDABC", "ABCDEFG", "line A, du = dv, comes too early: name 'dv'"),
    Wrong("GFEDABC", "GDEFABC", "line D, da = dv, comes too early: name 'dv'"),
    Wrong("GFEDABC", "GFEDBAC", "line B, .* comes too early: name 'du'"),
    Wrong("GFEDABC", "GFEABC", "each of the 7 letters"),
]
