"""Pairs of features and labels in a file of named arrays."""

from collections.abc import Collection, Mapping

from .examples import DataError, some

Pair = tuple[str, str]


def find_pairs(keys: Collection[str], pairs: Mapping[str, Pair]) -> dict[str, Pair]:
    """Choose the pairs that a file has.

    `pairs` are the names of features and labels by part ("train", "test", "all"), and `keys` the names in the file.
    Those come back of which the file has both; DataError is raised if there is none, or only half of one.

    Examples
    --------
    >>> find_pairs(["X", "Y", "note"], {"all": ("X", "Y"), "test": ("X_test", "Y_test")})
    {'all': ('X', 'Y')}
    >>> find_pairs(["X", "y"], {"all": ("X", "Y"), "test": ("X_test", "Y_test")})
    Traceback (most recent call last):
    ...
    tinygrad_dnn.dnn.data.examples.DataError: the file has the keys 'X', 'y'; wanted are 'X' and 'Y'
    """
    begun = {part: pair for part, pair in pairs.items() if not set(pair).isdisjoint(keys)}
    if not begun or any(key not in keys for pair in begun.values() for key in pair):
        wanted = ", or ".join(f"'{x}' and '{y}'" for x, y in (begun or pairs).values())
        raise DataError(f"the file has the keys {some(sorted(keys)) or '(none)'}; wanted are {wanted}")
    return begun
