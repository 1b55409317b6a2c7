"""NumPy's BLAS: which it is, the kernel that it multiplies with, and whether the processor has a better one."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from ..support.optional import needed

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
