"""The doctor: what it finds, what it says of it, and how it exits."""

import json
import sys
from pathlib import Path

import pytest

from tinygrad_dnn.cli import doctor
from tinygrad_dnn.cli.doctor import EXTRAS, Blas, Package, doctor_command, numpys_blas

RIGHT = Blas("openblas", "0.3.31", "SkylakeX", 1, None)


@pytest.fixture(autouse=True)
def _healthy(monkeypatch):
    """A machine on which nothing is amiss, however it is."""
    monkeypatch.setattr(doctor, "looked_at", lambda name, least: Package(name, least, None))
    monkeypatch.setattr(doctor, "numpys_blas", lambda: RIGHT)
    monkeypatch.setattr(doctor, "engines", lambda: iter([("dot", [])]))


@pytest.fixture
def run(capsys):
    """Run the command; return exit status and output."""

    def runner(**options):
        with pytest.raises(SystemExit) as end:
            doctor_command(**options)
        return end.value.code, capsys.readouterr().out

    return runner


@pytest.fixture
def without(monkeypatch):
    """Leave a package out, or put something in its place."""

    def leave(name, version=None, problem=None):
        looked_at = doctor.looked_at
        changed = Package(name, version, problem)
        monkeypatch.setattr(doctor, "looked_at", lambda n, least: changed if n == name else looked_at(n, least))

    return leave


def row(output, extra):
    [line] = [line for line in output.splitlines() if line[2:].startswith(f"{extra} ")]
    return " ".join(line.split())


def test_everything_is_there(run):
    status, out = run()
    assert status == 0
    assert "BLAS: openblas 0.3.31 with the SkylakeX kernel, threads: 1\nLayout of pictures: dot\n" in out
    assert row(out, "data") == "✓ data data sets and .h5 files h5py 3.10, scikit-learn 1.6"
    assert not any(word in out for word in ("pip install", "Warning", "Wrong"))


def test_json_says_the_same(run, without):
    without("numba")
    status, out = run(json=True)
    found = json.loads(out)
    assert (status, found["ok"], found["layout"], found["warnings"]) == (0, True, ["dot"], [])
    assert found["blas"] == RIGHT._asdict()
    assert found["extras"][-1] == {
        "extra": "jit",
        "feature": 'jit(backend="numba")',
        "installed": False,
        "remedy": 'pip install "tinygrad-dnn[jit]"',
        "packages": [{"name": "numba", "version": None, "problem": None}],
    }
    assert [entry["extra"] for entry in found["extras"]] == list(EXTRAS)


def test_a_missing_extra_is_nothing_wrong_and_has_a_remedy(run, without):
    without("scikit-learn")
    status, out = run()
    assert status == 0
    assert row(out, "data") == '· data data sets and .h5 files pip install "tinygrad-dnn[data]"'
    assert row(out, "sklearn").endswith('DNNClassifier pip install "tinygrad-dnn[sklearn]"')
    assert row(out, "train").startswith("✓")


def test_a_package_that_does_not_work_is_wrong_and_said_once(run, without):
    problem = "scikit-learn 1.6 cannot be imported: ImportError: [the reason]"
    without("scikit-learn", "1.6", problem)
    status, out = run()
    assert status == 1
    assert out.count(f"Wrong: {problem}\n") == 1
    assert row(out, "data").startswith("·")


def test_a_missing_package_of_the_base_is_wrong(run, without):
    without("graphviz")
    status, out = run()
    assert status == 1
    assert "Wrong: graphviz is missing, which nothing works without: pip install graphviz\n" in out


def test_a_wrong_gradient_is_wrong(run, monkeypatch):
    monkeypatch.setattr(doctor, "grad", lambda f: lambda w: 2 * w)
    status, out = run()
    assert status == 1
    assert "Wrong: the derivative of sum(tanh(w)²) at w = [1. 2.] is [2. 4.] instead of [" in out


def test_a_kernel_that_is_not_the_processors_is_a_warning(run, monkeypatch):
    monkeypatch.setattr(doctor, "numpys_blas", lambda: RIGHT._replace(kernel="Haswell", coretype="SKYLAKEX"))
    status, out = run()
    assert status == 0
    assert "\nWarning: OpenBLAS multiplies with its Haswell kernel" in out
    assert "OPENBLAS_CORETYPE=SKYLAKEX before Python starts\n" in out


def test_a_blas_that_cannot_be_looked_at_is_a_warning(run, monkeypatch):
    monkeypatch.setattr(doctor, "numpys_blas", lambda: None)
    assert "BLAS: unknown" in run()[1]
    monkeypatch.setattr(doctor, "numpys_blas", numpys_blas)
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    status, out = run()
    assert status == 0
    assert "Warning: which kernel NumPy's BLAS uses is found out with threadpoolctl, which is not installed" in out


def test_without_a_layout_engine_it_says_so(run, monkeypatch):
    monkeypatch.setattr(doctor, "engines", lambda: iter([]))
    assert "Layout of pictures: nothing installed\n" in run()[1]


# --- looking at a package

looked_at = doctor.looked_at


def test_a_package_is_imported_under_its_own_name():
    found = looked_at("scikit-learn", "1.6")
    assert found.version
    assert found.problem is None


def test_a_package_that_is_too_old_is_found():
    assert looked_at("numpy", "99.1").problem.endswith("is too old, 99.1 or later is wanted")


@pytest.mark.parametrize(("found", "least", "old"), [("0.10.1", "0.9", False), ("3", "3.1", True), ("2.0rc1", "2", False)])
def test_versions_are_compared_number_by_number(monkeypatch, found, least, old):
    monkeypatch.setattr(doctor, "version", lambda name: found)
    assert bool(looked_at("numpy", least).problem) is old


def test_a_package_that_cannot_be_imported_is_found(monkeypatch):
    def fail(name):
        raise SystemError("compiled for another NumPy")

    monkeypatch.setattr(doctor, "import_module", fail)
    assert looked_at("numpy", "1").problem.endswith("cannot be imported: SystemError: compiled for another NumPy")


def test_the_extras_are_those_of_the_project():
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {name: dict(p.split(">=") for p in ps) for name, ps in project["optional-dependencies"].items() if name in EXTRAS}
    assert extras == {name: extra["packages"] for name, extra in EXTRAS.items()}
    assert dict(p.split(">=") for p in project["dependencies"]) == doctor.BASE
    assert set(project["optional-dependencies"]) - set(EXTRAS) == {
        "all",
        "demo",
        "test",
        "check",
        "peers",
        "bench",
        "site",
        "release",
    }


def test_a_package_with_a_hyphen_is_imported_with_an_underscore():
    pytest.importorskip("array_api_strict")
    assert looked_at("array-api-strict", "2.2").problem is None
