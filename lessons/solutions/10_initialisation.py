"""Lesson 10: where a network starts. Fill in the two lines, then run this file.

第 10 课：网络从哪里出发。填好两行，然后运行这个文件。
"""

import numpy as np


def initialize_parameters_deep(layer_dims):
    np.random.seed(3)
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L):
        parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


def judge():
    from tinygrad_dnn.referee import check

    return check(__file__, only=["initialize_parameters_deep"])


if __name__ == "__main__":
    verdict = judge()
    print(verdict, verdict.in_language("zh"), sep="\n\n")
