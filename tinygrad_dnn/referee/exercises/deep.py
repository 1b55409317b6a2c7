"""The L-layer network of week 4: [LINEAR -> RELU] x (L - 1) -> LINEAR -> SIGMOID."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from ...dnn.costs import cross_entropy
from ...sandbox.child.stand_ins import COURSE, HELPERS
from ...sandbox.child.wire import Ref
from ..formulas import Line, Program, relu, sigmoid
from ..inputs import Network, Sizes, eighths, networks
from ..right_values import ACTIVATIONS, layer_forward, layer_gradients, network_gradients, pulled_back
from ..session import Submission
from ..task import NoRoute, Route, Task, Trial, fixed
from .formulas_of_layers import back_line, cost_gradient_line, cost_line, known_line, step_back_line, weight_lines
from .initialisers import initialisation_tasks
from .penalty import as_written
from .results import first_of, grads_reader, numbers
from .updates import update_task

DEEP = frozenset(COURSE) - {*HELPERS, "compute_cost", "initialize_parameters", "update_parameters"}
"""Functions of this exercise and of no other, without the activations, which may stand in a file of their own."""


def recognises(functions: Mapping[str, Any]) -> bool:
    """Return True for functions of this exercise."""
    return bool(DEEP & set(functions))


SIGMOID = Program((known_line("A", "1 / (1 + exp(-Z))", "once", "sigmoid"),))
RELU = Program((known_line("A", "relu(Z)", "once", "relu"),))
SIGMOID_BACKWARD = Program((step_back_line("sigmoid", "once", "dZ", "dA", "Z", "A"),))
RELU_BACKWARD = Program((step_back_line("relu", "once", "dZ", "dA", "Z", "A"),))
LINEAR_FORWARD = Program((Line("Z", "W @ A + bias(b)"),))
LINEAR_BACKWARD = Program((back_line("dA_prev", "W", "dZ"), *weight_lines("dW", "db", "dZ", "A_prev")))
FORWARD = Program(
    (
        Line("Z_l", "W_l @ A_p + bias(b_l)"),
        Line("A_l", "relu(Z_l)", "hidden", (("A_p", "layer-index", "the layer is left out"),)),
        Line("A_l", "sigmoid(Z_l)", "output", (("A_p", "layer-index", "the last layer is left out"),)),
    ),
    "up",
)
COST = Program((cost_line("AL"),))
BACKWARD = Program(
    (
        cost_gradient_line("dA_L", "A_L"),
        step_back_line("sigmoid", "output", "dZ_L", "dA_L", "Z_L", "A_L"),
        step_back_line("relu", "hidden", "dZ_l", "dA_l", "Z_l", "A_l"),
        *weight_lines("dW_l", "db_l", "dZ_l", "A_p"),
        back_line("dA_p", "W_l", "dZ_l"),
    ),
    "down",
)


def tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """All functions of the exercise, in the order in which the network computes."""
    known = [
        *initialisation_tasks(functions),
        Task("sigmoid", SIGMOID, lambda rng, sizes: activation_trials(rng, sigmoid, sizes), required=False),
        Task("relu", RELU, lambda rng, sizes: activation_trials(rng, relu, sizes), required=False),
        Task("linear_forward", LINEAR_FORWARD, linear_forward_trials),
        Task("linear_activation_forward", LAYER_FORWARD, layer_forward_trials),
        Task("L_model_forward", FORWARD, forward_trials),
        Task("compute_cost", COST, lambda rng, sizes: cost_trials(networks(rng, sizes))),
        Task(
            "sigmoid_backward", SIGMOID_BACKWARD, lambda rng, sizes: slope_trials(rng, "sigmoid", sizes), required=False
        ),
        Task("relu_backward", RELU_BACKWARD, lambda rng, sizes: slope_trials(rng, "relu", sizes), required=False),
        Task("linear_backward", LINEAR_BACKWARD, linear_backward_trials),
        Task("linear_activation_backward", LAYER_BACKWARD, layer_backward_trials),
        Task("L_model_backward", BACKWARD, backward_trials, notes=naming_notes),
        update_task(),
    ]
    return [as_written(task, functions) if task.name.endswith("_backward") else task for task in known]


_BY_SIGMOID = "where(by_sigmoid, sigmoid(Z), relu(Z))"
LAYER_FORWARD = Program(
    (Line("Z", "W @ A_prev + bias(b)"), known_line("A", _BY_SIGMOID, "once", "layer forward")),
)
_STEP_BACK = "dA * where(by_sigmoid, slope(A * (1 - A)), mask(Z > 0))"
LAYER_BACKWARD = Program(
    (
        known_line("dZ", _STEP_BACK, "once", "layer backward"),
        back_line("dA_prev", "W", "dZ"),
        *weight_lines("dW", "db", "dZ", "A_prev"),
    )
)


# Trials. Each makes inputs, the right values of everything a formula may name, and the right results.


def _shapes(sizes: Sizes) -> tuple[tuple[int, int], ...]:
    return ((2, 3),) if sizes == "small" else ((3, 5), (4, 2))


def activation_trials(rng: np.random.Generator, right: Any, sizes: Sizes) -> Iterator[Trial]:
    for shape in _shapes(sizes):
        Z = eighths(rng, shape, 24)
        Z[1, 1] = 0.0
        yield Trial(0, {"Z": Z, "m": shape[1]}, {"A": right(Z)}, [fixed(Z.copy())], first_of("A"))


def slope_trials(rng: np.random.Generator, activation: str, sizes: Sizes) -> Iterator[Trial]:
    for shape in _shapes(sizes):
        Z, dA = eighths(rng, shape, 24), eighths(rng, shape, 16)
        Z[1, 1] = Z[-1, 0] = 0.0
        A = (sigmoid if activation == "sigmoid" else relu)(Z)
        bars = pulled_back(ACTIVATIONS[activation], dA, Z=Z)
        env = {"Z": Z, "dA": dA, "A": A, "s": A, "m": shape[1]}
        routes = [_after(activation, [Z.copy()], dA, right_only=True), fixed(dA.copy(), Z.copy())]
        yield Trial(0, env, {"dZ": bars["Z"]}, routes, first_of("dZ"))


def linear_forward_trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    for A, W, b in layer_inputs(rng, sizes):
        Z = W @ A + b
        yield Trial(0, {"A": A, "W": W, "b": b, "m": A.shape[1]}, {"Z": Z}, [fixed(A, W, b)], first_of("Z"))


def layer_inputs(rng: np.random.Generator, sizes: Sizes) -> Iterator[tuple[Any, Any, Any]]:
    """Layers with several units: A_prev, W, b."""
    for net in networks(rng, sizes):
        env = net.env()
        for layer in range(1, net.L):
            yield env[f"A{layer - 1}"], env[f"W{layer}"], env[f"b{layer}"]
            if layer == 2:
                break


def layer_forward_trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    for A_prev, W, b in layer_inputs(rng, sizes):
        for activation in ("sigmoid", "relu"):
            env = {"A_prev": A_prev, "W": W, "b": b, "m": A_prev.shape[1], "by_sigmoid": activation == "sigmoid"}
            expected = {"A": np.asarray(layer_forward(A_prev, W, b, activation))}
            yield Trial(0, env, expected, [fixed(A_prev, W, b, activation)], first_of("A"))


def forward_trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    for net in networks(rng, sizes):
        name = f"A{net.L}"
        expected = {name: net.values[name]}
        env = {key: value for key, value in net.env().items() if key[0] in "XYWbmL" or key == "A0"}
        yield Trial(net.L, env, expected, [fixed(net.X.copy(), net.env_parameters())], first_of(name))


def cost_trials(nets: Iterable[Network], with_parameters: bool = False) -> Iterator[Trial]:
    for net in nets:
        AL, Y = net.values[f"A{net.L}"], net.Y
        arguments = [AL.copy(), Y.copy(), *([net.env_parameters()] if with_parameters else [])]
        cost = {"cost": float(cross_entropy(AL, Y))}
        yield Trial(0, {"AL": AL, "Y": Y, "m": net.m}, cost, [fixed(*arguments)], numbers("cost"))


def linear_backward_trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    for A_prev, W, b in layer_inputs(rng, sizes):
        dZ = eighths(rng, (W.shape[0], A_prev.shape[1]), 16)
        expected = layer_gradients(A_prev, W, b, "linear", dZ)
        env = {"A_prev": A_prev, "W": W, "b": b, "dZ": dZ, "Z": W @ A_prev + b, "m": A_prev.shape[1]}
        own = _after("linear_forward", [A_prev, W, b], dZ)
        yield Trial(0, env, expected, [own, fixed(dZ.copy(), (A_prev, W, b))], numbers("dA_prev", "dW", "db"))


def layer_backward_trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    for A_prev, W, b in layer_inputs(rng, sizes):
        for activation in ("sigmoid", "relu"):
            Z = W @ A_prev + b
            dA = eighths(rng, Z.shape, 16)
            expected = layer_gradients(A_prev, W, b, activation, dA)
            A = np.asarray(ACTIVATIONS[activation](Z))
            env = {"A_prev": A_prev, "W": W, "b": b, "Z": Z, "A": A, "s": sigmoid(Z), "dA": dA, "m": A_prev.shape[1]}
            env |= {"by_sigmoid": activation == "sigmoid"}
            own = _after("linear_activation_forward", [A_prev, W, b, activation], dA, activation)
            standard = fixed(dA.copy(), ((A_prev, W, b), Z.copy()), activation)
            yield Trial(0, env, expected, [own, standard], numbers("dA_prev", "dW", "db"))


def _after(forward: str, inputs: list[Any], bar: Any, *rest: Any, right_only: bool = False) -> Route:
    """The cotangent, then the cache that the submission's own forward function returns."""
    return with_own_cache(forward, inputs, lambda cache: [bar.copy(), cache, *rest], right_only=right_only)


def with_own_cache(
    forward: str, inputs: list[Any], arguments: Callable[[Ref], list[Any]], *, right_only: bool = False
) -> Route:
    """The arguments with the second result of the submission's own forward function."""

    def route(submission: Submission) -> list[Any]:
        if not submission.has(forward) or (right_only and forward in submission.replaced):
            raise NoRoute
        returned = submission.call(forward, inputs)
        if returned.ref is None or not isinstance(returned.value, (tuple, list)) or len(returned.value) < 2:
            raise NoRoute
        return arguments(returned.ref[1])

    return route


def backward_trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    for net in networks(rng, sizes):
        gradients = network_gradients(net.X, net.Y, net.parameters)
        order = [name for l in range(net.L, 0, -1) for name in (f"dW{l}", f"db{l}", f"dA{l - 1}")]
        expected = {name: gradients[name] for name in order}
        optional = frozenset(name for name in expected if name.startswith("dA"))
        inputs = [net.X.copy(), net.env_parameters()]
        own = with_own_cache("L_model_forward", inputs, partial(_backward_arguments, net))
        standard = fixed(*_backward_arguments(net, net.caches()))
        yield Trial(net.L, net.env(), expected, [own, standard], grads_reader(expected), optional)


def _backward_arguments(net: Network, caches: Any) -> list[Any]:
    return [net.values[f"A{net.L}"].copy(), net.Y.copy(), caches]


def naming_notes(results: list[Any]) -> list[str]:
    """Name the naming of dA that was met."""
    for value in (value for value in results if isinstance(value, dict)):
        names = [key for key in value if isinstance(key, str)]
        layers = {int(name[2:]) for name in names if name.startswith("dA") and name[2:].isdigit()}
        if not layers:
            return ["dA naming: no dA is returned"]
        if 0 not in layers and sum(name.startswith("dW") for name in names) in layers and len(layers) > 1:
            return ["dA naming: shifted by one layer"]
    return []
