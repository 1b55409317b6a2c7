"""Page 14: the gradients of a cost with an L2 penalty. Fill in the two lines, then run this file.

第 14 页：带 L2 正则化的代价的梯度。填好两行，然后运行这个文件。
"""

import numpy as np

X = np.array([[1.0, -2.0, 0.5, 3.0, -1.0], [0.3, 1.0, -1.5, 0.2, 2.0], [2.0, 0.1, -0.4, -1.2, 0.7]])
Y = np.array([[1.0, 0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0, 0.0]])
m, lambd = 5, 0.7  # lambda is a word of Python


def cost(W, b):
    A = 1 / (1 + np.exp(-(np.dot(W, X) + b)))
    fit = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    return fit + lambd / (2 * m) * np.sum(np.square(W))


def gradients(W, b):
    A = 1 / (1 + np.exp(-(np.dot(W, X) + b)))
    dZ = A - Y
    dW = None  # your line
    db = None  # your line
    return dW, db


def judge(language="en"):
    from tinygrad_dnn.referee import check_gradients

    W, b = np.array([[0.2, -0.4, 1.1], [-0.7, 0.6, 0.3]]), np.array([[0.1], [-0.2]])
    return check_gradients(cost, gradients, (W, b), language=language)


if __name__ == "__main__":
    print(judge(), judge("zh"), sep="\n\n")
