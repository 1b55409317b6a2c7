"""Lesson 1: what goes wrong with the first chain rule."""

from lessons.judging import Wrong

WRONG = [
    Wrong("da = 3", "da = 1", "^da: The factor 3 that came back is missing"),
    Wrong("db = 3 * c", "db = c", "^db: The factor 3 that came back is missing"),
    Wrong("db = 3 * c", "db = 3 * b", "^db: c is due where b stands"),
    Wrong("db = 3 * c", "db = 3 + c", r"^db: \+ stands for"),
    Wrong("dc = 3 * b", "dc = 3 * b * c", "^dc: c is a factor or term too many"),
    Wrong("da = 3", "da = 3 * a", "^da: a is a factor or term too many"),
    Wrong("da = 3", "da = 0", "^da: .*path is left out"),
]
