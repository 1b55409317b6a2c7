import numpy as np

from ..notation import MULTIPLY, infix
from ..primitive import primitive

transpose = primitive(np.transpose, vjp=lambda y_bar, y, x: y_bar.T, numpy=np.transpose)


def _matmul(a, b):
    return a.dot(b) if a.ndim == 2 == b.ndim else np.matmul(a, b)


matmul = primitive(
    _matmul,
    name="matmul",
    vjp=(lambda c_bar, c, a, b: c_bar.dot(b.T), lambda c_bar, c, a, b: a.T.dot(c_bar)),
    notation=infix("@", "", MULTIPLY),
    numpy=(np.matmul, np.dot),
)
