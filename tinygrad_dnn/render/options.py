"""The options that `draw` and `explore` share: their values, their checks and their description."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from numpy.typing import ArrayLike

from ..core.tensor import Tensor
from ..derive.recognise import recognised
from ..inplace.replay import replayed
from ..support.allowed import one_of, optional, whole
from .collapse import LIMIT
from .colours import THEMES
from .model import CONSTANTS
from .overlay import Overlay

Function = TypeVar("Function", bound=Callable[..., Any])

CHOICES = {"draw": (*THEMES,), "explore": ("auto", *THEMES)}
"""The themes of each function; "auto" is the reader's own."""

DESCRIPTION = """\
    depth : int, optional
        The number of levels of `scope` that are open (on a page: at first); 0 draws each outermost scope as a box. By
        default as many as leave at most `limit` nodes.
    roll : bool, optional
        Draw equal neighbours (layers, rounds of a loop) once, as ×N. By default where the picture would be too large.
    cotangent : array_like, shape of y, optional
        The start of the backward pass; 1 for a scalar.
    constants : {"named", "all", "none"}
        The constants that have nodes; the others only appear in expressions.
    checks, against : dict of arrays, Tensor, or comparison, optional
        A computation to compare with: gradients by another way (``{"dW1": ...}``), another run of the same program (its
        result), or what the functions of `tinygrad_dnn.referee` return. Each quantity is marked ✓ or ✗, with the
        entry where the two differ most.
    title : str, optional
        Stands below a picture, or at the top of a page.
    limit : int
        The most nodes of a picture in which nothing is collapsed.
    timeout : float
        Seconds that the layout of a picture may take; after that, collapsed layers are drawn.
    simplify : bool
        Show functions that NumPy writes out under their names: sigmoid(Z) for 1 / (1 + exp(-Z))."""


@dataclass(frozen=True)
class Options:
    """The arguments of one call of `draw` or `explore`, which is the caller, as in `DESCRIPTION`.

    Examples
    --------
    >>> Options("draw", Tensor(1.0), constants="some")
    Traceback (most recent call last):
        ...
    ValueError: draw: constants is 'some'; allowed: all or named or none
    """

    caller: str
    y: Tensor | Sequence[Tensor]
    depth: int | None = None
    roll: bool | None = None
    cotangent: ArrayLike | None = None
    constants: str = "named"
    checks: Overlay | None = None
    against: Overlay | None = None
    theme: str = "light"
    title: str | None = None
    limit: int = LIMIT
    timeout: float = 20.0
    simplify: bool = False

    def __post_init__(self) -> None:
        if not self._given:
            raise ValueError(f"{self.caller}: got an empty list; give the Tensor that was computed")
        for x in self._given:
            if not isinstance(x, Tensor):
                given = f"{self.caller}: got a {type(x).__name__}"
                raise TypeError(f"{given}; give the Tensor that was computed, or a list of Tensors")
        one_of(*CHOICES[self.caller]).read(self.caller, "theme", self.theme)
        optional(whole(at_least=0)).read(self.caller, "depth", self.depth)
        one_of(*CONSTANTS).read(self.caller, "constants", self.constants)

    @property
    def _given(self) -> list[Tensor]:
        y: Any = self.y
        return list(y) if isinstance(y, (list, tuple)) else [y]

    @cached_property
    def outputs(self) -> list[Tensor]:
        """The Tensors to show, the one that gradients are of first."""
        given = replayed(self._given)
        return [*map(recognised(*given), given)] if self.simplify else given


def documented(function: Function) -> Function:
    """Put the description of the shared options in the place of ``{options}`` in a docstring."""
    if function.__doc__:
        function.__doc__ = function.__doc__.replace("    {options}", DESCRIPTION)
    return function
