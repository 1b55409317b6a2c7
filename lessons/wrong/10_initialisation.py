"""Lesson 10: starts from which a network does not learn."""

from lessons.judging import Wrong

W = "np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01"

WRONG = [
    Wrong(W, "np.zeros((layer_dims[l], layer_dims[l - 1]))", "initialize_parameters_deep .*W1: "),
    Wrong(W, "np.random.rand(layer_dims[l], layer_dims[l - 1]) * 0.01", "initialize_parameters_deep .*W1: "),
    Wrong(W, "np.random.randn(layer_dims[l - 1], layer_dims[l]) * 0.01", "initialize_parameters_deep .*W1: "),
    Wrong(W, "np.ones((layer_dims[l], layer_dims[l - 1])) * 0.01", "W1: .*units that start alike stay alike"),
    Wrong(W, "np.random.randn(layer_dims[l], layer_dims[l - 1])", "W1: .*a factor like 0.01 or 1/sqrt.* is missing"),
    Wrong("np.zeros((layer_dims[l], 1))", "np.random.randn(layer_dims[l], 1)", "b1: .*b1 must be zeros"),
    Wrong("np.zeros((layer_dims[l], 1))", "np.zeros(layer_dims[l])", "initialize_parameters_deep .*b1: "),
    Wrong("np.zeros((layer_dims[l], 1))", "np.zeros((layer_dims[l - 1], 1))", "initialize_parameters_deep .*b1: "),
]
