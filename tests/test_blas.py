"""NumPy's BLAS, and whether its kernel is made for the processor."""

import sys

import numpy as np
import pytest
import threadpoolctl

from tinygrad_dnn.cli import doctor
from tinygrad_dnn.cli.doctor import Blas, better_coretype

AVX2, AVX512 = {"X86_V2", "X86_V3"}, {"X86_V2", "X86_V3", "X86_V4"}


@pytest.mark.parametrize(
    ("kernel", "instructions", "coretype"),
    [
        ("Haswell", AVX512, "SKYLAKEX"),
        ("Haswell", {"AVX2", "FMA3", "AVX512F", "AVX512_SKX"}, "SKYLAKEX"),  # as NumPy said before 2.4
        ("Zen", AVX512, "SKYLAKEX"),
        ("SkylakeX", AVX512, None),
        ("Cooperlake", AVX512, None),
        ("SapphireRapids", AVX512, None),
        ("Haswell", AVX2, None),
        ("Zen", AVX2, None),
        ("Sandybridge", AVX2, "HASWELL"),
        ("Prescott", {"SSE", "AVX2"}, "HASWELL"),
        ("Sandybridge", {"X86_V2"}, None),
        ("neoversen1", {"NEON", "ASIMD"}, None),
    ],
)
def test_a_kernel_of_older_instructions_than_there_are_is_found(kernel, instructions, coretype):
    assert better_coretype(kernel, instructions) == coretype


@pytest.fixture
def pools(monkeypatch):
    """Make threadpoolctl find these pools, on a processor with AVX-512."""
    found = []
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: found)
    monkeypatch.setattr(doctor, "instructions", lambda: AVX512)
    return found


def pool(**changes):
    return {
        "user_api": "blas",
        "internal_api": "openblas",
        "filepath": "/lib/numpy.libs/libopenblas.so",
        "version": "0.3.31",
        "num_threads": 2,
        "architecture": "Haswell",
        **changes,
    }


def test_numpys_blas_is_found_among_the_libraries(pools):
    pools += [pool(user_api="openmp"), pool(filepath="/lib/scipy.libs/libopenblas.so", version="0.3.1"), pool()]
    found = doctor.numpys_blas()
    assert found == Blas("openblas", "0.3.31", "Haswell", 2, "SKYLAKEX")
    assert str(found) == "openblas 0.3.31 with the Haswell kernel, threads: 2"
    assert "OPENBLAS_CORETYPE=SKYLAKEX" in found.warning


@pytest.mark.parametrize("changes", [{"architecture": "SkylakeX"}, {"internal_api": "mkl"}, {"architecture": None}])
def test_nothing_is_said_of_a_right_kernel_or_another_library_or_an_unknown_kernel(pools, changes):
    pools.append(pool(**changes))
    assert doctor.numpys_blas().warning is None


def test_a_blas_that_is_not_known_is_none(pools):
    assert doctor.numpys_blas() is None


def test_without_threadpoolctl_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with pytest.raises(ModuleNotFoundError, match="pip install threadpoolctl"):
        doctor.numpys_blas()


def test_numpy_says_what_the_processor_can_do():
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    assert {*simd["baseline"]} <= doctor.instructions()
    assert not doctor.instructions() & {*simd.get("not found", ())}
