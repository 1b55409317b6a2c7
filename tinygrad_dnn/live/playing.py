"""`play`: a network of the reader's as a page on which it computes and learns."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..core import Tensor, flatten, real_array
from ..derive.convention import examples
from ..render.page.html import START, HtmlPage, document, joined, part
from ..support.allowed import one_of
from ..support.text import identifier, json_beside, shortened, text_beside
from ..support.words import LANGUAGES, checked_language, said
from ..transforms import value_and_grad
from .programs import BATCH, Array, Subject

GRID = 48  # points of the plane along a side of the picture of predictions


@dataclass(eq=False)
class Play(HtmlPage):
    """A page on which a network computes and learns. In a notebook it shows itself.

    Attributes
    ----------
    data : dict
        The page's data, fit for JSON: arrays by name, doubles in base64, and the cost and gradients by NumPy.
    programs : dict of str
        The functions of the page in JavaScript, by name.
    """

    data: dict[str, Any]
    programs: dict[str, str]
    theme: str = "auto"
    caller: ClassVar[str] = "play"
    height: ClassVar[int] = 900

    @cached_property
    def html(self) -> str:
        """The page: one HTML file that makes no request."""
        absent = {"one", "small", "held", "grid"} - {*self.programs}
        constants = "".join(f"const {name} = undefined;\n" for name in sorted(absent))
        words = f"const TEXTS = {json.dumps(json_beside(__file__, 'texts.json'), ensure_ascii=False)};\n"
        own = map(_text, ("engine.js", "charts.js", "tables.js", "page.js"))
        module = joined([words, *map(part, ("texts", "format", "dom", "random")), *own])
        script = "".join([_text("product.js"), constants, *self.programs.values(), module, START])
        return document(self.data, self.theme, _text("page.css"), script, "This page needs JavaScript.")

    def __repr__(self) -> str:
        arrays = ", ".join(f"{x['name']} {tuple(x['shape'])}" for x in self.data["parameters"])
        return f"<page on which {self.data['title']} learns: {arrays}; J = {self.data['check']['J']:.6g}>"


def play(
    cost: Callable[..., Any], parameters: object, *data: ArrayLike, predict: Callable[..., Any] | None = None,
    test: Sequence[ArrayLike] | None = None, names: Sequence[str] | None = None, learning_rate: float = 0.1,
    title: str | None = None, theme: str = "auto", language: str = "en",
) -> Play:  # fmt: skip
    """Make a page on which a network of yours computes and learns, in one file that needs no network connection.

    The gradients are this engine's; the program that `jit` makes of them is printed as JavaScript. On the page every
    entry of a parameter or of an example can be changed, alone or by a small eps beside its gradient; the network
    learns step by step, with a choice of optimisers, and shows its cost, values, gradients, each example's share, and
    for two features the plane of predictions. It says how far from NumPy's, in double precision, its numbers are.

    Parameters
    ----------
    cost : callable
        ``cost(parameters, *data)``, written in NumPy, returns a scalar. Results that it assigns to variables are shown
        under their names.
    parameters : dict, list or tuple of array_like, maybe nested
        What learns; the page starts from these values.
    *data : array_like
        What `cost` is given besides, such as X of shape (n, m) and Y of shape (1, m).
    predict : callable, optional
        ``predict(parameters, X)``, where the first of the data has two features: its values for points of the plane, of
        shape (m,), (1, m) or (classes, m), are drawn.
    test : sequence of array_like, optional
        Like `data`, held out: the page shows the cost of these, too.
    names : sequence of str, optional
        Of the data; by default X, Y, and so on.
    learning_rate, title, language : float, str, {"en", "zh"}
        Those to begin with; the title is by default the name of `cost`.
    theme : {"auto", "light", "dark"}
        "auto" follows the reader's system.

    Returns
    -------
    Play
        A notebook shows it; ``.save(path)`` writes it to an HTML file.

    Raises
    ------
    NoRuleError, TracingError
        If `cost` decides by values, draws random numbers or cannot be computed on a page (`explore` shows it then).
    ShapeError, ValueError
        If `cost` returns no scalar, does not depend on the parameters, or a value is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_dnn import play
    >>> def cost(parameters, X, Y):
    ...     A = 1 / (1 + np.exp(-(parameters["w"] @ X + parameters["b"])))
    ...     return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    >>> X, Y = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 1.0]])
    >>> play(cost, {"w": np.zeros((1, 2)), "b": np.zeros((1, 1))}, X, Y)
    <page on which cost learns: w (1, 2), b (1, 1); J = 0.693147>
    """
    checked_language("play", language)
    one_of("auto", "light", "dark").read("play", "theme", theme)
    count = len(data)
    called = list(names) if names is not None else ["X", "Y"][:count] + [f"data{i}" for i in range(3, count + 1)]
    if len(called) != count or len(set(called)) != count:
        raise ValueError(f"play: names are {', '.join(called)}; give {count} different ones, one for each of the data")
    subject = Subject(cost, parameters, [_checked("the data", x) for x in data], [*map(identifier, called)])
    for own, x in subject.leaves.items():
        _checked(f"the parameter {own}", x)
    J, found = value_and_grad(cost)(parameters, *subject.data)
    mean = examples(subject.recorded([*map(Tensor, subject.given.values())])[0], [x.shape for x in subject.data])
    made = {"step": subject.printed("step", subject.step), "look": subject.printed("look", subject.look)}
    page: dict[str, Any] = {"examples": mean and mean.m, "m": subject.m, "axis": subject.axis, "alpha": learning_rate}
    if mean:
        page["forms"] = {language: said("course", language) for language in LANGUAGES}
    if subject.is_mean():
        one = subject.part([0])
        made["one"] = one.printed("one", one.step)
    if subject.m >= 2 * BATCH:
        small, page["batch"] = subject.part(range(BATCH)), BATCH
        made["small"] = small.printed("small", small.step)
    if test is not None:
        held = Subject(cost, parameters, [_checked("test", x) for x in test], subject.names)
        made["held"] = held.printed("held", lambda leaves: [("J", held.recorded(leaves)[0])])
        page["test"] = _arrays(dict(zip(held.names, held.data)))
    if predict is not None:
        points, bounds = _plane(subject)
        grid = Subject(predict, parameters, [points], ["points"])
        made["grid"] = grid.printed("grid", grid.predicted)
        page |= {"bounds": bounds, "side": GRID}
    page |= {"title": shortened(str(title or getattr(cost, "__name__", "cost")), 200), "language": language}
    page |= {"parameters": _arrays(subject.leaves), "data": _arrays(dict(zip(subject.names, subject.data)))}
    about = {key: [{"name": shortened(n), "shape": [*s]} for n, s in zip(p.names, p.shapes)] for key, p in made.items()}
    page |= {"check": {"J": float(J), "gradients": [_plain(x) for x in flatten(found)]}, "returns": about}
    return Play(page, {key: program.source for key, program in made.items()}, theme)


def _plane(subject: Subject) -> tuple[Array, list[float]]:
    """Return the points of a grid around the examples, row by row from above, and its bounds."""
    X = subject.data[0] if subject.data else np.zeros(())
    across = X if subject.axis == -1 else X.T
    if subject.axis is None or X.ndim != 2 or len(across) != 2:
        raise ValueError(f"play: predict draws a plane, and the first of the data has shape {X.shape}; give X of shape "
                         "(2, m) or (m, 2), or leave predict out")  # fmt: skip
    low, high = across.min(axis=1), across.max(axis=1)
    margin = 0.1 * (high - low) + 1e-9
    (left, bottom), (right, top) = low - margin, high + margin
    points = np.stack(np.meshgrid(np.linspace(left, right, GRID), np.linspace(top, bottom, GRID))).reshape(2, -1)
    return (points if subject.axis == -1 else np.ascontiguousarray(points.T)), [left, right, bottom, top]


def _checked(what: str, x: object) -> Array:
    array = np.asarray(real_array(x), float)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"play: {what} have entries that are not finite; a page learns from finite numbers")
    return array


def _arrays(arrays: dict[str, Array]) -> list[dict[str, Any]]:
    return [{"name": name, "shape": list(x.shape), "values": _plain(x)} for name, x in arrays.items()]


def _plain(x: object) -> str:
    """Return the bytes of doubles in base64, which is half as long as their digits."""
    return base64.b64encode(np.ascontiguousarray(x, "<f8").tobytes()).decode()


_text = partial(text_beside, __file__)
