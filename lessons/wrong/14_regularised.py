"""Page 14: the penalty forgotten, with a wrong factor, or on the biases too."""

from lessons.judging import Wrong

PENALTY = "lambd / m * W"

WRONG = [
    Wrong(f" + {PENALTY}", "", "^dW: What comes back from the square .* is left out"),
    Wrong(PENALTY, "lambd / (2 * m) * W", "^dW: What comes back from the square .* is 0.5 times"),
    Wrong(PENALTY, "lambd * W", "^dW: What comes back from the square .* the factor 1/m is missing"),
    Wrong(PENALTY, "lambd / m * W**2", "^dW: W is due where the square"),
    Wrong("keepdims=True)\n", "keepdims=True) + lambd / m * b\n", "^db: .* is a factor or term too many"),
]
