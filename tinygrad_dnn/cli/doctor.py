"""``tinygrad-dnn doctor``: what is installed, whether it works, and what is missing. It needs NumPy alone."""

import json as json_format
import platform
import re
import sys
from collections.abc import Collection
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import numpy as np

from .. import __version__
from ..render.layout import engines
from ..sandbox import standing_walls
from ..support.optional import needed
from ..support.table import Column, as_text
from ..support.text import json_beside
from ..transforms import grad

_DATA = json_beside(__file__, "doctor.json")
BASE: dict[str, str] = _DATA["base"]
EXTRAS: dict[str, dict[str, Any]] = _DATA["extras"]  # of each its feature, and its packages with the oldest that work


class Package(NamedTuple):
    """A package as it is found: its version, None if it is missing, and what is wrong with it otherwise."""

    name: str
    version: str | None
    problem: str | None

    def __str__(self) -> str:
        return f"{self.name} {self.version or 'is missing'}"


def doctor_command(json: bool = False) -> None:
    """Say what is installed, whether it works, and what is missing for which feature.

    An extra that is not installed is nothing wrong, nor is a slow kernel of BLAS.
    Exit status: 0 all that is installed works, 1 something does not.

    Example: tinygrad-dnn doctor
    """
    base = [looked_at(*package) for package in BASE.items()]
    extras = {name: [looked_at(*package) for package in extra["packages"].items()] for name, extra in EXTRAS.items()}
    found = dict.fromkeys(package.problem for packages in (base, *extras.values()) for package in packages)
    lacking = [f"{p.name} is missing, which nothing works without: pip install {p.name}" for p in base if not p.version]
    problems = [problem for problem in (wrong_gradient(), *lacking, *found) if problem]
    blas = None
    try:
        blas = numpys_blas()
        warning = blas.warning if blas else "threadpoolctl does not know NumPy's BLAS"
    except ModuleNotFoundError as error:
        warning = str(error)
    layout, walls, python = [name for name, _ in engines()], standing_walls(), platform.python_version()
    if json:
        described = []
        for name, packages in extras.items():
            remedy, feature = _remedy(name, packages), EXTRAS[name]["feature"]
            about = {"extra": name, "feature": feature, "installed": not remedy, "remedy": remedy or None}
            described.append(about | {"packages": [package._asdict() for package in packages]})
        found_all = {
            "ok": not problems,
            "versions": {"tinygrad-dnn": __version__, "python": python, "numpy": np.__version__},
            "base": [package._asdict() for package in base], "blas": blas and blas._asdict(), "extras": described,
            "layout": layout, "walls": walls, "problems": problems, "warnings": [warning] if warning else [],
        }  # fmt: skip
        print(json_format.dumps(found_all, indent=2, ensure_ascii=False))
    else:
        print(f"tinygrad-dnn {__version__}; {', '.join([f'Python {python}', *map(str, base)])}")
        print(f"BLAS: {blas or 'unknown'}\nLayout of pictures: {', '.join(layout) or 'nothing installed'}")
        print(f"Walls of check: {walls}\n")
        print("\n".join(as_text(_TABLE, list(extras.items()))))
        for told in ([f"Warning: {warning}"] if warning else []) + [f"Wrong: {problem}" for problem in problems]:
            print(f"\n{told}")
    sys.exit(int(bool(problems)))


def looked_at(name: str, least: str) -> Package:
    """Find a package: its version, and whether it is too old or cannot be imported."""
    try:
        found = version(name)
    except PackageNotFoundError:
        return Package(name, None, None)
    numbers, fewest = ([int(number) for number in re.findall(r"\d+", text)[:3]] for text in (found, least))
    if numbers < fewest:
        return Package(name, found, f"{name} {found} is too old, {least} or later is wanted")
    try:
        import_module(_DATA["modules"].get(name, name.replace("-", "_")))
    except Exception as error:  # a package that does not fit the others fails in ways of its own
        return Package(name, found, f"{name} {found} cannot be imported: {type(error).__name__}: {error}")
    return Package(name, found, None)


def wrong_gradient() -> str | None:
    """Differentiate something; say what is wrong with the result, if anything is."""
    w = np.array([1.0, 2.0])
    found = grad(lambda w: np.sum(np.tanh(w) ** 2))(w)
    expected = 2 * np.tanh(w) / np.cosh(w) ** 2
    if np.allclose(found, expected, rtol=1e-12):
        return None
    return f"the derivative of sum(tanh(w)²) at w = {w} is {found} instead of {expected}"


def _remedy(extra: str, packages: list[Package]) -> str:
    """Return the command that installs an extra, "" where it is installed and works."""
    works = all(package.version and not package.problem for package in packages)
    return "" if works else f'pip install "tinygrad-dnn[{extra}]"'


_Row = tuple[str, list[Package]]
_TABLE = (
    Column[_Row]("", heading="  extra", text=lambda row: f"{'·' if _remedy(*row) else '✓'} {row[0]}"),
    Column[_Row]("", heading="for", text=lambda row: str(EXTRAS[row[0]]["feature"])),
    Column[_Row]("", heading="found, or what installs it", text=lambda x: _remedy(*x) or ", ".join(map(str, x[1]))),
)


# --- NumPy's BLAS: which it is, the kernel that it multiplies with, and whether the processor has a better one
class Blas(NamedTuple):
    """The library that multiplies NumPy's matrices, its kernel, and what OPENBLAS_CORETYPE chooses a better one."""

    library: str
    version: str
    kernel: str
    threads: int
    coretype: str | None

    def __str__(self) -> str:
        return f"{self.library} {self.version} with the {self.kernel} kernel, threads: {self.threads}"

    @property
    def warning(self) -> str | None:
        """Return the warning about a slow kernel with its remedy, or None."""
        return str(_DATA["slow kernel"].format(**self._asdict())) if self.coretype else None


def numpys_blas() -> Blas | None:
    """Return NumPy's BLAS, None where threadpoolctl does not know it; ModuleNotFoundError where that is missing."""
    message = "which kernel NumPy's BLAS uses is found out with threadpoolctl, which is not installed: "
    with needed(f"{message}pip install threadpoolctl"):
        from threadpoolctl import threadpool_info  # type: ignore[import-untyped]
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]]
    if not pools:
        return None
    library, version, threads = (pools[0][key] for key in ("internal_api", "version", "num_threads"))
    kernel = pools[0].get("architecture")
    coretype = better_coretype(kernel, instructions()) if library == "openblas" and kernel else None
    return Blas(library, version, kernel or "unknown", threads, coretype)


def instructions() -> set[str]:
    """Return the processor's instructions beyond the oldest, in NumPy's words."""
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    return {*simd.get("baseline", ()), *simd.get("found", ())}


def better_coretype(kernel: str, instructions: Collection[str]) -> str | None:
    """Return the value for OPENBLAS_CORETYPE where `kernel` is made of older instructions than there are."""
    for coretype, names, kernels in _DATA["kernels"]:  # the best instructions first
        if {*names} & {*instructions}:
            return None if kernel in kernels else str(coretype)
    return None
