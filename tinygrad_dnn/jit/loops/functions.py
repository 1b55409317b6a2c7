"""Functions for compiled loops, written so that the compiler can vectorise them; programs hold a copy of their text."""

import numpy as np
from numba import njit


@njit(error_model="numpy", fastmath={"reassoc", "nsz"})
def plus(total, x):  # type: ignore[no-untyped-def]
    """Add a term to a sum whose terms may come in any order."""
    return total + x


@njit(error_model="numpy", fastmath={"reassoc", "nsz", "contract"})
def plus_product(total, x, y):  # type: ignore[no-untyped-def]
    """Add a product to a sum whose terms may come in any order."""
    return total + x * y


@njit(error_model="numpy", fastmath={"contract"})
def exp(x):  # type: ignore[no-untyped-def]
    """exp(x) = 2**n exp(r) with |r| <= log(2) / 2, by the series of exp(r)."""
    x = min(max(x, -746.0), 710.0)
    n = np.rint(x * 1.4426950408889634)
    r = (x - n * 0.6931471803691238) - n * 1.9082149292705877e-10  # log(2) in two parts: n times the first is exact
    p = 1 / 6227020800
    for k in (479001600, 39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2):
        p = p * r + 1 / k
    m = np.int32(n)
    half = m >> 1  # 2**n in two factors: one alone may be too large, or too small
    first = np.int64((np.int64(half) + 1023) << 52).view(np.float64)
    second = np.int64((np.int64(m - half) + 1023) << 52).view(np.float64)
    return (r * r * p + r + 1.0) * first * second


@njit(error_model="numpy", fastmath={"contract"})
def exp_single(x):  # type: ignore[no-untyped-def]
    """exp(x) in single precision."""
    x = min(max(x, np.float32(-104)), np.float32(89))
    n = np.rint(x * np.float32(1.442695))
    r = (x - n * np.float32(0.693359375)) + n * np.float32(2.12194440e-4)
    p = np.float32(1 / 5040)
    for k in (720, 120, 24, 6, 2):
        p = p * r + np.float32(1 / k)
    m = np.int32(n)
    half = m >> 1
    first = np.int32((half + np.int32(127)) << 23).view(np.float32)
    second = np.int32((m - half + np.int32(127)) << 23).view(np.float32)
    return (r * r * p + r + np.float32(1)) * first * second


@njit(error_model="numpy", fastmath={"contract"})
def log1p(x):  # type: ignore[no-untyped-def]
    """log(1 + x) for 0 <= x <= 1, as 2 artanh(s) = 2 (s + s**3 / 3 + s**5 / 5 + ...) with s = x / (2 + x) <= 1/3."""
    s = x / (2.0 + x)
    q = s * s
    p = 1 / 35
    for c in (1 / 33, 1 / 31, 1 / 29, 1 / 27, 1 / 25, 1 / 23, 1 / 21, 1 / 19):  # in two loops, which are unrolled
        p = p * q + c
    for c in (1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3):
        p = p * q + c
    return 2.0 * (s + s * q * p)


@njit(error_model="numpy", fastmath={"contract"})
def log1p_single(x):  # type: ignore[no-untyped-def]
    """log(1 + x) for 0 <= x <= 1 in single precision."""
    s = x / (np.float32(2) + x)
    q = s * s
    p = np.float32(1 / 17)
    for k in (15, 13, 11, 9, 7, 5, 3):
        p = p * q + np.float32(1 / k)
    return np.float32(2) * (s + s * q * p)
