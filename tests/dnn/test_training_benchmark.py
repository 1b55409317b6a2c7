"""The benchmark of training: all contenders learn the same, and what is written down was measured. Nothing is timed."""

import doctest

import numpy as np
import pytest

from benchmarks import dnn
from benchmarks.timing import clock_for

from .data_files import write_pictures

LAYERS = (6, 4, 3, 1)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(dnn, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(dnn, "LAYERS", LAYERS)
    monkeypatch.setattr(dnn, "ITERATIONS", 100)
    return dnn.examples(None, m=9)


def test_all_contenders_learn_the_same(small):
    dnn.verify(dnn.steps(small.X, small.Y, LAYERS), n=20)


def test_a_contender_that_learns_something_else_is_found(small):
    made = dnn.steps(small.X, small.Y, LAYERS)
    made["autodiff"] = dnn.in_training(small.X, small.Y * 0.99, LAYERS, "autodiff")
    with pytest.raises(AssertionError):
        dnn.verify(made)


def test_pictures_are_read(tmp_path):
    data = dnn.examples(write_pictures(tmp_path / "train.h5", "train", m=8))
    assert data.Y.shape == (1, 8)
    assert data.X.shape[1] == 8
    assert 0 <= data.X.min() <= data.X.max() <= 1


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_every_section_runs_and_names_its_goals(small):
    clock = clock_for(1)
    text = dnn.step_section(small, quick=True, clock=clock) + dnn.runs_section(small, quick=True, clock=clock)
    assert text.count("≤ 0.75: ") == 1
    assert text.count("≤ 60 s: ") == 2
    assert text.count("≤ 5 s: ") == 1
    digits = dnn.digits_section(quick=True, clock=clock, task=dnn.Digits(hidden=(8,), epochs=2))
    assert digits.count("≤ 1: ") == 1
    assert "≤ 0.01: " in digits


def test_both_networks_have_the_same_settings():
    networks = dnn.Digits(hidden=(8,), epochs=3, batch_size=50).networks(seed=4)
    theirs, ours = networks["MLPClassifier"], networks["DNNClassifier"]
    assert theirs.hidden_layer_sizes == ours.hidden_layer_sizes == (8,)
    assert theirs.max_iter == ours.epochs == 3
    assert theirs.batch_size == ours.batch_size == 50
    assert theirs.random_state == ours.random_state == 4
    assert theirs.alpha == ours.l2 == 0
    X_train, _, y_train, _ = dnn.Digits().parts(seed=1)
    rule = ours.fit(X_train[:99], y_train[:99]).training_.settings
    assert (rule.beta1, rule.beta2, rule.epsilon) == (theirs.beta_1, theirs.beta_2, theirs.epsilon)
    assert rule.learning_rate == theirs.learning_rate_init
    assert np.isclose(len(X_train), 1257)
