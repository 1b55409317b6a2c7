"""Hyperparameters: checked, and converted to plain values for a file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, get_type_hints

from ..support.allowed import number, numbers, one_of, optional, whole, wholes
from . import manual, network
from .manual.activations import activation_named, activations_of
from .optimisers import OPTIMISERS, GradientDescent

GRADIENTS = {
    "autodiff": network.cost_and_gradients, "manual": manual.cost_and_gradients, "jit": network.compiled(),
    "jit-numba": network.compiled("numba"),
}  # fmt: skip
"""The ways to the gradients: by autodiff, derived by hand, and by autodiff as programs."""
LAYERS = wholes("two or more positive whole numbers, inputs first, as (12288, 20, 7, 5, 1)", fewest=2)
KEEP_PROB = numbers("a number above 0 and at most 1, or one for each hidden layer", lambda p: 0 < p <= 1)
POSITIVE = number("a number above 0", lambda x: x > 0)
AT_LEAST_0 = number("a number, 0 or above", lambda x: x >= 0)
BELOW_1 = number("a number from 0 to below 1", lambda x: 0 <= x < 1)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The hyperparameters of a network and of its training. The defaults are those of the course's image network.

    ValueError is raised for a value that is not allowed; the message says what is.

    Attributes
    ----------
    layers : sequence of int
        n[0], n[1], ..., n[L]: inputs, then the units of each layer.
    activations : sequence of str, optional
        One for each layer; by default relu, and at the end sigmoid for one unit, softmax for several.
    scaling : {"fan_in", "small"}
        Of the first weights, see `manual.initialize_parameters_deep`.
    optimiser : {"gradient-descent", "momentum", "adam"}
    learning_rate, decay : float
        alpha, by default the optimiser's, 0.0075, for Adam 0.001; it is divided by 1 + decay * epoch, the first is 0.
    beta1, beta2, epsilon : float
        Of the running averages: `beta1` is the momentum, the others are Adam's.
    epochs, batch_size : int
        How many epochs there are, and examples in a mini-batch; by default all are in one.
    lambd : float
        The weight of the L2 penalty, lambd / (2m) times the sum of all squared weights, m of the whole training set.
    keep_prob : float or sequence of float
        Dropout: the probability with which a hidden unit is kept, for all hidden layers or for each.
    patience : int, optional
        Stop after so many epochs in which the cost on the validation part has not fallen, and keep the best parameters.
    evaluate_every : int
        After every so many epochs the history notes accuracy, and cost and accuracy on the validation part; 0 never.
    gradients : {"autodiff", "manual", "jit", "jit-numba"}
        The last two run as programs; "jit-numba" needs the extra ``jit``.
    seed : int
        Decides the first weights, the mini-batches and what is dropped.
    dtype : {"float64", "float32"}

    Examples
    --------
    >>> settings = Settings(layers=(2, 4, 3), optimiser="adam")
    >>> settings.activations, settings.learning_rate
    (('relu', 'softmax'), 0.001)
    >>> Settings(layers=(2, 4, 3), keep_prob=0)
    Traceback (most recent call last):
        ...
    ValueError: Settings: keep_prob is 0; allowed: a number above 0 and at most 1, or one for each hidden layer
    """

    layers: Annotated[Sequence[int], LAYERS]
    activations: Sequence[str] | None = None
    scaling: Annotated[str, one_of("fan_in", "small")] = "fan_in"
    optimiser: Annotated[str, one_of(*OPTIMISERS)] = "gradient-descent"
    learning_rate: Annotated[float | None, optional(POSITIVE)] = None
    decay: Annotated[float, AT_LEAST_0] = 0.0
    beta1: Annotated[float, BELOW_1] = 0.9
    beta2: Annotated[float, BELOW_1] = 0.999
    epsilon: Annotated[float, POSITIVE] = 1e-8
    epochs: Annotated[int, whole(at_least=1)] = 2500
    batch_size: Annotated[int | None, optional(whole(at_least=1))] = None
    lambd: Annotated[float, AT_LEAST_0] = 0.0
    keep_prob: Annotated[float | Sequence[float], KEEP_PROB] = 1.0
    patience: Annotated[int | None, optional(whole(at_least=1))] = None
    evaluate_every: Annotated[int, whole(at_least=0)] = 10
    gradients: Annotated[str, one_of(*GRADIENTS)] = "autodiff"
    seed: Annotated[int, whole(at_least=0)] = 1
    dtype: Annotated[str, one_of("float64", "float32")] = "float64"

    def __post_init__(self) -> None:
        for name, kind in get_type_hints(type(self), include_extras=True).items():
            for allowed in getattr(kind, "__metadata__", ()):
                vars(self)[name] = allowed.read("Settings", name, getattr(self, name))
        if self.learning_rate is None:
            vars(self)["learning_rate"] = OPTIMISERS[self.optimiser].learning_rate
        L, last = len(self.layers) - 1, "sigmoid" if self.layers[-1] == 1 else "softmax"
        given = ["relu"] * (L - 1) + [last] if self.activations is None else self.activations
        names = tuple(activations_of("Settings", L, given))
        for name in names:
            activation_named("Settings", name)
        if names[-1] not in ("sigmoid", "softmax"):
            legal = "allowed: sigmoid or softmax, whose outputs are the probabilities that the cost is made of"
            raise ValueError(f"Settings: the last activation is {names[-1]!r}; {legal}")
        if names[-1] == "softmax" and self.layers[-1] == 1:
            legal = "allowed: sigmoid, or two units or more"
            raise ValueError(f"Settings: softmax over one unit is 1 for any input; {legal}")
        vars(self)["activations"] = names
        if isinstance(self.keep_prob, tuple) and len(self.keep_prob) != len(self.layers) - 2:
            KEEP_PROB.refuse("Settings", "keep_prob", self.keep_prob)

    @property
    def last(self) -> str:
        """The activation of the last layer, which decides on the cost."""
        assert self.activations is not None
        return self.activations[-1]

    @property
    def rule(self) -> GradientDescent:
        """The optimiser, with its constants."""
        known = {"beta": self.beta1, "beta1": self.beta1, "beta2": self.beta2, "epsilon": self.epsilon}
        kind = OPTIMISERS[self.optimiser]
        return kind(**{name: known[name] for name in kind.constants})

    def alpha(self, epoch: int) -> float:
        """Return the learning rate of an epoch; the first is 0."""
        assert self.learning_rate is not None
        return self.learning_rate / (1 + self.decay * epoch)

    def to_json(self) -> dict[str, Any]:
        """Return a dict of plain values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Settings":
        """Make settings of what `to_json` returned, or raise ValueError for a name or a value that is not allowed."""
        names = {field.name for field in fields(cls)}
        if values.keys() != names:
            raise ValueError(f"Settings: the names are {sorted(values)}; allowed: {sorted(names)}")
        return cls(**values)
