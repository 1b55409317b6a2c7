"""Lesson 9: the way back through L layers. Fill in the lines, then run this file.

第 9 课：穿过 L 层的反向传播。填好空着的几行，然后运行这个文件。

The referee brings `linear_activation_backward(dA, cache, activation)`, which returns dA_prev, dW, db of one layer.
"""

import numpy as np


def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    Y = Y.reshape(AL.shape)
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    for l in reversed(range(1, L + 1)):
        activation = "sigmoid" if l == L else "relu"
        dA, dW, db = linear_activation_backward(dA, caches[l - 1], activation)
        grads["dA" + str(l - 1)] = dA
        grads["dW" + str(l)] = dW
        grads["db" + str(l)] = db
    return grads


def judge():
    from tinygrad_dnn.referee import check

    return check(__file__, only=["L_model_backward"])


if __name__ == "__main__":
    verdict = judge()
    print(verdict, verdict.in_language("zh"), sep="\n\n")
