"""Lesson 3: a value that is used more than once. Fill in the two lines, then run this file.

第 3 课：一个值用了不止一次。填好两行，然后运行这个文件。
"""

import numpy as np


def cost(x, y):
    s = 1 / (1 + np.exp(-y))
    return x * x + 3 * x + y * s + y


def gradients(x, y):
    s = 1 / (1 + np.exp(-y))
    dx = 2 * x + 3
    dy = s + y * s * (1 - s) + 1
    return dx, dy


def judge(language="en"):
    from tinygrad_dnn.referee import check_gradients

    return check_gradients(cost, gradients, (1.7, 0.6), language=language)


if __name__ == "__main__":
    print(judge(), judge("zh"), sep="\n\n")
