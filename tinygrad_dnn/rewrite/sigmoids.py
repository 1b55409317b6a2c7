"""Sigmoid, tanh and softplus, written out in NumPy."""

from .identities import identity
from .matching import Rules

sigmoids = Rules()
for text in (
    "1 / (1 + exp(-z)) = sigmoid(z)",
    "exp(z) / (1 + exp(z)) = sigmoid(z)",
    "(exp(z) - exp(-z)) / (exp(z) + exp(-z)) = tanh(z)",
    "(exp(2 * z) - 1) / (exp(2 * z) + 1) = tanh(z)",
    "(1 - exp(-2 * z)) / (1 + exp(-2 * z)) = tanh(z)",
    "sinh(z) / cosh(z) = tanh(z)",
    "(1 + tanh(z / 2)) / 2 = sigmoid(z)",
    "x / (1 + exp(-z)) = x * sigmoid(z)",
    "(1 + exp(-z)) ** -1 = sigmoid(z)",
    "1 - sigmoid(-z) = sigmoid(z)",
    "2 * sigmoid(2 * z) - 1 = tanh(z)",
    "tanh(z / 2) / 2 + 1 / 2 = sigmoid(z)",
    "exp(z) * sigmoid(-z) = sigmoid(z)",
    "exp(-softplus(z)) = sigmoid(-z)",
    "log(1 + exp(z)) = softplus(z)",
    "log1p(exp(z)) = softplus(z)",
    "logaddexp(0, z) = softplus(z)",
    "relu(z) + softplus(-abs(z)) = softplus(z)",
    "relu(z) - x + softplus(-abs(z)) = softplus(z) - x",
    "z + softplus(-z) = softplus(z)",
    "softplus(z) - z = softplus(-z)",
):
    identity(sigmoids, text)
