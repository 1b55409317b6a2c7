"""Lesson 9: one index too many, one layer too few."""

from lessons.judging import Wrong

WRONG = [
    Wrong("dA = -(np.divide", "dA = (np.divide", "dW2: sign"),
    Wrong("dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))", "dA = AL - Y", "dW2: cost-gradient"),
    Wrong('"sigmoid" if l == L else "relu"', '"relu"', "dW2: wrong-activation"),
    Wrong("reversed(range(1, L + 1))", "reversed(range(2, L + 1))", "dW1: layer-index"),
    Wrong('"sigmoid" if l == L else "relu"', '"sigmoid"', "dW2: wrong-activation"),
    Wrong("reversed(range(1, L + 1))", "reversed(range(1, L))", "L_model_backward .*does not fit"),
    Wrong("reversed(range(1, L + 1))", "range(1, L + 1)", "L_model_backward .*does not fit"),
    Wrong("dA, dW, db = linear", "dA0, dW, db = linear", "L_model_backward .*does not fit"),
    Wrong("caches[l - 1]", "caches[L - l]", "L_model_backward .*does not fit"),
    Wrong('grads["dW" + str(l)] = dW', 'grads["dW" + str(l - 1)] = dW', "dW2: layer-index"),
]
