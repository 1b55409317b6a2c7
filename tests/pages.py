"""Pages as their readers' browsers unpack them."""

from __future__ import annotations

import base64
import re
import zlib


def unpacked(page: str, part: str = "data") -> str:
    """Return the data or the module of a page."""
    return zlib.decompress(base64.b64decode(re.search(f'id="{part}">([^<]*)</script>', page)[1])).decode()
