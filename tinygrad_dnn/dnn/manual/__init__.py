"""The course's networks with their gradients derived by hand, in NumPy alone.

This is the other side of every comparison: formulas derived on paper, that know nothing of the engine and never import
it. Names, argument orders and returns are those of the course "Neural Networks and Deep Learning", weeks 2 to 4.

Columns are examples. m examples, n[l] units in layer l, L layers, the input is layer 0:

=================  ================  ====================================================
symbol             shape             meaning
=================  ================  ====================================================
X = A[0]           (n[0], m)         the data
Y                  (n[L], m)         the labels
W[l], dW[l]        (n[l], n[l-1])    weights, and the derivative of the cost by them
b[l], db[l]        (n[l], 1)         biases, and the derivative of the cost by them
Z[l], dZ[l]        (n[l], m)         W[l] A[l-1] + b[l], and *m times* the derivative by it
A[l], dA[l]        (n[l], m)         g[l](Z[l]), and *m times* the derivative by it
=================  ================  ====================================================

The cost is a mean over m examples: dW and db carry the 1/m, dZ and dA do not.

Every function leaves its arguments as they were, gives float32 for float32, and says which matrix does not fit which
where shapes do not fit. Read `layer` first, then `network`; `shallow` is weeks 2 and 3.
"""

# ruff: noqa: F403, F405 (__all__ says which)
from .activations import *
from .costs import *
from .layer import *
from .network import *
from .shallow import *
from .step import *

__all__ = [
    "ACTIVATIONS", "Activation", "L_model_backward", "L_model_backward_in_full", "L_model_forward",
    "backward_propagation", "compute_cost", "compute_cost_backward", "compute_cost_from_Z",
    "compute_cost_with_regularization", "compute_softmax_cost", "compute_softmax_cost_backward",
    "compute_softmax_cost_from_Z", "cost_and_gradients", "early_dA_names", "forward_propagation",
    "initialize_parameters", "initialize_parameters_deep", "l2_penalty", "leaky_relu", "leaky_relu_backward",
    "linear_activation_backward", "linear_activation_forward", "linear_backward", "linear_forward", "propagate",
    "propagate_with_loop", "relu", "relu_backward", "sigmoid", "sigmoid_backward", "softmax", "softmax_backward",
    "tanh", "tanh_backward", "update_parameters",
]  # fmt: skip
