"""Checkpoints and Ctrl-C: what was interrupted goes on to the last bit; a file is whole or not there."""

import json
import os
import sys

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tinygrad_dnn.dnn import Settings, Training
from tinygrad_dnn.dnn import settings as settings_module
from tinygrad_dnn.dnn.state import Checkpoint

from ..cases import examples

RNG = np.random.default_rng(5)
X, Y = RNG.standard_normal((6, 40)), (RNG.random((1, 40)) > 0.5) * 1.0
VALIDATION = X[:, ::-3], Y[:, ::3]
CONFIGURATIONS = [
    {"layers": (6, 5, 1)},
    {"layers": (6, 5, 1), "optimiser": "momentum", "decay": 0.1, "dtype": "float32", "gradients": "manual"},
    {"layers": (6, 5, 4, 1), "optimiser": "adam", "batch_size": 16, "keep_prob": (0.9, 0.6), "lambd": 0.3},
    {
        "layers": (6, 5, 1),
        "optimiser": "adam",
        "learning_rate": 0.05,
        "patience": 8,
        "batch_size": 7,
        "evaluate_every": 1,
    },
]


def settings_of(configuration, epochs=20):
    return Settings(**{"evaluate_every": 3, **configuration}, epochs=epochs)


def assert_identical(a, b):
    """Every bit of two trainings is the same."""
    assert a.settings == b.settings
    assert (a.state.epoch, a.state.steps) == (b.state.epoch, b.state.steps)
    pairs = [(a.state.theta, b.state.theta), *zip(a.state.averages, b.state.averages, strict=True)]
    assert (a.state.best is None) == (b.state.best is None)
    if a.state.best:
        assert a.state.best[1:] == b.state.best[1:]
        pairs.append((a.state.best.theta, b.state.best.theta))
    pairs.append((np.array(a.history), np.array(b.history)))
    for x, y in pairs:
        assert x.dtype == y.dtype
        assert x.tobytes() == y.tobytes()


# --- resumed


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
@pytest.mark.parametrize("stop", [1, 8, 19])
def test_a_resumed_training_is_the_uninterrupted_one_to_the_last_bit(configuration, stop, tmp_path):
    whole = Training(settings_of(configuration)).run(X, Y, VALIDATION)
    first = Training(settings_of(configuration, stop)).run(X, Y, VALIDATION, checkpoint=tmp_path / "half")
    if whole.state.epoch > stop:
        assert first.state.epoch == stop
    second = Training.load(tmp_path / "half", epochs=20).run(X, Y, VALIDATION)
    assert_identical(whole, second)


def test_early_stopping_goes_on_counting(tmp_path):
    configuration = CONFIGURATIONS[-1]
    whole = Training(settings_of(configuration, 100)).run(X, Y, VALIDATION)
    assert whole.state.best.epoch + 8 == whole.state.epoch < 100
    part = Training(settings_of(configuration, whole.state.epoch - 3)).run(X, Y, VALIDATION)
    part.save(tmp_path / "part")
    assert_identical(whole, Training.load(tmp_path / "part", epochs=100).run(X, Y, VALIDATION))


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_what_is_saved_is_what_is_loaded(configuration, tmp_path):
    training = Training(settings_of(configuration, 5), notes={"data": "drawn", "share": 0.25, "none": None})
    training.run(X, Y, VALIDATION).save(tmp_path / "kept")
    loaded = Training.load(tmp_path / "kept")
    assert_identical(training, loaded)
    assert loaded.notes == training.notes
    assert loaded.finished


def test_the_parameters_lie_in_the_file_under_their_names(tmp_path):
    training = Training(settings_of(CONFIGURATIONS[2], 3)).run(X, Y, checkpoint=tmp_path / "kept")
    tensors = safetensors.numpy.load_file(tmp_path / "kept")
    for name, value in training.parameters.items():
        np.testing.assert_array_equal(tensors[name], value)
    assert {"v/W1", "s/b3", "history"} <= tensors.keys()
    assert tensors["history"].shape == (3, 5)


# --- interrupted


@pytest.fixture
def press_ctrl_c(monkeypatch):
    """Make the n-th computation of a gradient be interrupted, once."""

    def at(n):
        count, function = iter(range(10**6)), settings_module.GRADIENTS["autodiff"]

        def interrupted(*args, **kwargs):
            if next(count) == n:
                raise KeyboardInterrupt
            return function(*args, **kwargs)

        monkeypatch.setitem(settings_module.GRADIENTS, "autodiff", interrupted)

    return at


@pytest.mark.parametrize("n", [0, 1, 13, 14, 15])
def test_ctrl_c_keeps_the_finished_epochs_and_training_can_go_on(n, press_ctrl_c, tmp_path):
    configuration = CONFIGURATIONS[2]  # three mini-batches an epoch
    whole = Training(settings_of(configuration)).run(X, Y)
    press_ctrl_c(n)
    stopped = Training(settings_of(configuration)).run(X, Y, checkpoint=tmp_path / "kept", checkpoint_every=2)
    assert stopped.interrupted
    assert not stopped.finished
    assert stopped.state.epoch == len(stopped.history) == n // 3
    loaded = Training.load(tmp_path / "kept")
    assert_identical(stopped, loaded)
    assert_identical(whole, stopped.run(X, Y))
    assert not stopped.interrupted
    assert_identical(whole, loaded.run(X, Y))


def test_an_interruption_between_history_and_state_leaves_no_extra_line(monkeypatch):
    training = Training(settings_of(CONFIGURATIONS[0]))
    for epoch in training.epochs(X, Y):
        if training.state.epoch == 4:
            training.history.append(epoch)  # as if the next epoch had got that far
            break
    whole = Training(settings_of(CONFIGURATIONS[0])).run(X, Y)
    assert_identical(whole, training.run(X, Y))


def test_checkpoints_are_written_on_the_way(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(Checkpoint, "write", lambda self, path: written.append((self.state.epoch, path)))
    Training(settings_of(CONFIGURATIONS[0], 10)).run(X, Y, checkpoint=tmp_path / "kept", checkpoint_every=4)
    assert written == [(epoch, tmp_path / "kept") for epoch in (0, 4, 8, 10)]


def test_a_training_that_fails_keeps_what_went_well(tmp_path):
    training = Training(Settings(layers=(6, 9, 1), learning_rate=1e300, epochs=50))
    with pytest.raises(ValueError, match="learning rate"):
        training.run(X, Y, checkpoint=tmp_path / "kept")
    assert_identical(training, Training.load(tmp_path / "kept"))


# --- whole or not there


@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(function, tmp_path, monkeypatch):
    path = tmp_path / "kept"
    training = Training(settings_of(CONFIGURATIONS[0], 3)).run(X, Y, checkpoint=path)
    before = path.read_bytes()

    def fails(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, function, fails)
    with pytest.raises(OSError, match="the disk is full"):
        training.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_the_file_gets_its_name_when_it_is_complete(tmp_path, monkeypatch):
    sizes, replace = [], os.replace

    def spy(source, target):
        sizes.append(os.path.getsize(source))
        assert os.path.dirname(source) == os.path.dirname(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", spy)
    Training(settings_of(CONFIGURATIONS[0])).save(tmp_path / "kept")
    assert sizes == [os.path.getsize(tmp_path / "kept")]


def test_the_file_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "any").touch()
    Training(settings_of(CONFIGURATIONS[0])).save(tmp_path / "kept")
    assert (tmp_path / "kept").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_a_folder_that_is_not_there_is_told_before_training(tmp_path):
    training = Training(settings_of(CONFIGURATIONS[0]))
    with pytest.raises(FileNotFoundError):
        training.run(X, Y, checkpoint=tmp_path / "nowhere" / "kept")
    assert training.state.epoch == 0


@given(data=st.data())
@examples(60, ignoring=HealthCheck.function_scoped_fixture)
def test_a_damaged_file_is_refused_in_words(data, tmp_path):
    path = tmp_path / "kept"
    Training(settings_of(CONFIGURATIONS[3], 3)).run(X, Y, VALIDATION).save(path)
    content = bytearray(path.read_bytes())
    cut = data.draw(st.booleans())
    place = data.draw(st.integers(0, len(content) - 1))
    if cut:
        del content[place:]
    else:
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is no complete checkpoint of a training"):
        Training.load(path)


def test_one_flipped_bit_is_refused(tmp_path):
    path = tmp_path / "kept"
    Training(settings_of(CONFIGURATIONS[3], 3)).run(X, Y, VALIDATION).save(path)
    content = path.read_bytes()
    for place in np.random.default_rng(0).integers(0, 8 * len(content), 150):
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="is no complete checkpoint of a training"):
            Training.load(path)


def test_leftovers_of_killed_runs_are_removed(tmp_path):
    gone = tmp_path / ".kept.2147483647.abc.tmp"
    running = tmp_path / f".kept.{os.getpid()}.abc.tmp"
    other = tmp_path / ".kept.mine"
    for path in (gone, running, other):
        path.write_text("")
    Training(settings_of(CONFIGURATIONS[0], 3)).run(X, Y).save(tmp_path / "kept")
    assert [gone.exists(), running.exists(), other.exists()] == [False, True, True]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda plain, tensors: plain.update(format=2), "its format is 2, and this version reads 1"),
        (lambda plain, tensors: plain.update(epoch=7), "its history has 3 epochs, and 7 were made"),
        (lambda plain, tensors: plain["settings"].update(lr=1), "Settings: the names are"),
        (lambda plain, tensors: plain["settings"].update(seed=-1), "seed is -1"),
        (lambda plain, tensors: plain["settings"].update(layers=[6, 4, 1]), r"its W1 is \(5, 6\), float64"),
        (lambda plain, tensors: plain["settings"].update(dtype="float32"), "the settings want .*float32"),
        (lambda plain, tensors: plain.pop("steps"), "steps"),
        (lambda plain, tensors: tensors.pop("b2"), "b2"),
        (lambda plain, tensors: tensors.pop("history"), "history"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(change, message, tmp_path):
    path = tmp_path / "kept"
    Training(settings_of(CONFIGURATIONS[0], 3)).run(X, Y).save(path)
    with safetensors.safe_open(path, "numpy") as file:
        plain = json.loads(file.metadata()["tinygrad_dnn"])
    tensors = safetensors.numpy.load_file(path)
    change(plain, tensors)
    safetensors.numpy.save_file(tensors, path, {"tinygrad_dnn": json.dumps(plain)})
    with pytest.raises(ValueError, match=f"is no complete checkpoint .*{message}"):
        Training.load(path)


def test_a_file_of_somebody_else_is_refused(tmp_path):
    safetensors.numpy.save_file({"x": np.ones(3)}, tmp_path / "other")
    with pytest.raises(ValueError, match=r"other is no complete checkpoint of a training .* Training.save"):
        Training.load(tmp_path / "other")
    with pytest.raises(FileNotFoundError):
        Training.load(tmp_path / "nowhere")


def test_without_safetensors_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ModuleNotFoundError, match=r'checkpoints need safetensors: pip install "tinygrad-dnn\[train\]"'):
        Training(settings_of(CONFIGURATIONS[0])).save(tmp_path / "kept")
