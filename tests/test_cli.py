"""The command line: what it prints, where, and how it exits."""

import csv
import json
import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

from tinygrad_dnn import __version__, cli
from tinygrad_dnn.cli import commands

QUICK = ["compare", "--data", "iris", "--layers", "4-3-3", "--no-finite-differences"]


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command in this process; return exit status, output and errors."""

    def runner(*arguments):
        monkeypatch.setattr(sys, "argv", ["tinygrad-dnn", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return end.value.code or 0, out, err

    return runner


def alone(code, **environment):
    """Run a program in a process of its own."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=300)


# --- the group


def test_help_lists_the_commands_with_an_example(run):
    status, out, _ = run("--help")
    assert status == 0
    assert "Example: tinygrad-dnn compare" in out
    assert all(name in out for name in commands.COMMANDS)
    assert {"compare", "check"} <= set(commands.COMMANDS)


def test_without_a_command_it_helps(run):
    status, out, err = run()
    assert status == 2
    assert "Example: tinygrad-dnn compare" in out + err


def test_version(run):
    assert run("--version") == (0, f"tinygrad-dnn {__version__}\n", "")


def test_an_unknown_command_is_refused(run):
    status, _, err = run("campare")
    assert status == 2
    assert "No such command 'campare'. Did you mean 'compare'?" in err


def test_an_option_misspelt_is_answered_with_the_right_one(run):
    status, _, err = run("train", "--optimizer", "adam")
    assert status == 2
    assert "--optimiser" in err


@pytest.mark.parametrize(
    ("words", "position", "found"), [("tinygrad-dnn tra", 1, "train"), ("tinygrad-dnn train --opt", 2, "--optimiser")]
)
def test_the_shell_completes_commands_and_options(words, position, found):
    code = "import sys; sys.argv = ['tinygrad-dnn']; from tinygrad_dnn.cli import main; main()"
    asked = {"_TINYGRAD_DNN_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(position)}
    assert alone(code, **asked).stdout.split() == [found]


def test_help_imports_no_room():
    code = """
import sys
sys.argv = ["tinygrad-dnn", "--help"]
from tinygrad_dnn import cli
try:
    cli.main()
except SystemExit:
    rooms = [m for m in sys.modules if m.startswith(("tinygrad_dnn.dnn", "tinygrad_dnn.referee", "sklearn", "h5py"))]
    print("rooms:", rooms)
"""
    assert "rooms: []" in alone(code).stdout


@pytest.mark.parametrize("name", list(commands.COMMANDS))
def test_every_command_has_help_with_an_example(run, name):
    status, out, _ = run(name, "--help")
    assert status == 0
    assert f"Usage: tinygrad-dnn {name}" in out
    assert f"Example: tinygrad-dnn {name}" in " ".join(out.split())


@pytest.mark.parametrize("name", list(commands.COMMANDS))
def test_the_table_of_options_holds_those_that_there_are(name):
    known = {parameter.name for parameter in commands.loaded(name).params}
    assert set(commands.OPTIONS[name]) <= known


def test_no_shared_option_is_left_over():
    known = {parameter.name for name in commands.COMMANDS for parameter in commands.loaded(name).params}
    assert set(commands.OPTIONS["every"]) <= known
    assert set(commands.OPTIONS) == {"commands", "every", *commands.COMMANDS}


def without(module, *arguments):
    """Run the command in a process in which a package is not installed."""
    hidden = f"import sys; sys.modules['{module}'] = None; sys.argv = ['', *{arguments}]"
    return alone(f"{hidden}; from tinygrad_dnn.cli import main; main()")


def test_a_missing_extra_is_named():
    done = without("typer", "check", "--help")
    assert done.returncode == 2
    assert done.stderr == "tinygrad-dnn: typer is not installed; pip install 'tinygrad-dnn[cli]'\n"


def test_help_does_not_wait_for_the_import_of_rich():
    done = without("rich", "check", "--help")
    assert (done.returncode, done.stderr) == (0, "")


def test_help_version_and_doctor_need_no_extra():
    done = without("typer", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"  {name}" in done.stdout for name in commands.COMMANDS)
    assert "pip install 'tinygrad-dnn[cli]'" in done.stdout
    assert without("typer", "--version").stdout == f"tinygrad-dnn {__version__}\n"
    done = without("typer", "doctor")
    assert "BLAS: " in done.stdout
    assert done.stderr == ""


def test_a_defect_in_a_module_is_not_taken_for_a_missing_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tinygrad_dnn.cli.commands", None)
    with pytest.raises(ModuleNotFoundError, match=r"tinygrad_dnn\.cli\.commands"):
        cli.main()


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (ValueError("X does not fit"), 2, "X does not fit"),
        (ValueError("compare: X does not fit"), 2, "X does not fit"),
        (FileNotFoundError(2, "No such file", "x.h5"), 2, f"there is no x.h5 (looked for in {os.getcwd()})"),
        (PermissionError(13, "Permission denied", b"x.h5"), 2, "x.h5: Permission denied"),
        (OSError("no file is concerned"), 2, "no file is concerned"),
        (ModuleNotFoundError("h5py is missing"), 2, "h5py is missing"),
        (MemoryError(), 2, "MemoryError"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_the_user_can_cause_is_one_line(run, monkeypatch, error, status, message):
    from tinygrad_dnn.cli import compare as compare_command

    def failing():
        raise error

    monkeypatch.setattr(compare_command, "compare_command", failing)
    assert run("compare") == (status, "", f"tinygrad-dnn compare: {message}\n")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("predict nowhere new.csv", "there is no nowhere (looked for in {here})"),
        ("predict . new.csv", "there is no network.safetensors (looked for in {here})"),
        ("merge nowhere.jsonl", "there is no nowhere.jsonl (looked for in {here})"),
        ("merge .", ". is a folder; a file is wanted"),
        ("train --resume a.st", "there is no a.st (looked for in {here})"),
        ("train --resume far/away/a.st", "there is no folder far/away (looked for in {here})"),
        ("train --resume hw.py/a.st", "there is no folder hw.py (looked for in {here})"),
        ("train --resume .", ". is a folder; a file is wanted"),
        ("check hw.py --students no.csv", "there is no no.csv (looked for in {here})"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has other words and refusals")
def test_a_file_that_is_not_there_is_told_in_words(run, tmp_path, monkeypatch, command, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hw.py").write_text("x = 1\n")
    told = f"tinygrad-dnn {command.partition(' ')[0]}: {says.format(here=tmp_path)}\n"
    assert run(*command.split()) == (2, "", told)


def test_a_defect_of_ours_is_not_hidden(monkeypatch):
    def failing():
        raise AssertionError("our own")

    with pytest.raises(AssertionError):
        commands.reporting("compare", failing)()


def test_an_interrupt_before_the_command_starts_ends_quietly(monkeypatch):
    def interrupted(**options):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "app", interrupted)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 130


def test_an_output_that_knows_ascii_only_is_no_error():
    code = "import sys; sys.argv = ['', 'doctor']; from tinygrad_dnn.cli import main; main()"
    done = alone(code, PYTHONIOENCODING="ascii")
    assert done.stderr == ""
    assert "Layout of pictures" in done.stdout
    assert "\\u2713 " in done.stdout


@pytest.mark.parametrize("option", ["--csv", "--gradescope"])
def test_a_folder_that_is_not_there_is_named(run, tmp_path, option):
    path = tmp_path / "nowhere" / "grades"
    told = f"tinygrad-dnn check: {option} {path}: there is no folder {path.parent}\n"
    assert run("check", __file__, option, path) == (2, "", told)


def test_a_closed_pipe_is_no_error():
    command = [sys.executable, "-m", "tinygrad_dnn", *QUICK]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


# --- compare


def test_compare_prints_the_table(run):
    status, out, err = run(*QUICK)
    assert (status, err) == (0, "")
    assert out.startswith("iris: ")
    assert "Network 4-3-3 (relu, softmax), m = 120, float64" in out
    assert "All 8 gradients agree" in out
    assert "rel a-n" not in out


def test_compare_with_finite_differences_l2_and_dropout(run):
    network = ["--layers", "2-4-1", "--activations", "tanh, sigmoid", "--dtype", "float32"]
    status, out, _ = run("compare", "--data", "moons", *network, "--l2", 0.5, "--keep-prob", 0.8, "--examples", 40)
    assert status == 0
    assert "Network 2-4-1 (tanh, sigmoid), m = 40, float32, L2 penalty with λ = 0.5, dropout" in out
    assert "rel a-n" in out


def test_compare_prints_json(run):
    status, out, _ = run(*QUICK, "--json")
    data = json.loads(out)
    assert (status, data["ok"], data["data"]) == (0, True, "iris")
    assert [row["quantity"] for row in data["rows"]] == ["dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"]


def test_compare_writes_csv_or_prints_it(run, tmp_path):
    path = tmp_path / "table.csv"
    status, out, _ = run(*QUICK, "--csv", path)
    assert status == 0
    assert "All 8 gradients agree" in out
    assert len(list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))) == 8
    assert run(*QUICK, "--csv", "-")[1] == path.read_text(encoding="utf-8")


def test_the_seed_decides(run):
    first, again, other = (run(*QUICK, "--json", "--seed", seed)[1] for seed in (1, 1, 2))
    assert first == again != other


def test_compare_exits_with_1_where_a_gradient_differs(run, monkeypatch):
    from tinygrad_dnn.dnn import manual

    right = manual.L_model_backward_in_full
    monkeypatch.setattr(manual, "L_model_backward_in_full", lambda *args, **kw: {n: 2 * g for n, g in right(*args, **kw).items()})
    status, out, _ = run(*QUICK)
    assert status == 1
    assert "8 of 8 gradients do not agree" in out


def test_compare_reads_the_course_s_files(run, tmp_path):
    rng = np.random.default_rng(1)
    for part, m in (("train", 12), ("test", 4)):
        with h5py.File(tmp_path / f"{part}.h5", "w") as file:
            file[f"{part}_set_x"] = rng.integers(0, 256, (m, 8, 8, 3), dtype=np.uint8)
            file[f"{part}_set_y"] = np.arange(m) % 2
            file["list_classes"] = np.array([b"non-cat", b"cat"])
    course = ["compare", "--data", tmp_path / "train.h5", "--test", tmp_path / "test.h5", "--no-finite-differences"]
    status, out, err = run(*course)
    assert (status, err) == (0, "")
    assert "Network 192-20-7-5-1 (relu, relu, relu, sigmoid), m = 12" in out
    assert run(*course, "--seed", 1)[1] == out != run(*course, "--seed", 2)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "irys"], "'irys' is neither a data set nor a file; did you mean 'iris'?"),
        (["--data", "nowhere.h5"], "there is no file nowhere.h5"),
        (["--data", "iris", "--layers", "4-5-1"], "--layers 4-5-1 does not fit iris, which has 4 features and needs 3"),
        (["--data", "iris", "--layers", "4-x-3"], "--layers 4-x-3: units of two or more layers are wanted"),
        (["--data", "iris", "--layers", "4-0-3"], "--layers 4-0-3: units of two or more layers are wanted"),
        (["--data", "iris", "--layers", "4"], "--layers 4: units of two or more layers are wanted"),
        (["--data", "iris", "--layers", "4-3", "--activations", "sofmax"], "no activation 'sofmax'"),
        (["--data", "iris", "--layers", "4-3", "--activations", "relu,relu"], "must be a list with a name for each of"),
        (["--data", "iris", "--keep-prob", "0"], "keep_prob is 0.0; allowed: a number above 0"),
        (["--data", "iris", "--seed", "-1"], "seed = -1; a whole number from 0"),
        (["--data", "iris", "--csv", "/no/such/folder/table.csv"], "there is no folder /no/such/folder"),
    ],
)
def test_what_cannot_be_compared_is_explained(run, arguments, message):
    status, out, err = run("compare", *arguments)
    assert status == 2
    assert message in err
    assert err.startswith("tinygrad-dnn compare: ")
    assert err.count("\n") == 1
    assert out == ""


@pytest.mark.parametrize("arguments", [[], ["--data"], ["--data", "iris", "--dtype", "float16"], ["--data", "iris", "--l2", "-1"]])
def test_options_that_are_none_are_refused(run, arguments):
    status, out, err = run("compare", *arguments)
    assert status == 2
    assert "Error" in err
    assert out == ""
