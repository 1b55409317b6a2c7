"""What HIPS autograd differentiates is differentiated here; functions, methods, and those it passes through."""

import autograd.numpy.numpy_wrapper as wrapper
import numpy as np
from autograd.core import primitive_vjps
from autograd.numpy.numpy_boxes import ArrayBox
from autograd.numpy.numpy_vjps import nograd_functions

from tinygrad_dnn import Tensor
from tinygrad_dnn.core.protocol import implementations

from .catalogue import name_of

LEFT_OUT = {
    "np.linalg.eig": "the eigenvalues of a matrix that is not symmetric are complex",
    "np.isscalar": "NumPy answers it itself: a Tensor is no scalar",
    "np.row_stack": "NumPy's deprecated name of np.vstack",
}
"""What is not here although HIPS autograd has it, and why."""


def unwrapped(functions):
    """The functions of NumPy, real ones, among those that HIPS autograd wraps, by name."""
    found = {name_of(f): f for f in (getattr(f, "fun", f) for f in functions)}
    return {name: f for name, f in found.items() if public(name) is f and not name.startswith("np.fft.")}


def public(name):
    """The function that a name such as np.linalg.inv stands for, if there is one."""
    root, *path = name.split(".")
    place = np if root == "np" else None
    for part in path:
        place = getattr(place, part, None)
    return place


DIFFERENTIATED = unwrapped(primitive_vjps)
CONSTANT = unwrapped(nograd_functions)
COMPOSED = {
    f"np.{name}"
    for name, f in vars(wrapper).items()
    if not isinstance(f, type) and getattr(f, "__module__", None) == wrapper.__name__
}
METHODS_LEFT_OUT = {"ptp"}  # a remnant in NumPy up to 2.2, which says that the function np.ptp does it
METHODS = [name for name in vars(ArrayBox) if not name.startswith("__") and hasattr(np.ndarray, name)]


def test_the_lists_are_what_they_are_believed_to_be():
    assert len(DIFFERENTIATED) >= 115
    assert {"np.sin", "np.einsum", "np.linalg.svd", "np.sort", "np.where"} <= DIFFERENTIATED.keys()
    assert {"np.argmax", "np.floor", "np.isnan"} <= CONSTANT.keys()
    assert {"np.stack", "np.append", "np.hstack"} <= COMPOSED
    assert {"T", "sum", "reshape", "astype"} <= set(METHODS)


def test_every_function_has_a_rule():
    names = (DIFFERENTIATED.keys() | CONSTANT.keys()) - LEFT_OUT.keys()
    assert [name for name in sorted(names) if public(name) not in implementations] == []


def test_every_function_that_is_composed_of_others_is_here_too():
    names = {name for name in COMPOSED - LEFT_OUT.keys() if public(name)}
    assert [name for name in sorted(names) if public(name) not in implementations] == []


def test_every_method_and_attribute_is_here_too():
    assert [name for name in METHODS if name not in METHODS_LEFT_OUT and not hasattr(Tensor, name)] == []


def test_what_is_left_out_is_really_not_here():
    assert not any(public(name) in implementations for name in LEFT_OUT)
    assert not any(hasattr(Tensor, name) for name in METHODS_LEFT_OUT)
