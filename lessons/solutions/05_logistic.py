"""Lesson 5: logistic regression, forward and backward. Fill in the lines, then run this file.

第 5 课：逻辑回归，前向与反向。填好空着的几行，然后运行这个文件。
"""

import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dZ = A - Y
    dw = 1 / m * np.dot(X, dZ.T)
    db = 1 / m * np.sum(dZ)
    return {"dw": dw, "db": db}, cost


def judge():
    from tinygrad_dnn.referee import check

    return check(__file__)


if __name__ == "__main__":
    verdict = judge()
    print(verdict, verdict.in_language("zh"), sep="\n\n")
