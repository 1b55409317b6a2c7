"""Sealing: what a reader of the page may be asked stands in the file in a form that nobody reads by accident."""

import json
import re
from typing import Any

SEALED = {"nodes": ("gradient", "steepest", "compared"), "edges": ("local", "contribution")}
_TEXT = re.compile(r'(<text [^>]*fill="var\(--(?:gradient|flow|local|back|odd|wrong|right)\)"[^>]*>)([^<]*)(</text>)')


def seal(value: Any) -> str:
    """Return JSON of which each letter has moved by a step that depends on its place."""
    text = json.dumps(value, separators=(",", ":"))
    return "".join(chr(32 + (ord(letter) - 32 + (k * 31 + 17) % 95) % 95) for k, letter in enumerate(text))


def sealed(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with gradients, local derivatives and contributions sealed, in the pictures too."""
    found = dict(data)
    for part, keys in SEALED.items():
        found[part] = [
            {k: v for k, v in x.items() if k not in keys} | {"sealed": {k: seal(x[k]) for k in keys if k in x}}
            for x in data[part]
        ]
    for key in ("pulls", "derivation", "points"):
        if data.get(key) is not None:
            found[key] = seal(data[key])
    found["pictures"] = [
        {
            **drawn,
            "svg": _TEXT.sub(r"\1\3", drawn["svg"]),
            "texts": seal([t for _, t, _ in _TEXT.findall(drawn["svg"])]),
        }
        for drawn in data["pictures"]
    ]
    found.pop("summary", None)
    return found
