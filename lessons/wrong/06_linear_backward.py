"""Lesson 6: the slips that are made most often in a linear layer's backward pass."""

from lessons.judging import Wrong

DW, DB, DA = "1 / m * np.dot(dZ, A_prev.T)", "1 / m * np.sum(dZ, axis=1, keepdims=True)", "np.dot(W.T, dZ)"

WRONG = [
    Wrong(DB, "dZ", "db: shape"),
    Wrong(DB, "np.sum(dZ, axis=1, keepdims=True)", "db: missing-1/m"),
    Wrong(DB, "1 / m * np.mean(dZ, axis=1, keepdims=True)", "db: extra-1/m"),
    Wrong(DB, "1 / m * np.sum(dZ, axis=0, keepdims=True)", "db: sum-axis"),
    Wrong(DB, "1 / m * np.sum(dZ)", "db: sum-axis"),
    Wrong(DB, "1 / m * np.sum(dZ, axis=1)", "db: keepdims"),
    Wrong(DW, "1 / m * np.dot(dZ, A_prev)", "dW: transpose"),
    Wrong(DW, "1 / m * dZ * A_prev", "dW: .*elementwise product stands for the matrix product"),
    Wrong("A_prev.shape[1]", "A_prev.shape[0]", "dW: .*m, the number of examples, is due"),
    Wrong(DA, "np.dot(W, dZ)", "dA_prev: transpose"),
    Wrong(DA, "1 / m * np.dot(W.T, dZ)", "dA_prev: extra-1/m"),
]
