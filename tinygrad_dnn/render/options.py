"""The options that `draw` and `explore` share: their values, their checks and their description."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import ArrayLike

from ..core.tensor import Tensor
from ..derive.recognise import recognised
from ..inplace.replay import replayed
from ..support.allowed import one_of, optional, whole
from .collapse import LIMIT
from .markup import THEMES
from .model import CONSTANTS
from .overlay import Overlay

Function = TypeVar("Function", bound=Callable[..., Any])
CHOICES = {"draw": (*THEMES,), "explore": ("auto", *THEMES)}  # the themes of each function; "auto" is the reader's own
DESCRIPTION = Path(__file__).with_suffix(".txt").read_text("utf-8").rstrip("\n")


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
        for kind in {type(x).__name__ for x in self._given if not isinstance(x, Tensor)}:
            raise TypeError(f"{self.caller}: got a {kind}; give the Tensor that was computed, or a list of Tensors")
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
