"""Lesson 4: orders that look right on a chain, and fail where a node is used twice."""

from lessons.judging import Wrong

TEST = "            waiting[operand] -= 1\n            if waiting[operand] == 0:"

WRONG = [
    Wrong(TEST, "            if operand not in found:", "stands there 2 times"),
    Wrong(TEST, "            if operand not in found + ready:", "walked before"),
    Wrong(TEST, "            if True:", r"stands there [2-9]\d* times"),
    Wrong("for operand in graph[node]:\n            waiting", "for operand in set(graph[node]):\n            waiting",
          "stands there 0 times"),
]  # fmt: skip
