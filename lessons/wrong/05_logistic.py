"""Lesson 5: the slips around dZ = A - Y."""

from lessons.judging import Wrong

WRONG = [
    Wrong("dZ = A - Y", "dZ = Y - A", "propagate .*dw: sign"),
    Wrong("dZ = A - Y", "dZ = (A - Y) * A * (1 - A)", "propagate .*dw: "),
    Wrong("dZ = A - Y", "dZ = -(Y / A - (1 - Y) / (1 - A))", "propagate .*sigmoid's derivative is missing in dZ"),
    Wrong("dZ = A - Y", "dZ = (A - Y) / m", "propagate .*dw: extra-1/m"),
    Wrong("np.dot(X, dZ.T)", "np.dot(X.T, dZ)", "propagate .*dw: transpose"),
    Wrong("db = 1 / m * np.sum(dZ)", "db = 1 / m * dZ", "propagate .*db: .*It is not summed"),
    Wrong("db = 1 / m * np.sum(dZ)", "db = np.sum(dZ)", "propagate .*db: missing-1/m"),
]
