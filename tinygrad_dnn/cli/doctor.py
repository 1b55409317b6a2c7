"""``tinygrad-dnn doctor``: what is installed, whether it works, and what is missing. It needs NumPy alone."""

import json as json_format
import platform
import re
import sys
from collections.abc import Collection, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

import numpy as np

from .. import __version__
from ..render.layout import engines
from ..sandbox import standing_walls
from ..support.optional import needed
from ..support.table import Column, as_text
from ..transforms import grad

BASE = {"numpy": "2.0", "graphviz": "0.20"}


class Extra(NamedTuple):
    """An extra: its feature, and its packages with the oldest versions that work."""

    feature: str
    packages: Mapping[str, str]


EXTRAS = {
    "cli": Extra("the command tinygrad-dnn", {"typer": "0.20", "rich": "13", "jinja2": "3.1"}),
    "data": Extra("data sets and .h5 files", {"h5py": "3.10", "scikit-learn": "1.6"}),
    "train": Extra("the progress bar and checkpoints", {"rich": "13", "safetensors": "0.4.3"}),
    "sklearn": Extra("DNNClassifier", {"scikit-learn": "1.6"}),
    "plot": Extra("plots of training", {"matplotlib": "3.8"}),
    "layout": Extra("pictures where dot is not", {"pygraphviz": "2.0.4"}),
    "scipy": Extra("functions of SciPy", {"scipy": "1.11"}),
    "arrays": Extra("arrays of PyTorch", {"array-api-compat": "1.11"}),
    "jax": Extra('jit(backend="jax")', {"jax": "0.4.35"}),
    "cupy": Extra('jit(backend="cupy")', {"cupy-cuda12x": "13"}),
    "jit": Extra('jit(backend="numba")', {"numba": "0.60"}),
}
MODULES = {"scikit-learn": "sklearn", "cupy-cuda12x": "cupy"}
"""Packages that are imported by another name."""


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
    extras = {name: [looked_at(*package) for package in extra.packages.items()] for name, extra in EXTRAS.items()}
    found = dict.fromkeys(package.problem for packages in (base, *extras.values()) for package in packages)
    lacking = [f"{p.name} is missing, which nothing works without: pip install {p.name}" for p in base if not p.version]
    problems = [problem for problem in (wrong_gradient(), *lacking, *found) if problem]
    blas, warning = None, None
    try:
        blas = numpys_blas()
        warning = blas.warning if blas else "threadpoolctl does not know NumPy's BLAS"
    except ModuleNotFoundError as error:
        warning = str(error)
    layout, walls, python = [name for name, _ in engines()], standing_walls(), platform.python_version()
    if json:
        described = [
            {
                "extra": name,
                "feature": EXTRAS[name].feature,
                "installed": not (remedy := _remedy(name, packages)),
                "remedy": remedy or None,
                "packages": [package._asdict() for package in packages],
            }
            for name, packages in extras.items()
        ]
        found_all = {
            "ok": not problems,
            "versions": {"tinygrad-dnn": __version__, "python": python, "numpy": np.__version__},
            "base": [package._asdict() for package in base],
            "blas": blas and blas._asdict(),
            "extras": described,
            "layout": layout,
            "walls": walls,
            "problems": problems,
            "warnings": [warning] if warning else [],
        }
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
        import_module(MODULES.get(name, name.replace("-", "_")))
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
    Column[_Row]("", heading="for", text=lambda row: EXTRAS[row[0]].feature),
    Column[_Row](
        "", heading="found, or what installs it", text=lambda row: _remedy(*row) or ", ".join(map(str, row[1]))
    ),
)

# --- NumPy's BLAS: which it is, the kernel that it multiplies with, and whether the processor has a better one

_AVX512 = {"SkylakeX", "Cooperlake", "SapphireRapids"}
BEST_FIRST = (
    ({"X86_V4", "AVX512_SKX"}, _AVX512, "SKYLAKEX"),
    ({"X86_V3", "AVX2"}, {"Haswell", "Zen"} | _AVX512, "HASWELL"),
)
"""What NumPy calls the instructions, the kernels of OpenBLAS that are made of them, and the one to ask for."""


class Blas(NamedTuple):
    """The library that multiplies NumPy's matrices, with the kernel that it chose for this processor.

    `coretype` is the value of OPENBLAS_CORETYPE that makes it choose a kernel of all instructions here, where
    it chose one of older instructions.
    """

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
        if self.coretype is None:
            return None
        return (
            f"OpenBLAS multiplies with its {self.kernel} kernel, which leaves the best instructions of this processor "
            f"unused; set the environment variable OPENBLAS_CORETYPE={self.coretype} before Python starts"
        )


def numpys_blas() -> Blas | None:
    """Return NumPy's BLAS, None where threadpoolctl does not know it; ModuleNotFoundError where that is missing."""
    with needed(
        "which kernel NumPy's BLAS uses is found out with threadpoolctl, which is not installed: "
        "pip install threadpoolctl"
    ):
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
    for names, kernels, coretype in BEST_FIRST:
        if names & {*instructions}:
            return None if kernel in kernels else coretype
    return None
