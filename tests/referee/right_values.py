"""The right values: the network as tensors, gradients by autodiff, in the course's conventions.

dA and dZ carry no 1/m: they are m times the derivatives of the mean cost J.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_dnn.core.node import Array
from tinygrad_dnn.core.tensor import Tensor
from tinygrad_dnn.dnn import network
from tinygrad_dnn.dnn.costs import cross_entropy, l2_penalty, softmax_cross_entropy
from tinygrad_dnn.referee.task import Task, Trial

ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = {**network.ACTIVATIONS, "linear": lambda Z: Z}

Values = dict[str, Any]


def pulled_back(f: Callable[..., Any], out_bar: object, **arrays: Array | float) -> dict[str, Array]:
    """Return the cotangents of the named arrays, given that of f, called with them in order."""
    tensors = {name: Tensor(array, name=name) for name, array in arrays.items()}
    f(*tensors.values()).backward(np.asarray(out_bar))
    return {name: np.asarray(tensor.grad) for name, tensor in tensors.items()}


def layer_forward(A_prev: Any, W: Any, b: Any, activation: str) -> Any:
    """Return ``g(W A_prev + b)``."""
    return ACTIVATIONS[activation](W @ A_prev + b)


def layer_gradients(A_prev: Array, W: Array, b: Array, activation: str, dA: Array) -> Values:
    """Return dW, db (with 1/m) and dA_prev (without) of one layer, given dA (without)."""
    bars = pulled_back(lambda A_prev, W, b: layer_forward(A_prev, W, b, activation), dA, A_prev=A_prev, W=W, b=b)
    m = np.shape(A_prev)[1]
    return {"dA_prev": bars["A_prev"], "dW": bars["W"] / m, "db": bars["b"] / m}


def network_gradients(
    X: Array,
    Y: Array,
    parameters: Mapping[str, Array],
    hidden: str = "relu",
    *,
    lambd: float = 0.0,
    masks: Sequence[Array] | None = None,
) -> Values:
    """Return what `L_model_backward` and its relatives may return: dW, db, and m times the derivatives dA, dZ."""
    L, m = len(parameters) // 2, np.shape(Y)[1]
    leaves = network.tensors(parameters)
    values = network.forward(Tensor(X), leaves, [hidden] * (L - 1) + ["sigmoid"], masks=masks)
    J = cross_entropy(values[f"A{L}"], Y) + l2_penalty(leaves, lambd, m)
    J.backward(retain_grads=True)
    gradients = {f"d{name}": np.asarray(tensor.grad) for name, tensor in leaves.items()}
    return gradients | {f"d{name}": m * np.asarray(tensor.grad) for name, tensor in values.items()}


def by_engine(task: Task, trial: Trial) -> Values:
    """Return the results of a trial by the engine, or by the definition where there is nothing to differentiate."""
    env, name = trial.env, task.name
    parameters = {key: env[key] for key in env if re.fullmatch(r"[Wb]\d", key)}
    if name in ("sigmoid", "relu"):
        return {"A": np.asarray(ACTIVATIONS[name](env["Z"]))}
    if name.endswith("_backward") and "A_prev" in env:
        activation = {True: "sigmoid", False: "relu"}[env["by_sigmoid"]] if "by_sigmoid" in env else "linear"
        bar = env["dZ"] if activation == "linear" else env["dA"]
        return layer_gradients(env["A_prev"], env["W"], env["b"], activation, bar)
    if name in ("sigmoid_backward", "relu_backward"):
        return {"dZ": pulled_back(ACTIVATIONS[name.partition("_")[0]], env["dA"], Z=env["Z"])["Z"]}
    if name == "linear_forward":
        return {"Z": env["W"] @ env["A"] + env["b"]}
    if name == "linear_activation_forward":
        activation = "sigmoid" if env["by_sigmoid"] else "relu"
        return {"A": np.asarray(layer_forward(env["A_prev"], env["W"], env["b"], activation))}
    if task.hint:
        e, axis = np.exp(env["Z"]), {"column": 0, "row": 1, "vector": None}[task.hint]
        return {"A": e / e.sum(axis=axis, keepdims=True)}
    if "softmax" in name or name == "cross_entropy_cost":
        return _softmax(env)
    if name == "propagate":
        gradients = network_gradients(env["X"], env["Y"], {"W1": env["w"].T, "b1": np.array([[env["b"]]])})
        cost = float(cross_entropy(1 / (1 + np.exp(-(env["w"].T @ env["X"] + env["b"]))), env["Y"]))
        return {"dw": gradients["dW1"].T, "db": gradients["db1"][0, 0], "cost": cost}
    if "theta" in env:
        bar = pulled_back(lambda theta: theta * env["x"], 1.0, theta=env["theta"])["theta"]
        return {"J": env["theta"] * env["x"], "dtheta": bar}
    if name == "compute_cost":
        return {"cost": float(cross_entropy(env["AL"], env["Y"]))}
    if name == "compute_cost_with_regularization":
        return {"cost": float(cross_entropy(env["A3"], env["Y"]) + l2_penalty(parameters, env["lambd"], env["m"]))}
    if "update" in name or name.startswith("initialize"):
        return _updated(name, env, parameters)
    hidden = "tanh" if trial.L == 2 and name in ("forward_propagation", "backward_propagation") else "relu"
    penalty = env["lambd"] if "regularization" in name else 0.0
    masks = [env[f"D{l}"] / env["keep_prob"] for l in (1, 2)] if "dropout" in name else None
    values = network.forward(Tensor(env["X"]), network.tensors(parameters), [hidden] * (trial.L - 1) + ["sigmoid"])
    if "forward" in name:
        AL = np.asarray(values[f"A{trial.L}"].data)
        return {f"A{trial.L}": AL, "cost": float(cross_entropy(AL, env["Y"])) if "Y" in env else None}
    return network_gradients(env["X"], env["Y"], parameters, hidden, lambd=penalty, masks=masks)


def _softmax(env: Values) -> Values:
    if "Z" not in env:
        return {"cost": float(softmax_cross_entropy(env["A"], env["Y"]))}
    softmax = ACTIVATIONS["softmax"]
    return {"dZ": env["m"] * pulled_back(lambda Z: softmax_cross_entropy(softmax(Z), env["Y"]), 1.0, Z=env["Z"])["Z"]}


def _updated(name: str, env: Values, parameters: Values) -> Values:
    """Spell the optimisers' formulas out, array by array."""
    found: Values = {}
    for key, value in parameters.items():
        if name.startswith("initialize"):
            found |= {f"{kind}d{key}": np.zeros(value.shape) for kind in "vs"}
            continue
        gradient, rate = env[f"d{key}"], env["learning_rate"]
        if "adam" in name:
            v = found[f"vd{key}"] = env["beta1"] * env[f"vd{key}"] + (1 - env["beta1"]) * gradient
            s = found[f"sd{key}"] = env["beta2"] * env[f"sd{key}"] + (1 - env["beta2"]) * np.square(gradient)
            v_hat, s_hat = v / (1 - env["beta1"] ** env["t"]), s / (1 - env["beta2"] ** env["t"])
            found[key] = value - rate * v_hat / (np.sqrt(s_hat) + env["epsilon"])
        elif "momentum" in name:
            v = found[f"vd{key}"] = env["beta"] * env[f"vd{key}"] + (1 - env["beta"]) * gradient
            found[key] = value - rate * v
        else:
            found[key] = value - rate * gradient
    return found
