"""Read a submission: a ``.py`` file or an ``.ipynb`` notebook becomes a list of cells, whatever state it is in.

Nothing of it is run or even parsed as Python here. The seeds of the inputs come from its content and a secret of the
judge: it can hold no table of answers.
"""

import codecs
import hashlib
import hmac
import json
import os
import re
import sys
from dataclasses import dataclass, field
from os.path import realpath
from pathlib import Path

LARGEST, LARGEST_CODE, LONGEST, LARGEST_TREE = 64 * 1024 * 1024, 4_000_000, 100_000, 1_000_000
"""Bytes that a submission may have; characters and lines of its code (the rest of a notebook is pictures); values in
the JSON of a notebook, in which pictures are single texts."""
_TOO_LONG, _MOST_PARTS = f"it has more than {LONGEST:,} lines of code", 10_000  # cells, also of a damaged notebook
_TEXT = r'"(?:[^"\\]|\\.)*+"' if sys.version_info >= (3, 11) else r'"(?:[^"\\]|\\.)*"'
_SOURCE = re.compile(rf'"(?P<key>cell_type|source|input)"\s*:\s*(?P<value>{_TEXT}|\[)', re.DOTALL)
_ITEM = re.compile(rf"\s*(?P<item>{_TEXT})\s*,?", re.DOTALL)


class LoadError(Exception):
    """The file cannot be a submission; the message says why."""


@dataclass(frozen=True)
class Cell:
    """A piece of code. `number` counts all cells of a notebook from 1; it is 0 for a ``.py`` file."""

    code: str
    number: int = 0


def place(cell: int | None, line: int | None) -> str:
    """Return the words for a place in a submission."""
    return f"cell {cell}, line {line}" if cell and line else f"line {line}" if line else "the code"


@dataclass
class Loaded:
    """The cells of a file, and `notes` of what had to be mended."""

    cells: list[Cell]
    notes: list[str] = field(default_factory=list)

    @property
    def code(self) -> bytes:
        """All its code: what the inputs and the identity of a submission follow from."""
        return "\0".join(cell.code for cell in self.cells).encode(errors="surrogatepass")


def fingerprint(path: Path) -> str:
    """Return a number in hexadecimal for the code in a file: outputs and prose of a notebook do not count."""
    try:
        content = path.suffix.lower().encode() + load(path).code
    except LoadError as error:
        content = f"{path}: {error}".encode(errors="surrogatepass")
    return hashlib.sha256(content).hexdigest()


def seed_of(secret: str, content: bytes, draw: int = 0) -> int:
    """Return the seed for one draw of inputs for a file: 0 for the first look at it, and 1, 2, ... for further ones."""
    digest = hmac.new(secret.encode(errors="surrogateescape"), b"%d:" % draw + content, hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "little")


def load(path: str | Path) -> Loaded:
    """Read a submission; LoadError is raised where there is no readable file, or nothing in it that could be Python."""
    path = Path(path)
    try:
        if path.is_symlink() and not Path(realpath(path)).is_relative_to(realpath(path.parent)):
            raise LoadError(f"{path} is a link to a file elsewhere, which is not looked at; give that file itself")
        if not path.is_file():
            raise LoadError(f"{path} is not a file" if path.exists() else f"{path} does not exist")
        waits_for_none = getattr(os, "O_NONBLOCK", 0)  # were it a pipe by now
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | waits_for_none)) as file:
            data = file.read(LARGEST + 1) or b""
    except OSError as error:
        raise LoadError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(data) > LARGEST:
        raise LoadError(f"{path} is larger than {LARGEST // 1024**2} MB")
    loaded = Loaded([])
    text = decode(data, loaded.notes)
    if path.suffix.lower() == ".ipynb":
        loaded.cells = notebook_cells(text, loaded.notes)
    else:
        loaded.cells = [Cell(text.replace("\r\n", "\n").replace("\r", "\n"))]
    if sum(len(cell.code) for cell in loaded.cells) > LARGEST_CODE:
        raise LoadError(f"it holds more than {LARGEST_CODE // 10**6} million characters of code")
    if sum(cell.code.count("\n") for cell in loaded.cells) > LONGEST:
        raise LoadError(_TOO_LONG)
    if len(loaded.cells) > _MOST_PARTS:
        raise LoadError(f"it has more than {_MOST_PARTS:,} code cells")
    return loaded


def decode(data: bytes, notes: list[str]) -> str:
    """Bytes to text: byte-order mark, UTF-8, the declared encoding, GB 18030, and Latin-1 when all else fails."""
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    marked = [encoding for mark, encoding in marks.items() if data.startswith(mark)]
    if not marked and b"\0" in data:
        raise LoadError("it holds binary data, not Python source")
    declared = re.search(rb"coding[:=]\s*([-\w.]+)", b"\n".join(data.split(b"\n", 2)[:2]))
    tried = [*marked, "utf-8", *([declared[1].decode()] if declared else []), "gb18030"]
    for encoding in tried:
        try:
            text = data.decode(encoding)
        except (ValueError, LookupError):  # a codec may raise more than UnicodeDecodeError
            continue
        if encoding == "gb18030" and not re.search(r"[一-鿿]{2}", text):
            break
        if encoding not in ("utf-8", "utf-8-sig"):
            notes.append(f"not UTF-8: read as {encoding}")
        return text
    notes.append("not UTF-8: read as latin-1")
    return data.decode("latin-1")


def notebook_cells(text: str, notes: list[str]) -> list[Cell]:
    """Return the code cells of a notebook; those that can be saved where its JSON is broken."""
    try:
        if sum(map(text.count, ",[{")) > LARGEST_TREE:
            raise ValueError(f"it holds more than {LARGEST_TREE:,} values")
        notebook = json.loads(text)
        sheets = notebook.get("worksheets", [notebook])
        found = enumerate((cell for sheet in sheets for cell in sheet["cells"]), start=1)
        code = ((number, cell) for number, cell in found if cell.get("cell_type") == "code")
        sources = {number: cell.get("source", cell.get("input", "")) for number, cell in code}
        return [Cell(s if isinstance(s, str) else "".join(map(str, s)), number) for number, s in sources.items()]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        cells = salvaged_cells(text)
        if not cells:
            reason = str(error).partition(":")[0][:100] or type(error).__name__
            raise LoadError(f"it is not a notebook ({reason})") from None
        notes.append(f"the notebook is damaged; {len(cells)} code cells could be read")
        return cells


def salvaged_cells(text: str) -> list[Cell]:
    """Return the code cells of a truncated or damaged notebook, found without its outer structure, in linear time."""
    cells: list[Cell] = []
    kind, number, at, lines = "", 0, 0, 0
    for _ in range(_MOST_PARTS):
        match = _SOURCE.search(text, at)
        if match is None:
            break
        at, whole = match.end(), True
        parts = [] if match["value"] == "[" else [_unquoted(match["value"])]
        if match["value"] == "[":  # a list of lines, which is cut in the middle unless it is closed
            while item := _ITEM.match(text, at):
                if (lines := lines + 1) > LONGEST:
                    raise LoadError(_TOO_LONG)
                parts.append(_unquoted(item["item"]))
                at = item.end()
            whole = text[at : at + 1000].lstrip().startswith("]")
        value = "".join(parts)
        last = value.rstrip().rpartition("\n")[2]
        in_a_block = last[:1].isspace() or last.endswith((":", ",", "(", "\\"))  # whose rest is lost
        if match["key"] == "cell_type":
            kind, number = value, number + 1
        elif kind == "code" and value and (whole or not in_a_block):
            cells.append(Cell(value, number))
    return cells


def _unquoted(literal: str) -> str:
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:
        return ""
