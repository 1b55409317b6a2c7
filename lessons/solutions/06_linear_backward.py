"""Lesson 6: the backward pass of Z = W A + b. Fill in the three lines, then run this file.

第 6 课：Z = W A + b 的反向传播。填好三行，然后运行这个文件。
"""

import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1 / m * np.dot(dZ, A_prev.T)
    db = 1 / m * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


def judge():
    from tinygrad_dnn.referee import check

    return check(__file__, only=["linear_backward"])


if __name__ == "__main__":
    verdict = judge()
    print(verdict, verdict.in_language("zh"), sep="\n\n")
