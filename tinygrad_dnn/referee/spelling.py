"""The keys of a submission's dicts: where it writes ``w1`` and ``dw1``, it is given these, and they are read so."""

from collections.abc import Mapping
from typing import Any

_STEMS = ("W", "b", "A", "Z", "dW", "db", "dA", "dZ")


def spelling_of(functions: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the stems that these functions write otherwise than the course, with their own.

    >>> spelling_of({"f": {"texts": ["w1", "b1", "dw"]}, "g": {"texts": ["dA"]}})
    {'W': 'w', 'dW': 'dw'}
    """
    texts = {text.rstrip("0123456789") for about in functions.values() for text in about["texts"]}
    others = {stem: (stem.lower(), f"{stem}_", f"{stem.lower()}_") for stem in _STEMS if stem not in texts}
    found = {stem: next((own for own in forms if own in texts - {*_STEMS}), "") for stem, forms in others.items()}
    return {stem: own for stem, own in found.items() if own}


def respelt(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value in which the keys of dicts have other stems.

    >>> respelt([{"W1": 1, "b1": 2, "loss": 3}], {"W": "w"})
    [{'w1': 1, 'b1': 2, 'loss': 3}]
    """
    if not names:
        return value
    if isinstance(value, dict):
        return {_key(key, names): item for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(respelt(item, names) for item in value)
    return value


def _key(key: Any, names: Mapping[str, str]) -> Any:
    stem = key.rstrip("0123456789") if isinstance(key, str) else key
    return key if stem == key else names.get(stem, stem) + key[len(stem) :]
