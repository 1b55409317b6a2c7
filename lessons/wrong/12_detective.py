"""Lesson 12: the eight planted faults; the stub holds all of them."""

from lessons.judging import Wrong

WRONG = [
    Wrong("np.dot(W, A) + b", "np.dot(W, A)", r"linear_forward .*Z: missing-bias"),
    Wrong("A, activation_cache = sigmoid(Z)", "A, activation_cache = relu(Z)", "linear_activation_forward .*A: "),
    Wrong("(1 - Y) * np.log(1 - AL))", "(1 - Y * np.log(1 - AL)))", "compute_cost .*cost: missing-term"),
    Wrong("dA * A * (1 - A)", "dA * Z * (1 - Z)", "sigmoid_backward .*dZ: sigmoid-derivative"),
    Wrong("dZ[Z <= 0]", "dZ[dA <= 0]", "relu_backward .*dZ: relu-mask"),
    Wrong("np.sum(dZ, axis=1,", "np.sum(dZ, axis=0,", "linear_backward .*db: sum-axis"),
    Wrong("dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))", "dA = AL - Y", "L_model_backward .*: cost-gradient"),
    Wrong('["b" + str(l)] - learning_rate', '["b" + str(l)] + learning_rate', "update_parameters .*b1: sign"),
]
