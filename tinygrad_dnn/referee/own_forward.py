"""Backward functions of no exercise, as of a convolution or an LSTM: judged against the file's own forward functions.

Both run in the sandbox, the forward one is differenced; ``pairs.json`` has the shapes of inputs by their names.
"""

import contextlib
import inspect
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core import Tensor, flatten
from ..sandbox import Died, TooSlow
from ..sandbox.child.stand_ins import HELPER_FILES
from ..support.text import json_beside
from .comparison import Comparison
from .gradients.pairs import Pair, check_backward
from .judge import placed, right_at
from .load import place
from .recognise import open_places
from .session import Session, Submission
from .task import Sizes
from .verdict import FunctionVerdict
from .words import worded

_INPUTS: Any = json_beside(__file__, "pairs.json")
_MOST_PAIRS = 100


class _Raised(ValueError):
    """A function of the file, of this name, raised an error."""


def judge_pairs(
    session: Session, known: Iterable[str], seed: int, only: Sequence[str] = (), sizes: Sizes = "telling"
) -> tuple[list[FunctionVerdict], list[str]]:
    """Return verdicts on the backward functions of which the forward ones can be called, and notes."""
    verdicts, notes, others = list[FunctionVerdict](), list[str](), session.functions.keys() - {*known}
    pairs = ((name, name.replace("backward", "forward")) for name in only or session.functions)
    for name, forward in (pair for pair in pairs if pair[0] != pair[1] and {*pair} <= others):
        if time.monotonic() > session.deadline or len(verdicts) >= _MOST_PAIRS:
            notes.append(f"from {name} on no pairs of functions are judged: more than {_MOST_PAIRS}, or no time left")
            break
        verdict, raised, broken = right_at(session, name), None, ""
        if places := open_places(session, session.functions[name]):
            verdicts.append(verdict.judged("missing", f"{name} {places}."))
            continue
        for inputs in _drawn(session, forward, np.random.default_rng(seed), sizes):
            try:
                functions = _remote(session, forward), _remote(session, name)
                pair = Pair(*functions, inputs, seed)
                if not pair.agrees(seed):  # then each entry by itself, which takes a second
                    found = check_backward(*functions, inputs, seed=seed % 2**32)
                    verdict, note = _concluded(verdict, found, forward)
                    notes += note
                verdicts.append(placed(verdict, Submission(session)) if verdict.verdict == "wrong" else verdict)
                notes += pair.notes
            except _Raised as error:
                says, by = error.args
                if by == name:
                    raised = verdict.judged("crashed", worded("raises", name=name, error=says), "exception")
                elif "required positional" not in says:
                    broken = broken or says
                continue
            except Exception:  # it cannot be called with these inputs, or gives nothing that can be differenced
                continue
            if sizes != "varied" or "." in name or verdicts[-1].verdict != "right":
                break
        else:
            verdicts += [] if raised is None or (verdicts and verdicts[-1].name == name) else [raised]
            notes += [f"{name} is not judged: {forward} raises {broken}."] if broken and raised is None else []
    return verdicts, notes


def _drawn(session: Session, forward: str, rng: np.random.Generator, sizes: Sizes) -> Iterable[dict[str, Any]]:
    """Yield inputs for the names of the parameters, of which the last ones may have defaults."""
    layer, method, _ = forward.partition(".")
    for layout, shape in [(0, (5, 3)), (1, (3, 5)), (1, (3, 1))] * bool(method):
        with contextlib.suppress(TooSlow, Died, AttributeError):
            held = session.call(f"{layer}.parameters", [layout]).value
            drawn = {key: rng.normal(size=x.shape) for key, x in held.items()}
            yield {"x": rng.normal(size=shape), "parameters": drawn, "layout": layout}
    parameters = session.functions[forward]["parameters"]

    def made(shape: object) -> Any:
        if isinstance(shape, dict):
            return {key: made(x) for key, x in shape.items()}
        return rng.normal(size=shape) if isinstance(shape, list) else shape

    for shapes in sorted(_INPUTS, key=lambda shapes: (shapes.get("sizes") == "varied") != (sizes == "varied")):
        inputs = {name: made(shape) for name, shape in shapes.items() if name not in ("name", "sizes")}
        if list(inputs) == parameters[: len(inputs)] and shapes.get("name", "") in forward:
            yield inputs


def _remote(session: Session, name: str) -> Callable[..., Any]:
    """Return a function of the submission, to be called from here; its cache stays where it is."""
    about = session.functions[name]

    def called(*args: Any, **kwargs: Any) -> Any:
        given = [*args, *(kwargs[key] for key in about["parameters"] if key in kwargs)]
        if any(isinstance(x, Tensor) for x in flatten(given)):
            raise TypeError(f"{name} runs in the sandbox, on arrays alone")
        # A star may bring others, unless it is the course's.
        lent = ("sigmoid", "softmax") if session.imports.get("*", "dnn").startswith(HELPER_FILES) else ()
        returned = session.call(name, given, callees=lent)
        if returned.error is not None:
            where = f"{returned.error} ({place(returned.cell, returned.line)})" if returned.line else returned.error
            raise _Raised(returned.error if "backward" in name else where, name)
        value = returned.value
        if "backward" in name or not isinstance(value, tuple) or returned.ref is None:
            return value
        return (*value[:-1], returned.ref[len(value) - 1])

    called.__name__ = name
    vars(called)["returns"] = [value["text"] for value in about["returns"]]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    needed = [inspect.Parameter(key, kind) for key in about["parameters"][: about["required"]]]
    called.__signature__ = inspect.Signature(needed)  # type: ignore[attr-defined]
    return called


def _concluded(verdict: FunctionVerdict, found: Comparison, forward: str) -> tuple[FunctionVerdict, list[str]]:
    """Return the verdict on a backward function, and a note on its convention."""
    # Explained errors come first: the others may follow from them.
    wrong = sorted((row for row in found.rows if not row.ok), key=lambda row: row.cause in (None, "unknown"))
    if not wrong:
        return verdict, []
    if all(row.cause == "extra-1/m" for row in wrong):
        names = ", ".join(row.quantity for row in wrong)
        return verdict, [f"{verdict.name}: {names} carry 1/m, as of a cost that is a mean"]
    short = {row.quantity: re.sub(r"^d\w+\['(\w+)'\]$", r"d\1", row.quantity) for row in wrong}
    says = [f"{short[row.quantity]}: {row.message or f'It differs from what {forward} gives.'}" for row in wrong]
    if (at := wrong[0].compared) and at.values:
        says.append(f"At {list(at.index or ())} it is {at.values[0]:.4g}, right is {at.values[1]:.4g}.")
    message = " ".join([*says, f"Judged by differences of {forward}."])
    told = verdict.judged("wrong", message, wrong[0].cause or "unknown", quantity=short[wrong[0].quantity])
    return replace(told, max_error=at.relative if at else None), []
