"""Lesson 4: in which order may a graph be walked back? Fill in the line, then run this file.

第 4 课：往回走时，结点应按什么顺序？填好那一行，然后运行这个文件。

A graph is a dict: each node with its operands, for u = 2x, v = u * u, J = u + v

    {"x": [], "u": ["x"], "v": ["u", "u"], "J": ["u", "v"]}
"""

import random


def uses(graph, result):
    """Count, for each node, the places where it is used on the way to the result."""
    count, reached = {result: 0}, [result]
    for node in reached:
        for operand in graph[node]:
            if operand not in count:
                count[operand] = 0
                reached.append(operand)
            count[operand] += 1
    return count


def order(graph, result):
    """Return the nodes, the result first, each one after everything that uses it."""
    waiting = uses(graph, result)
    ready, found = [result], []
    while ready:
        node = ready.pop()
        found.append(node)
        for operand in graph[node]:
            waiting[operand] -= 1
            if waiting[operand] == 0:
                ready.append(operand)
    return found


class Verdict(str):
    """A sentence that says whether an order is right."""

    @property
    def ok(self):
        return self.startswith("right")


def random_graph(size, seed):
    """Make a graph of `size` nodes, each with up to two operands among the earlier ones."""
    choose = random.Random(seed)
    names = [f"n{i}" for i in range(size)]
    return {name: choose.choices(names[:i], k=min(i, choose.choice([1, 2, 2]))) for i, name in enumerate(names)}


def complaint(graph, result, found):
    """Return what is wrong with an order, in English and Chinese; None if nothing is."""
    for node in uses(graph, result):
        if found.count(node) != 1:
            count = found.count(node)
            return f"{node} stands there {count} times", f"{node} 出现了 {count} 次"
        for operand in graph[node]:
            if operand in found and found.index(operand) < found.index(node):
                return (
                    f"{operand} is walked before {node}, which uses it",
                    f"{operand} 走在 {node} 前面，而 {node} 要用它",
                )
    return None


def judge():
    """Try 200 small random graphs."""
    for seed in range(200):
        size = 3 + seed % 6
        graph, result = random_graph(size, seed), f"n{size - 1}"
        found = order(graph, result)
        wrong = complaint(graph, result, found)
        if wrong:
            return Verdict(
                f"wrong: {wrong[0]}. The graph is {graph}, your order is {found}.\n"
                f"不对：{wrong[1]}。图是 {graph}，你的次序是 {found}。"
            )
    return Verdict("right: 200 of 200 graphs are walked in a good order.")


if __name__ == "__main__":
    print(judge())
