"""Any NumPy cost with any hand-written gradient: run on Tensors if it can be, differenced, and compared."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...core import Array, GradientError, Tensor, ancestors, flatten, is_foreign
from ...core.backprop import backprop
from ...support.difference import LENIENT, Difference, tolerance_of
from ...support.words import checked_language
from ...transforms import differences
from ..comparison import Comparison
from ..row import Row
from ..symptoms import in_numbers, mismatch
from ..words import worded
from .arguments import Function, Named, matched, name_of, spellings
from .case import Autodiff, Case, fetched, placed
from .explain import of_numbers, of_paths, of_steps
from .passes import Backward


def check_gradients(
    cost: Function, gradients: object, parameters: object, *data: Any, finite_differences: bool = True,
    tolerance: float | None = None, seed: int = 1, language: str = "en",
) -> Comparison:  # fmt: skip
    """Compare a hand-written gradient with autodiff through the cost, and both with finite differences.

    Parameters
    ----------
    cost : callable
        ``cost(parameters, *data)`` returns the cost, a scalar, alone or first in a tuple with other things. Any
        callable will do, a compiled one too; one written in NumPy is run on Tensors as well, for the reasons.
    gradients : callable, or what it returns, or True
        Takes what `cost` takes; returns a dict (``"dW1"`` or ``"W1"`` for ``"W1"``), a list or tuple in the order of
        the parameters, nested as they are, or one array for one parameter. Other things may come with it in a tuple,
        the cost before it. True, or `cost` again, is for one function that returns the cost and its gradients.
    parameters : dict, tuple, list or array
        What to differentiate by, nested at will. The functions get a dict or a list as one argument; if they name the
        keys of the dict as arguments of their own, or it is a tuple, each part by itself, as ``cost(w, b, X, Y)``. It
        is not changed.
    *data
        What else the functions take, as constants. Arrays of other libraries, here and among the parameters, stay where
        they are: the functions run on them.
    finite_differences, tolerance, seed, language
        As for `compare`.

    Returns
    -------
    Comparison
        A row for each parameter; false, as ``.ok`` is, where not all agree. At a kink every slope between the one-sided
        ones agrees; where the cost is NaN nothing is judged.

    Raises
    ------
    DetachedError, ShapeError, ValueError
        If the cost does not depend on the parameters; is no scalar; is not the same twice, or there is not one gradient
        for each parameter.

    Examples
    --------
    >>> def cost(w, b, X, Y):
    ...     A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    ...     return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    >>> def by_hand(w, b, X, Y):
    ...     dZ = 1 / (1 + np.exp(-(np.dot(w.T, X) + b))) - Y
    ...     return {"dw": np.dot(X, dZ.T) / X.shape[1], "db": np.sum(dZ)}
    >>> X, Y = np.array([[1.0, 2.0, -1.0], [3.0, 0.5, -3.2]]), np.array([[1, 0, 1]])
    >>> result = check_gradients(cost, by_hand, {"w": np.array([[0.1], [0.2]]), "b": 0.3}, X, Y)
    >>> result.ok, [(row.quantity, row.verdict) for row in result.rows]
    (False, [('dw', 'agrees'), ('db', 'differs')])
    """
    checked_language("check_gradients", language)
    if any(map(is_foreign, flatten((parameters, list(data))))):
        of_host = placed(parameters)
        where, parameters = of_host(cost), fetched(parameters)
        gradients = where if gradients is cost else of_host(gradients) if callable(gradients) else fetched(gradients)
        cost = where
    case = Case(cost, parameters, data)
    autodiff = case.by_autodiff
    J = case.checked_cost() if finite_differences or autodiff is None else float(autodiff.J.item())
    if autodiff is not None and abs(autodiff.J.item() - J) > LENIENT * max(1.0, abs(J)):
        autodiff = None  # on Tensors it is another function, as of matrices or of the dtype
    source = cost if gradients is True else gradients
    by_hand = matched(case.called(source), source, case.names, case.leaves)
    rows = []
    for k, (name, leaf) in enumerate(zip(case.names, case.leaves, strict=True)):
        right, scale = (None, 0.0) if autodiff is None else (autodiff.right[k], autodiff.scale)
        row, hand = compared(f"d{name}", leaf, right, by_hand.get(name), by_hand, tolerance, scale)
        if not np.isfinite(J):
            row = replace(row, judged=False)
        elif finite_differences or autodiff is None:
            row = row.differenced(right, hand, case.by_one(k), leaf, seed)
        rows.append(row)
    notes, by = [], f"autodiff through {name_of(cost)}"
    if autodiff is None:
        notes, by = [worded("untraced", hindrance=case.hindrance)], f"finite differences of {name_of(cost)}"
    if not np.isfinite(J):
        notes = [worded("not a number", J=J)]
    elif autodiff is None:
        case.refuse_constant()
        for k, row in enumerate(rows):
            if row.verdict == "differs" and row.cause is None and case.leaves[k].size <= differences.SAMPLED:
                found = differences.finite_differences(case.by_one(k), case.leaves[k], seed=seed)
                if not found.left_out:  # then all entries are known, and tell what kind of mistake it is
                    hand, right = _plain(by_hand[case.names[k]]), found.values.reshape(row.shape)
                    rows[k] = row.explained(*of_numbers(hand.reshape(row.shape), right, case.sizes))
    else:
        yours = {name: _plain(x) for name, x in by_hand.items() if x is not None}
        notes += _explain(rows, autodiff, yours, source, case)
        differing = [k for k, row in enumerate(rows) if row.verdict == "differs" and row.hand]
        for k, bare in autodiff.without_guards([k for k in differing if rows[k].cause in (None, "unknown")]):
            row, name = rows[k], case.names[k]
            apart = Difference.between(bare, yours[name].reshape(row.shape))
            cause, message = of_numbers(yours[name], bare, case.sizes)
            if apart.within(row.tolerance, row.floor):
                rows[k] = replace(row, hand=apart, hand_numerical=None, cause=None, message="")
                notes = [*notes, worded("guard")] if worded("guard") not in notes else notes
            elif cause != "unknown":
                rows[k] = row.explained(cause, message)
    return Comparison(f"{name_of(source)} by hand, against {by}", rows, J, notes, language)


def assert_gradients(cost: Function, gradients: object, parameters: object, *data: Any, **options: Any) -> Comparison:
    """Call `check_gradients`, and raise unless all rows agree; for tests.

    Raises
    ------
    GradientError
        An AssertionError with the table and the reasons as its text, and the comparison as its `.report`.

    Examples
    --------
    >>> assert_gradients(lambda w: np.sum(w**2), lambda w: 2 * w, np.array([1.0, 2.0])).ok
    True
    >>> assert_gradients(lambda w: np.sum(w**2), lambda w: -2 * w, np.array([1.0, 2.0]))
    Traceback (most recent call last):
        ...
    tinygrad_dnn.errors.GradientError: <lambda> by hand, against autodiff through <lambda>; J = 5
    ...
    dw: It has the wrong sign. ...
    1 of 1 gradients do not agree: dw differs.
    ...
    """
    found = check_gradients(cost, gradients, parameters, *data, **options)
    if not found:
        raise GradientError(found)
    return found


def compare_named(J: Tensor, by_hand: Named, *, tolerance: float | None = None, language: str = "en") -> Comparison:
    """Compare gradients of intermediates, each derived by hand, with autodiff.

    Parameters
    ----------
    J : Tensor
        The cost, from `trace` or with `named` Tensors in it.
    by_hand : dict
        ``{"dlogits": ...}``, or without the d, for a tensor that is called logits.
    tolerance, language
        As for `check_gradients`.

    Examples
    --------
    >>> x = Tensor(np.array([1.0, 2.0]), name="x")
    >>> h = np.tanh(x).named("h")
    >>> found = compare_named(np.sum(h * h), {"dh": 2 * h.array, "dx": 2 * h.array})
    >>> [(row.quantity, row.verdict) for row in found.rows]
    [('dh', 'agrees'), ('dx', 'differs')]
    """
    checked_language("compare_named", language)
    known = {str(x.name): x for x in ancestors(J) if x.name is not None}
    found = {x.id: np.asarray(x_bar) for x, x_bar in backprop(J, np.ones(J.shape))}
    scale = max(float(np.max(np.abs(x_bar), initial=0.0)) for x_bar in found.values())
    rows = []
    for key, value in by_hand.items():
        name = next((n for n in known if key in spellings(n)), None)
        if name is None:
            raise KeyError(worded("nothing called", key=key, names=", ".join(known)))
        right = found.get(known[name].id, np.zeros(known[name].shape))
        row, hand = compared(f"d{name}", right, right, value, by_hand, tolerance, scale)
        symptom = None if hand is None or row.ok else in_numbers([(hand, right)], [])
        rows.append(row.explained(symptom.cause, f"It {symptom.says}.") if symptom else row)
    return Comparison("Intermediates by hand, against autodiff", rows, float(J.item()), language=language)


def _explain(rows: list[Row], autodiff: Autodiff, yours: Mapping[str, Array], source: object, case: Case) -> list[str]:
    """Give what differs its cause, by a step of the backward pass where that can be followed; return notes."""
    right, notes = dict(zip(case.names, autodiff.right, strict=True)), []
    by_name = dict(zip(case.names, rows, strict=True))
    wrong = [
        k for k, row in by_name.items() if k in yours and row.verdict == "differs" and mismatch(yours[k], right[k]) is not None
    ]
    others = {k: {other: x for other, x in right.items() if other != k} for k in wrong}
    found = {k: of_numbers(yours[k], right[k], case.sizes, others[k]) for k in wrong}
    if wrong and callable(source) and autodiff.size < 3_000_000:  # a larger record is not searched
        try:
            recorded = autodiff.recorded(source, case, yours)
            backward = Backward(autodiff.J, recorded, right, case.sizes, autodiff.places)
            for k, told in of_steps(backward, wrong).items():
                alone = told[0] == "unknown" and np.size(yours[k]) == 1  # the factor of a number is more than nothing
                if recorded[k].op is not None:  # a constant has no step
                    found[k] = (told[0], f"{found[k][1]} {told[1].partition('. ')[2]}") if alone else told
            for k in (k for k in wrong if found[k][0] == "unknown" and np.size(yours[k]) == 1):
                leaf = autodiff.tensors[case.names.index(k)]
                if why := of_paths(backward, leaf, yours[k].item(), right[k].item()):
                    found[k] = "missing-term", why
        except Exception:  # any code may stand there, and the verdict holds without
            notes = [worded("no line", name=name_of(source))]
    for i, (name, row) in enumerate(by_name.items()):
        if name in found and row.cause in (None, "shape"):
            rows[i] = row.explained(*found[name])
    return notes


def compared(
    quantity: str, leaf: Array, right: Array | None, given: object, others: Named, tolerance: float | None, scale: float
) -> tuple[Row, Array | None]:
    """Return the row of a gradient, a sum of terms up to `scale`, and the hand-written value if it can be compared."""
    hand = None if given is None else _plain(given)
    dtypes = [x.dtype for x in (leaf, hand) if x is not None]
    rounding = 500 * max(np.finfo(d if d.kind == "f" else float).eps for d in dtypes) * scale
    row = Row(quantity, leaf.shape, None, floor=float(rounding))
    row = replace(row, tolerance=tolerance_of(*dtypes) if tolerance is None else tolerance)
    if hand is None:
        there = ", ".join(f"d{name}" for name in others)
        absent = f"There is no {quantity} among the gradients; there are {there}."
        written = {quantity, quantity[1:]} & others.keys()
        return row.explained("shape", "It is None: your line is missing." if written else absent), None
    if hand.dtype.kind not in "fiub":
        message = f"It is of dtype {hand.dtype}, and must be an array of real numbers of shape {leaf.shape}."
        return row.explained("dtype", message), None
    if hand.shape != leaf.shape and not hand.size == leaf.size == 1:
        kept = hand.size == leaf.size and np.squeeze(hand).shape == np.squeeze(leaf).shape
        more = "One axis is too many: sum without keepdims, or reshape it."
        remedy = f" {more if hand.ndim > leaf.ndim else 'keepdims=True keeps the axis that a sum takes away.'}" * kept
        message = f"It has shape {hand.shape}, and must have that of its parameter, {leaf.shape}.{remedy}"
        return row.explained("keepdims" if kept else "shape", message), None
    hand = hand.reshape(leaf.shape)
    row = row if right is None else replace(row, hand=Difference.between(right, hand))
    if not np.isfinite(hand).all():
        return row.explained("nan", "It has entries that are NaN or infinite."), hand
    return row, hand


def _plain(x: object) -> Array:
    return np.asarray(x.array if isinstance(x, Tensor) else x)
