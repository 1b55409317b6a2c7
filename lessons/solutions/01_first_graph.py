"""Lesson 1: the derivatives of J = 3(a + bc). Fill in the three lines, then run this file.

第 1 课:J = 3(a + bc) 的导数。填好三行,然后运行这个文件。
"""


def cost(a, b, c):
    return 3 * (a + b * c)


def gradients(a, b, c):
    da = 3
    db = 3 * c
    dc = 3 * b
    return da, db, dc


def judge(language="en"):
    from tinygrad_dnn.referee import check_gradients

    return check_gradients(cost, gradients, (2.0, -1.5, 4.0), language=language)


if __name__ == "__main__":
    print(judge(), judge("zh"), sep="\n\n")
