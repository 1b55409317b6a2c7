"""Files as people hand them in, around the course and far from it, with the verdicts that a reader gives."""
# ruff: noqa: E501

from __future__ import annotations

from typing import NamedTuple

from benchmarks.referee_corpus import BASE
from benchmarks.referee_styles import plain


class Wild(NamedTuple):
    """A file, its verdict, the functions judged right, and words that its text must hold or must not."""

    text: str
    verdict: str
    right: str = ""
    says: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


HELPERS = "\n".join(BASE[name] for name in ("sigmoid", "relu", "sigmoid_backward", "relu_backward"))
RIGHT = plain(BASE)
NUMPY = "import numpy as np\n"

ROWS = '''
def softmax(x):
    """Calculates the softmax for each row of the input x.

    Argument: x -- A numpy matrix of shape (m,n)
    """
    x_exp = np.exp(x)
    x_sum = np.sum(x_exp, axis=1, keepdims=True)
    s = x_exp / x_sum
    return s
'''

BASICS = f"""{NUMPY}import math
def basic_sigmoid(x):
    s = 1.0 / (1 + math.exp(-x))
    return s

def sigmoid(x):
    s = 1.0 / (1 + np.exp(-x))
    return s

def sigmoid_derivative(x):
    s = sigmoid(x)
    ds = s * (1 - s)
    return ds

def image2vector(image):
    v = image.reshape(image.shape[0] * image.shape[1] * image.shape[2], 1)
    return v

def normalizeRows(x):
    x_norm = np.linalg.norm(x, axis=1, keepdims=True)
    return x / x_norm
{ROWS}
def L1(yhat, y):
    return np.sum(abs(y - yhat))

def L2(yhat, y):
    return np.dot(y - yhat, y - yhat)
print("sigmoid([1, 2, 3]) = " + str(sigmoid(np.array([1, 2, 3]))))
"""

WORD_VECTORS = """
import numpy as np
import random
from q1_softmax import softmax
from q2_gradcheck import gradcheck_naive
from q2_sigmoid import sigmoid, sigmoid_grad

def softmax(x):
    orig_shape = x.shape
    if len(x.shape) > 1:
        tmp = np.max(x, axis=1)
        x = x - tmp.reshape((x.shape[0], 1))
        x = np.exp(x)
        x /= np.sum(x, axis=1).reshape((x.shape[0], 1))
    else:
        x = np.exp(x - np.max(x))
        x /= np.sum(x)
    assert x.shape == orig_shape
    return x

def sigmoid(x):
    s = 1. / (1 + np.exp(-x))
    return s

def sigmoid_grad(s):
    return s * (1 - s)

def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    probabilities = softmax(predicted.dot(outputVectors.T))
    cost = -np.log(probabilities[target])
    delta = probabilities
    delta[target] -= 1
    return cost, delta.dot(outputVectors), np.outer(delta, predicted)

def forward_backward_prop(data, labels, params, dimensions):
    Dx, H, Dy = dimensions[0], dimensions[1], dimensions[2]
    W1 = np.reshape(params[:Dx * H], (Dx, H))
    return 0, params
"""

TENSORFLOW = """
import math
import numpy as np
import h5py
import tensorflow as tf
from tensorflow.python.framework import ops
from tf_utils import load_dataset, random_mini_batches, convert_to_one_hot, predict
%matplotlib inline
np.random.seed(1)

def linear_function():
    X = tf.constant(np.random.randn(3, 1), name="X")
    Y = tf.add(tf.matmul(tf.constant(np.random.randn(4, 3)), X), tf.constant(np.random.randn(4, 1)))
    sess = tf.Session()
    return sess.run(Y)

def sigmoid(z):
    x = tf.placeholder(tf.float32, name="x")
    sigmoid = tf.sigmoid(x)
    with tf.Session() as sess:
        result = sess.run(sigmoid, feed_dict={x: z})
    return result

def cost(logits, labels):
    z = tf.placeholder(tf.float32, name="z")
    y = tf.placeholder(tf.float32, name="y")
    return tf.nn.sigmoid_cross_entropy_with_logits(logits=z, labels=y)

def initialize_parameters():
    tf.set_random_seed(1)
    W1 = tf.get_variable("W1", [25, 12288], initializer=tf.contrib.layers.xavier_initializer(seed=1))
    return {"W1": W1}

def forward_propagation(X, parameters):
    W1 = parameters["W1"]
    return tf.matmul(W1, X)

def compute_cost(Z3, Y):
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=tf.transpose(Z3), labels=tf.transpose(Y)))
"""

TORCH = """
import torch
from torch import nn
import torch.nn.functional as F

def relu(X):
    return torch.max(X, torch.zeros_like(X))

def softmax(X):
    X_exp = torch.exp(X)
    return X_exp / X_exp.sum(1, keepdim=True)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.relu(self.fc(x))

def compute_cost(y_hat, y):
    return F.cross_entropy(y_hat, y)
"""

RNN = """
import numpy as np
from rnn_utils import *

def rnn_cell_forward(xt, a_prev, parameters):
    Wax, Waa, Wya, ba, by = (parameters[key] for key in ("Wax", "Waa", "Wya", "ba", "by"))
    a_next = np.tanh(np.dot(Waa, a_prev) + np.dot(Wax, xt) + ba)
    return a_next, softmax(np.dot(Wya, a_next) + by), (a_next, a_prev, xt, parameters)

def rnn_cell_backward(da_next, cache):
    (a_next, a_prev, xt, parameters) = cache
    dtanh = (1 - a_next ** 2) * da_next
    return {"dxt": np.dot(parameters["Wax"].T, dtanh), "da_prev": np.dot(parameters["Waa"].T, dtanh)}
"""

NIELSEN = '''
"""
network.py
~~~~~~~~~~

A module for stochastic gradient descent, written for Python 2.
"""
import random
import numpy as np

class Network(object):

    def __init__(self, sizes):
        """The list ``sizes`` contains
the number of neurons."""
        self.num_layers = len(sizes)
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]

    def SGD(self, training_data, epochs, mini_batch_size, eta, test_data=None):
        for j in xrange(epochs):
            random.shuffle(training_data)
            if test_data:
                print "Epoch {0}: {1} / {2}".format(
                    j, self.evaluate(test_data), len(test_data))
            else:
                print "Epoch {0} complete".format(j)

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        return nabla_b

    def cost_derivative(self, output_activations, y):
        return (output_activations-y)

#### Miscellaneous functions
def sigmoid(z):
    """The sigmoid function."""
    return 1.0/(1.0+np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z)*(1-sigmoid(z))
'''

LOWERCASE = """
import numpy as np

def initialize_parameters_deep(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters["w" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters

def linear_forward(A, W, b):
    return np.dot(W, A) + b, (A, W, b)

def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    A = 1 / (1 + np.exp(-Z)) if activation == "sigmoid" else np.maximum(0, Z)
    return A, (linear_cache, Z)

def L_model_forward(X, parameters):
    caches, A, L = [], X, len(parameters) // 2
    for l in range(1, L + 1):
        A, cache = linear_activation_forward(A, parameters["w" + str(l)], parameters["b" + str(l)],
                                             "relu" if l < L else "sigmoid")
        caches.append(cache)
    return A, caches

def compute_cost(AL, Y):
    m = Y.shape[1]
    return np.squeeze(-(np.dot(Y, np.log(AL).T) + np.dot(1 - Y, np.log(1 - AL).T)) / m)

def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T) / m, np.sum(dZ, axis=1, keepdims=True) / m

def linear_activation_backward(dA, cache, activation):
    linear_cache, Z = cache
    s = 1 / (1 + np.exp(-Z))
    return linear_backward(dA * s * (1 - s) if activation == "sigmoid" else dA * (Z > 0), linear_cache)

def L_model_backward(AL, Y, caches):
    grads, L = {}, len(caches)
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    for l in reversed(range(1, L + 1)):
        dA, grads["dw" + str(l)], grads["db" + str(l)] = linear_activation_backward(
            dA, caches[l - 1], "sigmoid" if l == L else "relu")
        grads["da" + str(l - 1)] = dA
    return grads

def update_parameters(parameters, grads, learning_rate):
    for l in range(len(parameters) // 2):
        parameters["w" + str(l + 1)] = parameters["w" + str(l + 1)] - learning_rate * grads["dw" + str(l + 1)]
        parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - learning_rate * grads["db" + str(l + 1)]
    return parameters
"""

TEMPLATE = '''
import numpy as np

def sigmoid(z):
    """Compute the sigmoid of z."""
    g = np.zeros(z.shape)
    # ====================== YOUR CODE HERE ======================
    # Instructions: compute the sigmoid of each value of z.
    # ============================================================
    return g

def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]

    ### START CODE HERE ### (~ 3 lines of code)
    dW = None
    db = None
    dA_prev = None
    ### END CODE HERE ###

    assert (dA_prev.shape == A_prev.shape)
    return dA_prev, dW, db

def compute_cost(AL, Y):
    # YOUR CODE STARTS HERE


    # YOUR CODE ENDS HERE
    return cost
'''

STARRED = "from dnn_utils_v2 import *\nfrom testCases_v4 import *\n" + "\n".join(
    text for name, text in BASE.items() if name not in ("sigmoid", "relu", "sigmoid_backward", "relu_backward")
)

TRAINED = (
    RIGHT
    + """
train_x_orig, train_y, test_x_orig, test_y, classes = load_data()
print("Number of training examples: " + str(train_x_orig.shape[0]))
plt.rcParams["figure.figsize"] = (5.0, 4.0)
train_x = train_x_orig.reshape(train_x_orig.shape[0], -1).T / 255.
layers_dims = [12288, 20, 7, 5, 1]
while True:
    parameters = initialize_parameters_deep([200, 100, 1])
"""
)

HISTORIC = (
    NUMPY
    + """
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.squeeze(np.sum(dZ, axis=1, keepdims=True)) / m
    dA_prev = np.dot(W.T, dZ)
    assert (dA_prev.shape == A_prev.shape)
    assert (dW.shape == W.shape)
    assert (isinstance(db, float))
    return dA_prev, dW, db
"""
)

OWN_ASSERT = (
    NUMPY
    + """
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    assert (isinstance(db, float)), "db must be a number"
    return np.dot(W.T, dZ), dW, db
"""
)

WRONG_AXIS = (
    NUMPY
    + """
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1. / m * np.dot(dZ, A_prev.T)
    db = 1. / m * np.sum(dZ, axis=0, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    assert (db.shape == b.shape)
    return dA_prev, dW, db
"""
)

UNBIASED = WRONG_AXIS.replace("axis=0", "axis=1").replace("1. / m * np.dot(dZ", "1. / (m - 1) * np.dot(dZ")
UNITS = WRONG_AXIS.replace("axis=0", "axis=1").replace("m = A_prev.shape[1]", "m = A_prev.shape[0]")
TWO = WRONG_AXIS.replace("1. / m * np.sum(dZ, axis=0", "4. / m * np.sum(dZ, axis=1").replace("1. / m * np.dot", "2. / m * np.dot")

L2_DEEP = plain(
    BASE
    | {
        "linear_backward": """
def linear_backward(dZ, cache, lambd=0):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1. / m * np.dot(dZ, A_prev.T) + (lambd / m) * W
    db = 1. / m * np.sum(dZ, axis=1, keepdims=True)
    return np.dot(W.T, dZ), dW, db
"""
    }
)

INDEX = plain(BASE | {"L_model_backward": BASE["L_model_backward"].replace("caches[L - 1]", "caches[L]")})

ORDER = (
    NUMPY
    + """
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(W.T, dZ)
    return dW, db, dA_prev
"""
)

ANOTHER_SIGNATURE = (
    NUMPY
    + """
def linear_backward(dZ, A_prev, W, b):
    m = A_prev.shape[1]
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T) / m, np.sum(dZ, axis=1, keepdims=True) / m
"""
)

INITIALISED = (
    NUMPY
    + """
def initialize_parameters(layer_dims):
    np.random.seed(3)
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) / np.sqrt(layer_dims[l - 1])
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters
"""
)

CS231N = (
    NUMPY
    + """
def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = dout.sum(axis=0)
    return dx, dw, db

def relu_forward(x):
    return np.maximum(0, x), x

def relu_backward(dout, cache):
    x = cache
    return dout * (x > 0)

def softmax_loss(x, y):
    shifted = x - x.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    return -np.log(p[range(len(y)), y]).mean(), p
"""
)

DROPOUT = """
import numpy as np
import matplotlib.pyplot as plt
from reg_utils import sigmoid, relu, plot_decision_boundary, initialize_parameters, load_2D_dataset, predict_dec
from reg_utils import compute_cost, predict, forward_propagation, backward_propagation, update_parameters
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    W1 = parameters["W1"]; W2 = parameters["W2"]; W3 = parameters["W3"]
    cross_entropy_cost = compute_cost(A3, Y)
    return cross_entropy_cost + lambd / (2 * m) * (np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3)))
def forward_propagation_with_dropout(X, parameters, keep_prob=0.5):
    np.random.seed(1)
    W1, b1, W2, b2, W3, b3 = [parameters[k] for k in ("W1", "b1", "W2", "b2", "W3", "b3")]
    Z1 = np.dot(W1, X) + b1
    A1 = relu(Z1)
    D1 = np.random.rand(A1.shape[0], A1.shape[1])
    D1 = (D1 < keep_prob).astype(int)
    A1 = A1 * D1
    A1 = A1 / keep_prob
    Z2 = np.dot(W2, A1) + b2
    A2 = relu(Z2)
    D2 = np.random.rand(*A2.shape) < keep_prob
    A2 = A2 * D2 / keep_prob
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    m = X.shape[1]
    (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3) = cache
    dZ3 = A3 - Y
    dW3 = 1./m * np.dot(dZ3, A2.T)
    db3 = 1./m * np.sum(dZ3, axis=1, keepdims=True)
    dA2 = np.dot(W3.T, dZ3)
    dA2 = dA2 * D2
    dA2 = dA2 / keep_prob
    dZ2 = np.multiply(dA2, np.int64(A2 > 0))
    dW2 = 1./m * np.dot(dZ2, A1.T)
    db2 = 1./m * np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(W2.T, dZ2)
    dA1 = dA1 * D1
    dA1 = dA1 / keep_prob
    dZ1 = np.multiply(dA1, np.int64(A1 > 0))
    dW1 = 1./m * np.dot(dZ1, X.T)
    db1 = 1./m * np.sum(dZ1, axis=1, keepdims=True)
    return {"dZ3": dZ3, "dW3": dW3, "db3": db3,"dA2": dA2, "dZ2": dZ2, "dW2": dW2, "db2": db2, "dA1": dA1, "dZ1": dZ1, "dW1": dW1, "db1": db1}
"""

OPTIMISERS = """
import numpy as np
import math
from opt_utils import load_params_and_grads, initialize_parameters, forward_propagation
from testCases import *
def update_parameters_with_gd(parameters, grads, learning_rate):
    L = len(parameters) // 2
    for l in range(L):
        parameters["W" + str(l+1)] = parameters["W" + str(l+1)] - learning_rate * grads["dW" + str(l+1)]
        parameters["b" + str(l+1)] = parameters["b" + str(l+1)] - learning_rate * grads["db" + str(l+1)]
    return parameters
def random_mini_batches(X, Y, mini_batch_size=64, seed=0):
    np.random.seed(seed)
    m = X.shape[1]
    mini_batches = []
    permutation = list(np.random.permutation(m))
    shuffled_X = X[:, permutation]
    shuffled_Y = Y[:, permutation].reshape((1, m))
    n = math.floor(m / mini_batch_size)
    for k in range(0, n):
        mini_batches.append((shuffled_X[:, k * mini_batch_size:(k+1) * mini_batch_size], shuffled_Y[:, k * mini_batch_size:(k+1) * mini_batch_size]))
    if m % mini_batch_size != 0:
        mini_batches.append((shuffled_X[:, n * mini_batch_size:], shuffled_Y[:, n * mini_batch_size:]))
    return mini_batches
def initialize_velocity(parameters):
    L = len(parameters) // 2
    v = {}
    for l in range(L):
        v["dW" + str(l+1)] = np.zeros_like(parameters["W" + str(l+1)])
        v["db" + str(l+1)] = np.zeros_like(parameters["b" + str(l+1)])
    return v
def update_parameters_with_momentum(parameters, grads, v, beta, learning_rate):
    L = len(parameters) // 2
    for l in range(L):
        v["dW" + str(l+1)] = beta * v["dW" + str(l+1)] + (1 - beta) * grads["dW" + str(l+1)]
        v["db" + str(l+1)] = beta * v["db" + str(l+1)] + (1 - beta) * grads["db" + str(l+1)]
        parameters["W" + str(l+1)] = parameters["W" + str(l+1)] - learning_rate * v["dW" + str(l+1)]
        parameters["b" + str(l+1)] = parameters["b" + str(l+1)] - learning_rate * v["db" + str(l+1)]
    return parameters, v
def initialize_adam(parameters):
    L = len(parameters) // 2
    v, s = {}, {}
    for l in range(L):
        for d in ("W", "b"):
            v["d" + d + str(l+1)] = np.zeros(parameters[d + str(l+1)].shape)
            s["d" + d + str(l+1)] = np.zeros(parameters[d + str(l+1)].shape)
    return v, s
def update_parameters_with_adam(parameters, grads, v, s, t, learning_rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-8):
    L = len(parameters) // 2
    v_corrected = {}
    s_corrected = {}
    for l in range(L):
        for d in ("W", "b"):
            k = "d" + d + str(l + 1)
            v[k] = beta1 * v[k] + (1 - beta1) * grads[k]
            v_corrected[k] = v[k] / (1 - np.power(beta1, t))
            s[k] = beta2 * s[k] + (1 - beta2) * np.power(grads[k], 2)
            s_corrected[k] = s[k] / (1 - np.power(beta2, t))
            parameters[d + str(l + 1)] = parameters[d + str(l + 1)] - learning_rate * v_corrected[k] / (np.sqrt(s_corrected[k]) + epsilon)
    return parameters, v, s
"""

WILD = {
    "the basics of week 2": Wild(BASICS, "right", "sigmoid softmax"),
    "softmax over rows": Wild(NUMPY + ROWS, "right", "softmax"),
    "softmax of a vector": Wild(NUMPY + "def softmax(x):\n    return np.exp(x) / np.exp(x).sum()\n", "right", "softmax"),
    "stable softmax of a vector": Wild(
        NUMPY + "def softmax(x):\n    e = np.exp(x - x.max())\n    return e / np.sum(e, axis=0)\n", "right", "softmax"
    ),
    "word vectors": Wild(WORD_VECTORS, "right", "softmax sigmoid", ("not judged", "forward_backward_prop", "sigmoid_grad")),
    "tensorflow": Wild(TENSORFLOW, "not judged", "", ("it uses TensorFlow", "compute_cost"), ("Anything", "not supplied")),
    "torch": Wild(TORCH, "not judged", "", ("it uses PyTorch",), ("Anything",)),
    "rnn": Wild(RNN, "right", "rnn_cell_backward", ("not judged: rnn_cell_forward", "no gradient for parameters['Wax']")),
    "nielsen": Wild(NIELSEN, "right", "sigmoid", ("Network.backprop",), ("unterminated",)),
    "lower case": Wild(LOWERCASE, "right", "L_model_backward update_parameters initialize_parameters_deep L_model_forward"),
    "a template": Wild(TEMPLATE, "incomplete", "", ("is still to be written, from line",), ("is wrong", "NoneType")),
    "helpers by a star": Wild(STARRED, "right", "L_model_backward", (), ("NameError",)),
    "a helper file": Wild(NUMPY + HELPERS, "right", "relu_backward sigmoid_backward", (), ("not defined",)),
    "a training loop": Wild(TRAINED, "right", "L_model_backward", ("too long here", "need load_data"), ("timeout",)),
    "the first release": Wild(HISTORIC, "wrong", "", ("db: keepdims", "assert (isinstance(db, float))", "line 7: db =")),
    "an assert of its own": Wild(OWN_ASSERT, "crashed", "", ("is right but for its own check", "isinstance(db, float)")),
    "an assert that hides an axis": Wild(WRONG_AXIS, "wrong", "", ("db: sum-axis", "assert (db.shape == b.shape)")),
    "m - 1": Wild(UNBIASED, "wrong", "", ("m - 1",)),
    "units for examples": Wild(UNITS, "wrong", "", ("A_prev.shape[0]",)),
    "two mistakes": Wild(TWO, "wrong", "", ("2 times", "4 times")),
    "a penalty with a default": Wild(L2_DEEP, "right", "linear_backward L_model_backward"),
    "an index too large": Wild(INDEX, "crashed", "", ("layer-index", "current_cache = caches[L]")),
    "another order": Wild(ORDER, "wrong", "", ("order",)),
    "another signature": Wild(ANOTHER_SIGNATURE, "not judged", "", ("dZ, A_prev, W, b",)),
    "initialised by layers": Wild(INITIALISED, "right", "initialize_parameters"),
    "layers of another course": Wild(CS231N, "right", "relu_backward affine_backward", ("softmax_loss", "not judged")),
    "nothing": Wild("", "incomplete", "", ("holds no code",)),
    "prose": Wild("# my homework\nx = 1\n", "incomplete", "", ("No function", "it defines no function")),
    "plots": Wild("import matplotlib.pyplot as plt\ndef show(x):\n    plt.plot(x)\n", "incomplete", "", ("it defines show",)),
    "dropout": Wild(DROPOUT, "incomplete", "forward_propagation_with_dropout backward_propagation_with_dropout"),
    "dropout without its scale": Wild(
        DROPOUT.replace("dA2 = dA2 / keep_prob", "pass"), "wrong", "", ("dA2: factor", "1 / keep_prob is missing")
    ),
    "masks of another layer": Wild(DROPOUT.replace("A1 = A1 * D1", "A1 = A1 * 1"), "wrong", "", ("with the D1 of the cache",)),
    "optimisers": Wild(OPTIMISERS, "right", "random_mini_batches update_parameters_with_adam initialize_adam"),
    "no bias correction": Wild(
        OPTIMISERS.replace(" / (1 - np.power(beta2, t))", ""),
        "wrong",
        "",
        ("The correction of s by 1 - beta2 ** t is missing",),
    ),
    "the gradient in momentum": Wild(
        OPTIMISERS.replace('learning_rate * v["dW"', 'learning_rate * grads["dW"'), "wrong", "", ("not the velocity",)
    ),
    "batches shuffled apart": Wild(OPTIMISERS.replace("Y[:, permutation]", "Y[:, ::-1]"), "wrong", "", ("use one permutation",)),
}
