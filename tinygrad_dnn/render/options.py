"""The options that `draw` and `explore` share: their values, their checks and their description."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import ArrayLike

from ..core.tensor import Tensor
from ..derive.convention import CONVENTIONS, summed
from ..derive.recognise import recognised
from ..inplace.replay import replayed
from ..support.allowed import one_of, optional, whole
from ..support.words import checked_language, said
from .collapse import LIMIT
from .markup import THEMES
from .model import CONSTANTS
from .overlay import Overlay

Function = TypeVar("Function", bound=Callable[..., Any])
CHOICES = {"draw": (*THEMES,), "explore": ("auto", *THEMES)}  # the themes of each function; "auto" is the reader's own
DESCRIPTION = Path(__file__).with_suffix(".txt").read_text("utf-8").rstrip("\n")


@dataclass
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
    language: str = "en"
    convention: str | None = None
    examples: int = field(default=1, init=False)  # m, in the course's form

    def __post_init__(self) -> None:
        if not self.given:
            raise ValueError(f"{self.caller}: got an empty list; give the Tensor that was computed")
        for kind in {type(x).__name__ for x in self.given if not isinstance(x, Tensor)}:
            raise TypeError(f"{self.caller}: got a {kind}; give the Tensor that was computed, or a list of Tensors")
        one_of(*CHOICES[self.caller]).read(self.caller, "theme", self.theme)
        optional(whole(at_least=0)).read(self.caller, "depth", self.depth)
        one_of(*CONSTANTS).read(self.caller, "constants", self.constants)
        one_of(*CONVENTIONS).read(self.caller, "convention", self.convention)
        checked_language(self.caller, self.language)

    @property
    def given(self) -> list[Tensor]:
        """The Tensors as they were given."""
        y: Any = self.y
        return list(y) if isinstance(y, (list, tuple)) else [y]

    @cached_property
    def outputs(self) -> list[Tensor]:
        """The Tensors to show, the one that gradients are of first."""
        given = replayed(self.given)
        found = [*map(recognised(*given), given)] if self.simplify else given
        if self.convention == "course":
            found[0], self.examples = summed(found[0], self.caller)
        return found

    @property
    def note(self) -> str:
        """The words on the form that is shown, where the caller has asked for one."""
        course = f" (m = {self.examples})" if self.convention == "course" else ""
        return said(self.convention, self.language) + course if self.convention else ""


def documented(function: Function) -> Function:
    """Put the description of the shared options in the place of ``{options}`` in a docstring."""
    if function.__doc__:
        function.__doc__ = function.__doc__.replace("    {options}", DESCRIPTION)
    return function
