"""The network of L layers, forward and backward (week 4).

The course's network is [LINEAR -> RELU] x (L-1) -> LINEAR -> SIGMOID with cross-entropy. Here every layer may have any
activation of `ACTIVATIONS`; after a last layer with softmax the cost is the cross-entropy over classes. The weights may
be penalised (L2), and hidden units dropped by masks that the caller has drawn.

In ``grads`` dA1 belongs to A1, as dW1 to W1 and as in the later releases of the course, so the keys run from dA0 to
dA(L-1). The first releases file the same arrays one layer higher; `early_dA_names` gives those names.
"""

from collections.abc import Mapping, Sequence

from ._checks import Array, Cache, check_labels, check_masks, check_network, misfit
from .activations import activation_named, activations_of
from .costs import cost_after
from .layer import linear_activation_backward, linear_activation_forward

Masks = Sequence[Array | None]


def L_model_forward(
    X: Array, parameters: Mapping[str, Array], activations: Sequence[str] | None = None, *, masks: Masks | None = None
) -> tuple[Array, list[Cache]]:
    """Compute the network's output: A[l] = g[l](W[l] A[l-1] + b[l]) from A[0] = X to AL (week 4).

    ValueError is raised if the shapes do not fit, a parameter is missing, or there is no such activation.

    Parameters
    ----------
    X, parameters : array, shape (n[0], m), and dict
        The data, and W1: (n[1], n[0]), b1: (n[1], 1), ..., WL, bL.
    activations : sequence of str, optional
        The name of each layer's activation; by default the course's, relu throughout and sigmoid at the end.
    masks : sequence of (array, shape (n[l], m), or None), optional
        Dropout: what A[l] is multiplied by in each of the L - 1 hidden layers: 0 for the units that are dropped and
        1 / keep_prob for those that are kept.

    Returns
    -------
    AL, caches : array, shape (n[L], m), and list
        The caches are ``((A_prev, W, b), Z)`` for each layer, the first layer's first.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_dnn.dnn.manual import initialize_parameters_deep
    >>> AL, caches = L_model_forward(np.array([[1.0, -1.0], [0.5, 2.0]]), initialize_parameters_deep([2, 3, 1]))
    >>> AL.shape, len(caches)
    ((1, 2), 2)
    """
    L = check_network("L_model_forward", X, parameters)
    activations = activations_of("L_model_forward", L, activations)
    check_masks("L_model_forward", masks, [(len(parameters[f"W{layer}"]), X.shape[1]) for layer in range(1, L)])
    A, caches = X, []
    for layer, activation in enumerate(activations, start=1):
        A, cache = linear_activation_forward(A, parameters[f"W{layer}"], parameters[f"b{layer}"], activation)
        A = masked(A, masks, layer) if layer < L else A
        caches.append(cache)
    return A, caches


def L_model_backward(
    AL: Array, Y: Array, caches: Sequence[Cache], activations: Sequence[str] | None = None, *,
    masks: Masks | None = None, lambd: float = 0.0,
) -> dict[str, Array]:  # fmt: skip
    """Compute the gradients of the cross-entropy, from dAL back to dA0 (week 4).

    ValueError is raised if the shapes do not fit, there is no such activation, or AL reached exactly 0 or 1
    (`cost_and_gradients` starts at dZL = AL - Y, and cannot divide by 0).

    Parameters
    ----------
    AL, Y : arrays, shape (n[L], m)
        The network's output, which need not be a probability (only 0 and 1 are out of bounds), and the labels.
    caches, activations, masks
        As `L_model_forward` returned and took them.
    lambd : float
        The weight of the L2 penalty, see `l2_penalty`.

    Returns
    -------
    grads : dict
        dW1, db1, ..., dWL, dbL, which carry the 1/m, and dA0, ..., dA(L-1), which do not: m times the derivative of
        the cost by A[l] (before its mask, if it has one).

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_dnn.dnn.manual import initialize_parameters_deep
    >>> AL, caches = L_model_forward(np.array([[1.0, -1.0], [0.5, 2.0]]), initialize_parameters_deep([2, 3, 1]))
    >>> grads = L_model_backward(AL, np.array([[1, 0]]), caches)
    >>> {name: gradient.shape for name, gradient in sorted(grads.items())}
    {'dA0': (2, 2), 'dA1': (3, 2), 'dW1': (3, 2), 'dW2': (1, 3), 'db1': (3, 1), 'db2': (1, 1)}
    """
    activations = check_backward("L_model_backward", AL, Y, caches, activations, masks)
    dA = cost_after(activations[-1]).backward(AL, Y)
    grads = {}
    for layer in range(len(caches), 0, -1):
        dA, dW, db = linear_activation_backward(dA, caches[layer - 1], activations[layer - 1], lambd=lambd)
        dA = masked(dA, masks, layer - 1)
        grads[f"dA{layer - 1}"], grads[f"dW{layer}"], grads[f"db{layer}"] = dA, dW, db
    return grads


def L_model_backward_in_full(
    AL: Array, Y: Array, caches: Sequence[Cache], activations: Sequence[str] | None = None, *,
    masks: Masks | None = None, lambd: float = 0.0,
) -> dict[str, Array]:  # fmt: skip
    """Compute every gradient there is: those of `L_model_backward`, and dAL, dZ1, ..., dZL, which carry no 1/m.

    Parameters and errors are those of `L_model_backward`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_dnn.dnn.manual import initialize_parameters_deep
    >>> Y, parameters = np.array([[1, 0]]), initialize_parameters_deep([2, 3, 1])
    >>> AL, caches = L_model_forward(np.array([[1.0, -1.0], [0.5, 2.0]]), parameters)
    >>> np.allclose(L_model_backward_in_full(AL, Y, caches)["dZ2"], AL - Y)
    True
    """
    activations = check_backward("L_model_backward_in_full", AL, Y, caches, activations, masks)
    grads = L_model_backward(AL, Y, caches, activations, masks=masks, lambd=lambd)
    grads[f"dA{len(caches)}"] = cost_after(activations[-1]).backward(AL, Y)
    for layer, (activation, (_, Z)) in enumerate(zip(activations, caches, strict=True), start=1):
        grads[f"dZ{layer}"] = activation_named("L_model_backward_in_full", activation).backward(grads[f"dA{layer}"], Z)
    return grads


def early_dA_names(grads: Mapping[str, Array]) -> dict[str, Array]:
    """Rename dA as the first releases of the course do: dA0, ..., dA(L-1) are filed under dA1, ..., dAL.

    Examples
    --------
    >>> sorted(early_dA_names({"dA0": 0, "dW1": 1, "db1": 2}))
    ['dA1', 'dW1', 'db1']
    """
    return {f"dA{int(name[2:]) + 1}" if name.startswith("dA") else name: gradient for name, gradient in grads.items()}


def masked(A: Array, masks: Masks | None, layer: int) -> Array:
    """Return A times the mask of the hidden layer of that number; the same line serves dA on the way back."""
    mask = masks[layer - 1] if masks is not None and layer > 0 else None
    return A if mask is None else A * mask.astype(A.dtype, copy=False)


def check_backward(
    function: str, AL: Array, Y: Array, caches: Sequence[Cache], activations: Sequence[str] | None, masks: Masks | None
) -> Sequence[str]:
    """Return the activations, or raise unless AL, Y, the caches and the masks go together."""
    if not caches:
        raise ValueError(f"{function}: caches is empty. Pass the list that L_model_forward returned.")
    check_labels(function, "AL", AL, Y)
    _, ZL = caches[-1]
    if AL.shape != ZL.shape:
        raise misfit(function, "AL", AL, "ZL", ZL, ZL.shape)
    check_masks(function, masks, [Z.shape for _, Z in caches[:-1]])
    return activations_of(function, len(caches), activations)
