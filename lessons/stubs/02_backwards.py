"""Lesson 2: put the lines of a backward pass in an order that runs. Change the one line, then run this file.

第 2 课：把反向传播的各行排成能运行的顺序。改那一行，然后运行这个文件。
"""

FORWARD = "u = b * c; v = a + u; w = v * v; J = 3 * w"
LINES = {
    "A": "du = dv",
    "B": "db = du * c",
    "C": "dc = du * b",
    "D": "da = dv",
    "E": "dv = dw * 2 * v",
    "F": "dw = dJ * 3",
    "G": "dJ = 1",
}
ORDER = "ABCDEFG"  # your line


class Verdict(str):
    """A sentence that says whether the order runs."""

    @property
    def ok(self):
        return self.startswith("right")


def judge():
    """Run the lines in that order at a = 5, b = 3, c = 2."""
    if sorted(ORDER) != sorted(LINES):
        return Verdict(
            f"wrong: each of the {len(LINES)} letters must stand once in the order; you have {ORDER}.\n"
            f"不对：{len(LINES)} 个字母在次序里要各出现一次；你写的是 {ORDER}。"
        )
    values = {"a": 5.0, "b": 3.0, "c": 2.0}
    exec(FORWARD, values)
    for letter in ORDER:
        try:
            exec(LINES[letter], values)
        except NameError as error:
            return Verdict(
                f"wrong: line {letter}, {LINES[letter]}, comes too early: {error}.\n"
                f"不对：{letter} 行 {LINES[letter]} 排得太早：{error}。"
            )
    return Verdict("right: " + ", ".join(f"{name} = {values[name]:g}" for name in ("da", "db", "dc")))


if __name__ == "__main__":
    print(judge())
