"""Pieces of the command and of the sandbox that are told in words."""

import pytest

from tinygrad_dnn.cli.commands import loaded
from tinygrad_dnn.cli.doctor import Package, better_coretype, looked_at
from tinygrad_dnn.cli.options import activation_names
from tinygrad_dnn.sandbox.process import how_it_ended


def test_a_command_is_imported_by_its_name():
    assert [loaded(name).name for name in ("compare", "merge", "play")] == ["compare", "merge", "play"]


def test_a_package_that_is_missing_has_no_problem():
    assert looked_at("no-such-package", "1.0") == Package("no-such-package", None, None)


def test_activations_are_read_without_blanks():
    assert (activation_names("tanh, sigmoid"), activation_names(None)) == (["tanh", "sigmoid"], None)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (3 << 8, "its process ended itself (exit status 3)"),
        (70 << 8, "its process can no longer answer; leave out what changes Python or NumPy at its top level"),
        (9, "its process was ended by SIGKILL"),
        (0x80 | 11, "its process was ended by SIGSEGV"),
        (33, "its process was ended by signal 33"),
    ],
)
def test_how_a_process_ended(status, says):
    assert how_it_ended(status) == says


def test_the_best_kernel_that_the_processor_can_run_is_asked_for():
    assert better_coretype("Haswell", {"X86_V3", "X86_V4"}) == "SKYLAKEX"
    assert better_coretype("Haswell", {"X86_V3"}) is None
