"""CAUSES: the names of mistakes, declared once. Programs that read verdicts rely on them."""

CAUSES = {
    "missing-1/m": "the mean over the examples lacks its 1/m",
    "extra-1/m": "1/m is applied once too often",
    "factor": "it is off by a number, which the message gives",
    "sign": "a sign is flipped",
    "transpose": "a matrix is transposed, or is not",
    "operand-order": "operands are swapped, or another operation stands between them",
    "relu-mask": "the mask Z > 0, relu's derivative, is missing or another",
    "sigmoid-derivative": "the derivative A * (1 - A) is missing, applied twice, or taken of something else",
    "wrong-activation": "another activation, or none",
    "sum-axis": "summed over the wrong axis, over everything, or not at all",
    "keepdims": "the numbers are right, but an axis is gone",
    "layer-index": "a value of another layer, or under the key of another layer",
    "missing-term": "a term or a factor is left out",
    "missing-bias": "the bias is left out, or is penalised",
    "wrong-cost": "another cost than the cross-entropy",
    "cost-gradient": "dAL is not the derivative of the cost",
    "stale-value": "another value stands where this one is due",
    "changes-its-input": "it changes an array that its caller still needs",
    "shape": "it has another shape, or is not an array",
    "dtype": "it has another type, such as integers",
    "nan": "it holds NaN or infinities",
    "exception": "it raises an error, or ends the program",
    "unknown": "none of these gives the numbers",
}
"""What each name stands for."""
