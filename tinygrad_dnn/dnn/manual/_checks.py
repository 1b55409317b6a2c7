"""Do the dimensions fit? The course's advice, as errors that say what does not fit what, and the remedy."""

import json
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Shape: TypeAlias = tuple[int, ...]
Parameters: TypeAlias = Mapping[str, Array]  # W1, b1, ..., WL, bL
LinearCache: TypeAlias = tuple[Array, Array, Array]  # (A_prev, W, b)
Cache: TypeAlias = tuple[LinearCache, Array]  # ((A_prev, W, b), Z)
_MEANING: dict[str, str] = json.loads(Path(__file__).with_name("shapes.json").read_text("utf-8"))  # by letters


def misfit(function: str, name: str, array: Array, other: str, other_array: Array, legal: Shape) -> ValueError:
    """Return the error for ``array``, which must have the shape ``legal`` to fit ``other_array``."""
    shape = np.shape(array)
    meaning = _MEANING.get(name.rstrip("0123456789"), f"the shapes of {name} and {other} go together")
    wrong = f"{function}: {name} {shape} does not fit {other} {np.shape(other_array)}"
    return ValueError(f"{wrong}: {name} must be {legal} ({meaning}). {_remedy(name, shape, legal)}")


def _remedy(name: str, shape: Shape, legal: Shape) -> str:
    if len(shape) == 2 and shape == legal[::-1]:
        return f"{name}.T has that shape."
    if len(shape) != 2 and prod(shape) == prod(legal):
        return f"np.reshape({name}, {legal}) has that shape."
    return f"Print the shapes on the way to {name}: the first that surprises is the mistake."


def check_matrix(function: str, name: str, array: Array) -> None:
    """Raise unless ``array`` has two dimensions."""
    if getattr(array, "ndim", None) == 2:
        return
    if not hasattr(array, "ndim"):
        remedy = "np.array makes one of nested lists."
        raise ValueError(f"{function}: {name} is a {type(array).__name__}, and must be a matrix. {remedy}")
    remedy = f"np.reshape({name}, (1, -1)) makes it a row, np.reshape({name}, (-1, 1)) a column."
    raise ValueError(f"{function}: {name} has shape {array.shape}, and must be a matrix (two dimensions). {remedy}")


def check_same_shape(function: str, name: str, array: Array, other: str, other_array: Array) -> None:
    """Raise unless both arrays have the same shape: nothing is broadcast behind the reader's back."""
    legal = np.shape(other_array)
    if np.shape(array) != legal:
        raise misfit(function, name, array, other, other_array, legal)


def check_examples(function: str, name: str, array: Array) -> None:
    """Raise if there are no examples: the mean over them is undefined."""
    if array.shape[1] == 0:
        remedy = "and the mean over m examples divides by m. Pass at least one column."
        raise ValueError(f"{function}: {name} {array.shape} holds no examples (m = 0), {remedy}")


def check_linear(function: str, before_name: str, before: Array, W: Array, b: Array, layer: str = "") -> None:
    """Raise unless W has a column for each row of ``before`` (A[l-1] or W[l-1]), and b is a column with W's rows."""
    check_matrix(function, before_name, before)
    check_matrix(function, f"W{layer}", W)
    if W.shape[1] != before.shape[0]:
        n_prev, m = before.shape
        if W.shape[1] == m and not before_name.startswith("W"):  # it need only be transposed
            raise misfit(function, before_name, before, f"W{layer}", W, (m, n_prev))
        n = b.shape[0] if getattr(b, "ndim", None) == 2 else W.shape[0]
        raise misfit(function, f"W{layer}", W, before_name, before, (n, n_prev))
    if getattr(b, "shape", None) != (W.shape[0], 1):
        raise misfit(function, f"b{layer}", b, f"W{layer}", W, (W.shape[0], 1))


def check_network(function: str, X: Array, parameters: Parameters) -> int:
    """Return L, or raise naming the first of W1, b1, ..., WL, bL that does not fit what comes before it."""
    L = layers_of(function, parameters)
    before_name, before = "X", X
    for layer in range(1, L + 1):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        check_linear(function, before_name, before, W, b, str(layer))
        before_name, before = f"W{layer}", W
    return L


def layers_of(function: str, parameters: Parameters) -> int:
    """Return L, the number of layers, or raise unless the keys are W1, b1, ..., WL, bL."""
    L = len(parameters) // 2
    if L == 0 or parameters.keys() != {f"{name}{layer}" for layer in range(1, L + 1) for name in "Wb"}:
        wrong = f"{function}: parameters has the keys {sorted(parameters)}"
        remedy = "L >= 1 layers and no others. initialize_parameters_deep makes such a dictionary."
        raise ValueError(f"{wrong}, and must have W1, b1, ..., WL, bL for {remedy}")
    return L


def check_labels(function: str, name: str, predicted: Array, Y: Array) -> None:
    """Raise unless ``predicted`` (AL or ZL) and Y are matrices of one shape with at least one example."""
    check_matrix(function, name, predicted)
    check_examples(function, name, predicted)
    if getattr(Y, "shape", None) == predicted.shape:
        return
    classes, m = predicted.shape
    if classes > 1 and np.size(Y) == m:
        raise ValueError(
            f"{function}: Y {np.shape(Y)} does not fit {name} {predicted.shape}: with {classes} classes Y must be "
            f"{predicted.shape}, a column for each example with a 1 in the row of its class. "
            f"np.eye({classes})[:, np.ravel(Y)] makes that of class numbers."
        )
    raise misfit(function, "Y", Y, name, predicted, predicted.shape)


def check_finite(function: str, arrays: Mapping[str, Array], more: str = "") -> None:
    """Raise if an entry of an array is NaN or infinite; `more` is said at the end."""
    for name, array in arrays.items():
        if not np.all(np.isfinite(array)):
            entry, value = first_wrong(name, array, ~np.isfinite(array))
            why = "the data or the parameters (np.isfinite finds it), or a learning rate too large let them overflow"
            raise ValueError(f"{function}: {entry} is {value}. It came in with {why}{more}.")


def first_wrong(name: str, array: Array, wrong: Array) -> tuple[str, np.generic]:
    """Return the first wrong entry as ``name[i, j]``, and its value."""
    index = tuple(map(int, np.argwhere(wrong)[0]))
    return f"{name}{list(index)}", array[index]


def check_probabilities(function: str, AL: Array, legal: Array, remedy: str) -> None:
    """Raise naming the first entry of AL that is not `legal` in a formula; `remedy` is for one of 0 or 1."""
    if np.all(legal):
        return
    entry, value = first_wrong("AL", AL, ~legal)
    if 0 <= float(value) <= 1:
        raise ValueError(
            f"{function}: {entry} is exactly {value}, where the formula takes log 0 or divides by 0: the last "
            f"activation has saturated ({AL.dtype} holds no number between this one and the true probability). "
            f"{remedy} Scaled data, smaller first weights or a smaller learning rate keep AL away from 0 and 1."
        )
    wrong = f"{function}: {entry} is {value}, which is not a probability: the logarithms need 0 < AL < 1"
    remedy = "AL is what a last layer with sigmoid or softmax returns; it comes before Y in the arguments."
    raise ValueError(f"{wrong}. {remedy}")


def check_masks(function: str, masks: Sequence[Array | None] | None, hidden: Sequence[Shape]) -> None:
    """Raise unless there is a mask, or None, for each hidden layer; ``hidden`` are the shapes of their A[l]."""
    if masks is None:
        return
    if len(masks) != len(hidden):
        remedy = "Pass one for each of them, None where nothing is dropped."
        raise ValueError(f"{function}: masks holds {len(masks)} masks for {len(hidden)} hidden layers. {remedy}")
    for layer, (mask, shape) in enumerate(zip(masks, hidden, strict=True), start=1):
        if mask is not None and mask.shape != shape:
            why = f"does not fit A{layer} {shape}: {_MEANING['D']}. {_remedy(f'D{layer}', mask.shape, shape)}"
            raise ValueError(f"{function}: D{layer} {mask.shape}, the mask of layer {layer}, {why}")
