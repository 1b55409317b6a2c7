"""``tinygrad-dnn train``: what it prints and keeps, and how it exits."""

import json
import re
import sys
from functools import partial

import numpy as np
import pytest

from tinygrad_dnn import cli
from tinygrad_dnn.dnn import Training, manual, train
from tinygrad_dnn.dnn import settings as settings_module
from tinygrad_dnn.dnn.data import load

from .data_files import write_csv, write_pictures

QUICK = ["--data", "iris", "--layers", "4-5-3", "--optimiser", "adam", "--epochs", "20"]


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command in this process; return exit status, output and errors."""

    def runner(*arguments):
        monkeypatch.setattr(sys, "argv", ["tinygrad-dnn", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return end.value.code or 0, out, err

    return runner


@pytest.fixture
def run(command):
    return partial(command, "train")


def result(run, *arguments):
    status, out, err = run(*arguments, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


def test_help_shows_an_example_that_works(run):
    status, out, _ = run("--help")
    assert status == 0
    example = " ".join(out.split()).partition("Example: tinygrad-dnn train ")[2].partition(" ╭")[0].split("│")[0].split()
    command = example[: example.index("100") + 1]
    assert run(*command)[0] == 0


def test_it_says_what_was_trained_how_and_how_well(run):
    status, out, err = run(*QUICK, "--l2", "0.5", "--keep-prob", "0.9", "--batch-size", "32")
    assert (status, err) == (0, "")
    assert "iris: scikit-learn's iris flowers" in out
    assert "Network 4-5-3 (relu, softmax), 43 parameters, float64; gradients: autodiff" in out
    assert "adam, learning rate 0.001, mini-batches of 32, seed 1, L2 penalty λ 0.5, keep probability 0.9" in out
    assert "epoch      cost  accuracy" in out
    assert "20 epochs" in out
    assert re.search(r"Accuracy: training [\d.]+ % \(\d+ of 120\), test [\d.]+ % \(\d+ of 30\)\.", out)


def test_json_is_what_train_gives(run):
    data = load("iris")
    found = result(run, *QUICK, "--evaluate-every", "5")
    training = train(
        data.X_train, data.Y_train, layers=(4, 5, 3), optimiser="adam", epochs=20, evaluate_every=5
    )  # fmt: skip
    assert found["settings"] == training.settings.to_json()
    assert [line["cost"] for line in found["history"]] == [epoch.cost for epoch in training.history]
    assert found["history"][0]["accuracy"] is None
    assert found["history"][4]["accuracy"] == training.history[4].accuracy
    assert found["accuracy"] == {
        "training": training.accuracy(data.X_train, data.Y_train),
        "test": training.accuracy(data.X_test, data.Y_test),
    }
    assert found["parameters"] == 43
    assert found["data"]["classes"] == ["setosa", "versicolor", "virginica"]


@pytest.mark.parametrize(
    ("option", "value", "setting", "expected"),
    [
        ("--activations", "tanh,softmax", "activations", ["tanh", "softmax"]),
        ("--scaling", "small", "scaling", "small"),
        ("--optimiser", "momentum", "optimiser", "momentum"),
        ("--learning-rate", "0.5", "learning_rate", 0.5),
        ("--decay", "0.25", "decay", 0.25),
        ("--batch-size", "16", "batch_size", 16),
        ("--l2", "0.125", "lambd", 0.125),
        ("--keep-prob", "0.75", "keep_prob", 0.75),
        ("--patience", "7", "patience", 7),
        ("--evaluate-every", "3", "evaluate_every", 3),
        ("--gradients", "manual", "gradients", "manual"),
        ("--seed", "9", "seed", 9),
        ("--dtype", "float32", "dtype", "float32"),
        ("--epochs", "3", "epochs", 3),
    ],
)
def test_every_option_becomes_its_setting(run, option, value, setting, expected):
    found = result(run, *QUICK, option, value)
    assert found["settings"][setting] == expected


def test_the_course_s_network_is_the_default(run):
    assert result(run, "--data", "iris", "--epochs", "1")["settings"]["layers"] == [4, 20, 7, 5, 3]


def test_early_stopping_sets_a_part_of_the_training_set_aside(run):
    found = result(run, *QUICK, "--patience", "2", "--validation", "0.5", "--learning-rate", "0.2", "--epochs", "300")
    assert found["ending"].startswith("Stopped early after epoch")
    assert found["epochs"] == len(found["history"]) < 300
    assert all(line["validation_cost"] is not None for line in found["history"])


def test_pictures_with_a_test_file(run, tmp_path):
    write_pictures(tmp_path / "train.h5", "train", m=20)
    write_pictures(tmp_path / "test.h5", "test", m=8)
    files = ["--data", tmp_path / "train.h5", "--test", tmp_path / "test.h5"]
    found = result(run, *files, "--epochs", "2")
    assert found["settings"]["layers"][1:] == [20, 7, 5, 1]
    assert found["accuracy"].keys() == {"training", "test"}


# --- checkpoints


def test_a_resumed_training_ends_as_the_uninterrupted_one(run, tmp_path):
    file = tmp_path / "kept"
    options = [*QUICK, "--batch-size", "16", "--keep-prob", "0.8", "--validation", "0.2"]
    whole = result(run, *options)
    half = result(run, *options, "--epochs", "9", "--checkpoint", file)
    assert half["epochs"] == 9
    other = tmp_path / "other"
    resumed = result(run, "--resume", file, "--epochs", "20", "--checkpoint", other)
    assert {**whole, "seconds": 0} == {**resumed, "seconds": 0}
    assert (Training.load(file).state.epoch, Training.load(other).state.epoch) == (9, 20)
    again = result(run, "--resume", file, "--epochs", "12")
    assert again["history"] == whole["history"][:12]
    assert Training.load(file).state.epoch == 12


def test_ctrl_c_keeps_what_was_learnt_and_says_how_to_go_on(run, tmp_path, monkeypatch):
    count, by_autodiff = iter(range(99)), settings_module.GRADIENTS["autodiff"]

    def interrupted(*args, **kwargs):
        if next(count) == 5:
            raise KeyboardInterrupt
        return by_autodiff(*args, **kwargs)

    monkeypatch.setitem(settings_module.GRADIENTS, "autodiff", interrupted)
    file = tmp_path / "kept"
    status, out, err = run(*QUICK, "--checkpoint", file)
    assert status == 130
    assert "Interrupted after epoch 5" in out
    assert err == f"tinygrad-dnn train: stopped after epoch 5; tinygrad-dnn train --resume {file} goes on\n"
    assert result(run, "--resume", file)["history"] == result(run, *QUICK)["history"]


def test_an_existing_file_is_not_overwritten(run, tmp_path):
    file = tmp_path / "kept"
    file.write_text("precious")
    status, _, err = run(*QUICK, "--checkpoint", file)
    assert status == 2
    assert f"the file exists; --resume {file} goes on from it" in err
    assert file.read_text() == "precious"


@pytest.mark.parametrize(("options", "named"), [(["--seed", "1"], "--seed"), (["--data", "iris", "--l2", "1"], "--data, --l2")])
def test_resuming_takes_no_other_settings(run, options, named):
    status, _, err = run("--resume", "kept", *options)
    assert status == 2
    assert f"{named}: not with --resume" in err


def test_resuming_on_changed_data_is_refused(run, tmp_path):
    table, file = tmp_path / "table.csv", tmp_path / "kept"
    rows = [["a", "b", "target"], *([i % 7, i % 3, i % 2] for i in range(20))]
    write_csv(table, rows)
    assert run("--data", table, "--epochs", "2", "--checkpoint", file)[0] == 0
    assert run("--resume", file)[0] == 0
    write_csv(table, [*rows[:-1], [3.5, 0, 1]])
    status, _, err = run("--resume", file)
    assert status == 2
    assert "table.csv is not what it was when" in err


def test_resuming_what_the_command_did_not_write_is_refused(run, tmp_path):
    data = load("iris")
    train(data.X_train, data.Y_train, layers=(4, 3), epochs=1).save(tmp_path / "kept")
    status, _, err = run("--resume", tmp_path / "kept")
    assert status == 2
    assert "was not written by tinygrad-dnn train" in err


# --- errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--data is missing: a data set, as breast-cancer, or a file; or --resume"),
        (["--data", "irish"], "did you mean 'iris'?"),
        (["--data", "iris", "--layers", "5-3"], "--layers 5-3 does not fit iris"),
        (["--data", "iris", "--optimiser", "sgd"], "optimiser is 'sgd'; allowed:"),
        (["--data", "iris", "--gradients", "none"], "gradients is 'none'; allowed: autodiff or manual"),
        (["--data", "iris", "--learning-rate", "-1"], "learning_rate is -1.0; allowed:"),
        (["--data", "iris", "--validation", "1"], "--validation 1: a share from 0"),
        (["--data", "iris", "--patience", "3", "--validation", "0"], "--validation 0 leaves none"),
        (["--data", "iris", "--learning-rate", "1e300"], "learning rate"),
        (["--resume", "nowhere"], "there is no nowhere (looked for in "),
        (["--data", "iris", "--checkpoint", "nowhere/kept"], "there is no folder nowhere (looked for in "),
    ],
    ids=str,
)
def test_what_the_user_can_cause_is_told_in_a_line(run, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("tinygrad-dnn train: ")
    assert message in err
    assert err.count("\n") == 1


def test_the_manual_side_is_used_when_asked_for(run, monkeypatch):
    used = []
    spy = lambda *args, **kwargs: used.append(1) or manual.cost_and_gradients(*args, **kwargs)  # noqa: E731
    monkeypatch.setitem(settings_module.GRADIENTS, "manual", spy)
    by_hand = result(run, *QUICK, "--gradients", "manual")
    assert len(used) == 20
    by_autodiff = result(run, *QUICK)
    costs = [[line["cost"] for line in found["history"]] for found in (by_hand, by_autodiff)]
    np.testing.assert_allclose(*costs, rtol=0, atol=1e-10)


# --- what it leaves, and predictions


def test_out_leaves_a_network_curves_a_boundary_and_a_summary_and_predict_reads_it(run, command, tmp_path):
    out = tmp_path / "left"
    assert run("--data", "moons", "--epochs", 300, "--out", out, "--quiet")[0] == 0
    names = ["boundary.svg", "curves.svg", "network.safetensors", "summary.html", "summary.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    page = (out / "summary.html").read_text("utf-8")
    assert page.count("<svg") == 2
    assert not re.search(r'(src|href)="http|url\(http|@import', page)
    data = load("moons")
    np.save(tmp_path / "new.npy", data.X_test.T)
    status, printed, err = command("predict", out, tmp_path / "new.npy")
    assert (status, err) == (0, "")
    head, *rows = printed.splitlines()
    assert head == "class,probability of 0,probability of 1"
    found = np.array([int(row.split(",")[0]) for row in rows])
    training = Training.load(out / "network.safetensors")
    np.testing.assert_array_equal(found, training.predict(data.X_test))


def test_predict_scales_tables_as_the_training_did_and_finds_columns_by_name(run, command, tmp_path):
    rng = np.random.default_rng(0)
    table = [(a, 1000 * b, "big" if a + b > 0 else "small") for a, b in rng.standard_normal((80, 2))]
    rows = "\n".join(f"{a},{b},{c}" for a, b, c in table)
    (tmp_path / "t.csv").write_text("a,b,size\n" + rows)
    out = tmp_path / "left"
    options = ["--target", "size", "--epochs", 200, "--learning-rate", 0.01]
    assert run("--data", tmp_path / "t.csv", *options, "--out", out, "--quiet")[0] == 0
    (tmp_path / "new.csv").write_text("b;other;a\n3000;7;2\n-3000;7;-2\n")
    assert command("predict", out, tmp_path / "new.csv", "--out", tmp_path / "p.csv")[0] == 0
    assert [line.split(",")[0] for line in (tmp_path / "p.csv").read_text().splitlines()] == ["class", "big", "small"]
    (tmp_path / "few.csv").write_text("b;other\n3000;7\n")
    status, _, err = command("predict", out, tmp_path / "few.csv")
    assert (status, "no column is named 'a'" in err) == (2, True)
    np.save(tmp_path / "wide.npy", np.ones((2, 3)))
    assert "3 features an example, and the network has 2 inputs" in command("predict", out, tmp_path / "wide.npy")[2]


def test_the_defaults_learn_the_flower(run):
    for seed in range(1, 9):
        status, out, _ = run("--data", "flower", "--json", "--quiet", "--seed", str(seed))
        assert (status, min(json.loads(out)["accuracy"].values()) >= 0.88) == (0, True), seed


def test_what_is_said_goes_before_the_defaults_for_points_in_the_plane(run):
    chosen = {}
    for options in ("", "--activations relu,sigmoid --layers 2-3-1", "--optimiser momentum", "--learning-rate 0.1"):
        settings = json.loads(run("--data", "moons", "--json", "--quiet", *options.split(), "--epochs", "3")[1])["settings"]
        chosen[options] = settings["activations"][0], settings["learning_rate"], settings["epochs"]
    assert [*chosen.values()] == [("tanh", 0.01, 3), ("relu", 0.01, 3), ("tanh", 0.0075, 3), ("tanh", 0.1, 3)]
