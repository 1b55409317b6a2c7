"""Lesson 8: the way back through relu. Fill in the line, then run this file.

第 8 课：穿过 relu 的反向传播。填好空着的一行，然后运行这个文件。
"""

import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA * (Z > 0)
    return dZ


def judge():
    from tinygrad_dnn.referee import check

    return check(__file__, only=["relu_backward"])


if __name__ == "__main__":
    verdict = judge()
    print(verdict, verdict.in_language("zh"), sep="\n\n")
