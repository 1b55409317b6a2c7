"""The seeds of the inputs on which a verdict rests: from a secret of the judge and the content of the file.

A submission knows its own text but not the secret, so it can hold no table of answers. The same secret and file give
the same inputs, and so the same words.
"""

import hashlib
import hmac
import secrets


def new_secret() -> str:
    """Return a secret for one run; it is stored with the report, and ``--seed`` repeats the run."""
    return secrets.token_hex(16)


def seed_of(secret: str, content: bytes, draw: int = 0) -> int:
    """Return the seed for one draw of inputs for a file.

    `content` is the file; `draw` is 0 for the first look at it, and 1, 2, ... for further ones.

    Examples
    --------
    >>> seed_of("a", b"x = 1") == seed_of("a", b"x = 1"), seed_of("a", b"x = 1") == seed_of("b", b"x = 1")
    (True, False)
    """
    digest = hmac.new(secret.encode(errors="surrogateescape"), b"%d:" % draw + content, hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "little")
