"""Who takes part: one module a contender, each with the same functions in its own library's words.

``prepare(parameters, X, Y)``
    The same arrays as that library holds them during training, and what else a step is to find ready.
``step(*prepared)``
    The cost and all gradients: clears the old ones, builds the cost, walks back. The gradients are ``{"dW1": ...,
    "db1": ...}``, or in the structure of the parameters, ``{"W1": ..., "b1": ...}``.
``derivative(f, x)``
    f'(x) of a function of one number that is written with operators. (Only those have it that take part in `scalars`.)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Contender(NamedTuple):
    """What is known of a contender before its module is imported.

    Attributes
    ----------
    label : str
        Its name in tables.
    distribution : str, optional
        What is to be installed for it, whose version is stated.
    complete : bool
        False for one that leaves out parts of the step on purpose, so that it has no gradients to be checked.
    """

    label: str
    distribution: str | None = None
    complete: bool = True


CONTROL, OURS = "manual", "tinygrad"
CONTENDERS = {
    "manual": Contender("manual"),
    "tinygrad": Contender("tinygrad_dnn"),
    "autograd": Contender("autograd", "autograd"),
    "mygrad": Contender("MyGrad", "mygrad"),
    "torch": Contender("PyTorch", "torch"),
    "torch_compile": Contender("torch.compile", "torch"),
    "jax": Contender("JAX jit", "jax"),
    "limit_numpy": Contender("limit-numpy"),
    "limit_gemm": Contender("limit-gemm", complete=False),
    "jit_numpy": Contender("jit, numpy"),
    "jit_numba": Contender("jit, numba", "numba"),
}
EAGER_PEERS, COMPILED_PEERS = ("autograd", "mygrad", "torch"), ("torch", "torch_compile", "jax")
PEERS = tuple(dict.fromkeys(EAGER_PEERS + COMPILED_PEERS))


class MissingPeerError(ImportError):
    """A contender that is to be measured is not installed."""


class UnavailableError(RuntimeError):
    """A contender that is installed, but cannot run on this machine; the message says why."""


def label(name: str) -> str:
    """Return a contender's name in tables."""
    return CONTENDERS[name].label


def load(name: str) -> Any:
    """Import one contender.

    Raises
    ------
    MissingPeerError
        If its library is not installed.

    Examples
    --------
    >>> load("manual").step.__module__
    'benchmarks.contenders.manual'
    """
    if name not in CONTENDERS:
        raise ValueError(f"there is no contender {name!r}; there are {', '.join(CONTENDERS)}")
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        raise MissingPeerError(
            f"the benchmark compares with {label(name)}, but the module {error.name!r} is not installed; "
            'install it with pip install "tinygrad-dnn[bench]", or leave it out (--peers, --suites)'
        ) from error
