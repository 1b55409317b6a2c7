"""Symptoms: what the shape and the numbers of a wrong value tell without a formula. Every diagnosis begins here."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..sandbox.child.wire import Opaque
from ..support.difference import LENIENT, largest_error, tolerance_of

Pair = tuple[object, np.ndarray]  # a value as it was given, and as it must be


class Symptom(NamedTuple):
    """A cause, a predicate as "has the wrong sign", and the error relative to the largest right entry."""

    cause: str
    says: str = ""
    error: float | None = None


UNKNOWN = Symptom("unknown", "no single small mistake gives these numbers")


def mismatch(got: object, want: ArrayLike) -> Symptom | None:
    """Compare a value with the right one; None where they agree."""
    want = np.asarray(want, dtype=float)
    if got is None or isinstance(got, (Opaque, str, dict, list, tuple)):
        kind = got.type if isinstance(got, Opaque) else type(got).__name__
        cause = "dtype" if " of " in kind else "shape"
        return Symptom(cause, f"is a {kind}, not an array of shape {want.shape}")
    array = np.asarray(got)
    if array.dtype.kind not in "fiub":
        return Symptom("dtype", f"is of dtype {array.dtype}, and must be an array of real numbers")
    if array.shape != want.shape and not array.size == want.size == 1:
        says = f"has shape {array.shape}, and must have {want.shape}"
        if array.size == want.size and array.squeeze().shape == want.squeeze().shape:
            return Symptom("keepdims", says, largest_error(array.reshape(want.shape), want))
        return Symptom("shape", says)
    error = largest_error(array := array.reshape(want.shape), want)
    if error <= tolerance_of(array.dtype, lenient=True):
        return None
    if not np.isfinite(array.astype(float)).all():
        return Symptom("nan", "has entries that are NaN or infinite", error)
    whole = array.dtype.kind in "iub"
    if whole and min(largest_error(array, np.trunc(want)), largest_error(array, np.floor(want))) < LENIENT:
        return Symptom("dtype", f"is of dtype {array.dtype}: what comes after the decimal point is lost", error)
    return Symptom("unknown", error=error)


def matches(got: object, predicted: object) -> bool:
    """Return True where a hypothesis predicts the value, its shape included."""
    if predicted is None or not isinstance(got, (np.ndarray, float, int)):
        return False
    array, other = np.asarray(got), np.asarray(predicted)
    if array.dtype.kind not in "fiub" or other.dtype.kind not in "fiub":
        return False
    if array.shape != other.shape and not array.size == other.size == 1:
        return False
    tolerance = tolerance_of(array.dtype, lenient=True)
    array, other = array.reshape(other.shape).astype(float), other.astype(float)
    finite = np.isfinite(other)
    return np.array_equal(np.isfinite(array), finite) and largest_error(array[finite], other[finite]) <= tolerance


def in_numbers(
    pairs: Sequence[Pair], sizes: Sequence[Sequence[int]], lengths: Mapping[str, Sequence[int]] = {},
    others: Mapping[str, Sequence[object]] = {},
) -> Symptom | None:  # fmt: skip
    """Return what values beside the right ones tell alone: a shape, a transpose, a sign, a factor, another value.

    Each of the `sizes` is what m may be, a number for each pair; `lengths` may have been counted instead, and `others`
    are what the values may be, by a predicate.
    """
    found = next((differs for pair in pairs if (differs := mismatch(*pair))), None)
    if found is None:
        return None
    for got, want in pairs:  # a transpose may leave the shape as it is
        if isinstance(got, np.ndarray) and want.ndim == 2 and mismatch(got, want) and matches(got.T, want):
            return Symptom("transpose", f"is transposed{': ' if found.says else ''}{found.says}")
    if found.cause not in ("unknown", "nan"):
        hint = " (keepdims=True keeps the column)" if found.cause == "keepdims" else ""
        return Symptom(found.cause, found.says + hint)
    if all(matches(got, np.full(want.shape, want.sum())) for got, want in pairs):
        return Symptom("sum-axis", "is summed over everything, not for each unit")
    told = by_ratio(pairs, sizes)
    if told is not None and told.cause != "factor":
        return told
    for m in sizes:
        for what, by in {"m - 1": [n - 1 for n in m], "m + 1": [n + 1 for n in m], **lengths}.items():
            if not all(k and matches(got, want * n / k) for (got, want), n, k in zip(pairs, m, by, strict=True)):
                continue
            if len(set(m)) > 1:
                return Symptom("factor", f"is divided by {what} where m, the number of examples, is due: 1 / m")
            if by[0] > 1:
                times = f"is {m[0] / by[0]:.6g} times what it must be"
                return Symptom("factor", f"{times}: that factor, or {what} = {by[0]} where m = {m[0]} is due")
    if told is not None and (len(pairs) > 1 or pairs[0][1].size > 1):  # any number is a multiple of any other
        return told
    for says, values in others.items():
        if all(matches(got, value) for (got, _), value in zip(pairs, values, strict=True)):
            return Symptom("stale-value", says)
    return None


def described(got: object, right: ArrayLike) -> Symptom:
    """Return what can be seen where nothing explains the numbers."""
    if not isinstance(got, (np.ndarray, float, int)) or np.shape(got) != np.shape(right):
        return Symptom("unknown", "is wrong")
    array, want = np.asarray(got, dtype=float), np.asarray(right, dtype=float)
    if not np.isfinite(array).all():
        return Symptom("nan", f"has {np.sum(~np.isfinite(array))} entries that are NaN or infinite")
    apart = ~np.isclose(array, want, rtol=1e-5, atol=1e-12)
    if apart.ndim == 2 and not apart.all():
        rows, columns = (sorted({int(i) for i in axis}) for axis in np.nonzero(apart))
        where = f"{apart.sum()} of {apart.size} entries differ, in rows {rows} and columns {columns}"
    elif array.size > 1:
        with np.errstate(all="ignore"):
            ratio = array[apart] / want[apart]
        where = f"yours divided by the right one lies between {ratio.min():.3g} and {ratio.max():.3g}"
    else:
        x, y = array.item(), want.item()
        times = f", {x / y:.6g} times what it must be" if x and y else "" if x else ": a path is left out"
        where = f"{x:.6g}, where {y:.6g} is right{times}"
    return Symptom("unknown", f"is wrong: {where}")


def by_ratio(pairs: Sequence[Pair], sizes: Sequence[Sequence[int]]) -> Symptom | None:
    """Find the number that all values are off by, as `in_numbers` is given them."""
    found = list[float]()
    for got, want in pairs:  # the number c of got = c want
        weight = float(np.sum(want * want))
        if not isinstance(got, (np.ndarray, float, int)) or np.shape(got) != want.shape or not weight:
            return None
        array = np.asarray(got, dtype=float)
        found.append(float(np.sum(array * want)) / weight)
        if not (found[-1] and np.isfinite(found[-1]) and matches(array, found[-1] * want)):
            return None
    ratios = np.array(found)
    are = partial(np.allclose, ratios, rtol=1e-5)
    if are(1.0):  # as where there are none
        return None
    for m in (np.array(size, float) for size in sizes if any(number != 1 for number in size)):
        name = f"m = {m[0]:g}" if len(set(m)) == 1 else "m"
        for sign, flipped in ((1, ""), (-1, ", and its sign is flipped")):
            other = ", or a factor of 2 is wrong" if set(m) == {2.0} else ""  # both readings
            if are(sign * m):
                return Symptom("missing-1/m", f"is {name} times too large: the factor 1/m is missing{other}{flipped}")
            if are(sign / m):
                return Symptom("extra-1/m", f"is {name} times too small: 1/m is applied once too often{other}{flipped}")
    if are(-1.0):
        return Symptom("sign", "has the wrong sign")
    if are(ratios[0]):
        return Symptom("factor", f"is {ratios[0]:.6g} times what it must be")
    if pairs[0][1].size == 1 or not sizes:
        return None  # any number is a multiple of any other
    listed = ", ".join(f"{ratio:.4g} (m = {m:g})" for ratio, m in zip(ratios, sizes[0], strict=True))
    return Symptom("factor", f"is off by a factor that differs with the shapes: {listed}")
