"""DNNClassifier: scikit-learn's own checks, its tools, and that it learns."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from tinygrad_dnn.dnn import DNNClassifier, train
from tinygrad_dnn.dnn.data import targets

IRIS = load_iris(return_X_y=True)
QUICK = {"hidden_layer_sizes": (8,), "learning_rate": 0.02, "epochs": 40, "random_state": 1}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([DNNClassifier()])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [DNNClassifier(hidden_layer_sizes=(20, 10), patience=20, gradients="manual")],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": "what is set aside depends on the order of the examples"
    },
)
def test_scikit_learns_checks_of_training_by_hand_with_patience(estimator, check):
    check(estimator)


# --- what it learns


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris])
def test_it_learns_two_classes_and_several(load):
    X, y = load(return_X_y=True)
    network = make_pipeline(StandardScaler(), DNNClassifier(**QUICK))
    assert cross_val_score(network, X, y, cv=3).mean() > 0.9


def test_it_is_the_network_that_train_makes():
    X, y = IRIS
    classifier = DNNClassifier(**QUICK, l2=0.1, keep_prob=0.9, batch_size=20, activation="tanh", decay=0.01).fit(X, y)
    training = train(
        X.T,
        targets(y, 3),
        layers=(4, 8, 3),
        activations=("tanh", "softmax"),
        optimiser="adam",
        learning_rate=0.02,
        decay=0.01,
        epochs=40,
        batch_size=20,
        lambd=0.1,
        keep_prob=0.9,
        seed=classifier.training_.settings.seed,
    )
    assert classifier.loss_curve_ == [epoch.cost for epoch in training.history]
    np.testing.assert_allclose(classifier.predict_proba(X).T, training.probabilities(X.T), rtol=1e-12)
    np.testing.assert_array_equal(classifier.predict(X), training.predict(X.T))


def test_both_ways_to_the_gradients_give_the_same_network():
    X, y = IRIS
    by_autodiff, by_hand = (DNNClassifier(**QUICK, gradients=way).fit(X, y) for way in ("autodiff", "manual"))
    np.testing.assert_allclose(by_autodiff.predict_proba(X), by_hand.predict_proba(X), atol=1e-9)


def test_as_good_as_scikit_learns_own_network():
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=1, stratify=y)
    same = {"hidden_layer_sizes": (32,), "batch_size": 100, "random_state": 1}
    ours = DNNClassifier(**same, epochs=30).fit(X_train, y_train)
    theirs = MLPClassifier(**same, max_iter=30, tol=0, n_iter_no_change=99, alpha=0)
    with pytest.warns(match="Maximum iterations"):
        theirs.fit(X_train, y_train)
    assert ours.score(X_test, y_test) > theirs.score(X_test, y_test) - 0.01 > 0.9


@pytest.mark.parametrize("y", [["no", "yes"] * 20, [3, -1] * 20, ["a", "b", "c", "d"] * 10], ids=str)
def test_classes_may_be_text_or_any_numbers(y):
    X = np.random.default_rng(1).standard_normal((40, 2)) + np.array([[list(dict.fromkeys(y)).index(c)] for c in y])
    classifier = DNNClassifier(**QUICK).fit(X, y)
    assert classifier.classes_.tolist() == sorted(set(y))
    assert set(classifier.predict(X)) <= set(y)
    assert classifier.score(X, y) > 0.5
    probabilities = classifier.predict_proba(X)
    assert probabilities.shape == (40, len(set(y)))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(classifier.classes_[probabilities.argmax(axis=1)], classifier.predict(X))


def test_early_stopping_sets_examples_aside():
    X, y = load_digits(return_X_y=True)
    network = DNNClassifier((32,), learning_rate=0.01, epochs=300, patience=5, validation_fraction=0.3, random_state=1)
    network.fit(X / 16, y)
    assert network.n_iter_ == network.training_.state.best.epoch + 5 < 300
    assert network.training_.state.steps == network.n_iter_ * 7  # 1258 of 1797 in mini-batches of 200
    assert network.score(X / 16, y) > 0.95


def test_float32_is_learnt_from_in_float32():
    X, y = IRIS
    network = DNNClassifier(**QUICK).fit(X.astype(np.float32), y)
    assert network.predict_proba(X.astype(np.float32)).dtype == np.float32
    assert DNNClassifier(**QUICK).fit(X.astype(int), y).predict_proba(X).dtype == np.float64


def test_no_hidden_layer_is_logistic_regression():
    X, y = IRIS
    assert DNNClassifier((), learning_rate=0.1, epochs=100, random_state=1).fit(X, y).score(X, y) > 0.9
    assert DNNClassifier(5, epochs=1).fit(X, y).training_.settings.layers == (4, 5, 3)


# --- scikit-learn's tools


def test_it_can_be_searched_over():
    X, y = IRIS
    pipeline = make_pipeline(StandardScaler(), DNNClassifier(**QUICK))
    grid = {"dnnclassifier__hidden_layer_sizes": [(2,), (8,)], "dnnclassifier__learning_rate": [1e-6, 0.02]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
    assert search.best_params_["dnnclassifier__learning_rate"] == 0.02
    assert search.best_score_ > 0.9


def test_it_can_be_pickled_and_cloned():
    X, y = IRIS
    classifier = DNNClassifier(**QUICK).fit(X, y)
    again = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))
    fresh = clone(classifier)
    assert not hasattr(fresh, "classes_")
    np.testing.assert_array_equal(fresh.fit(X, y).predict_proba(X), classifier.predict_proba(X))


def test_the_random_state_decides_everything():
    X, y = IRIS
    first, second = (DNNClassifier((8,), epochs=3, random_state=7).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    other = DNNClassifier((8,), epochs=3, random_state=8).fit(X, y)
    assert not np.array_equal(first.predict_proba(X), other.predict_proba(X))
    source = np.random.RandomState(7)
    drawn = [DNNClassifier((8,), epochs=3, random_state=source).fit(X, y).predict_proba(X) for _ in range(2)]
    np.testing.assert_array_equal(drawn[0], first.predict_proba(X))
    assert not np.array_equal(*drawn)


# --- errors


def test_one_class_is_refused():
    with pytest.raises(ValueError, match=r"y holds one class only, .*1.*; at least two are needed"):
        DNNClassifier().fit(np.ones((4, 2)), np.ones(4))


@pytest.mark.parametrize(
    "wrong", [{"hidden_layer_sizes": (0,)}, {"optimiser": "sgd"}, {"keep_prob": 2}, {"epochs": 0}, {"l2": -1}], ids=str
)
def test_illegal_parameters_are_refused_when_fitting(wrong):
    with pytest.raises(ValueError, match="allowed: "):
        DNNClassifier(**wrong).fit(*IRIS)


WITHOUT = """
import sys
sys.modules["sklearn"] = None
import tinygrad_dnn.dnn as dnn
print(dnn.train(__import__("numpy").eye(2), __import__("numpy").eye(2)[:1], layers=(2, 1), epochs=1).state.epoch)
try:
    dnn.DNNClassifier
except ModuleNotFoundError as error:
    print(error)
"""


def test_without_scikit_learn_the_rest_works_and_the_classifier_says_what_to_install():
    run = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[0] == "1"
    assert "DNNClassifier needs scikit-learn" in run.stdout
    assert 'pip install "tinygrad-dnn[sklearn]"' in run.stdout


def test_the_package_has_no_other_hidden_names():
    import tinygrad_dnn.dnn as dnn

    with pytest.raises(AttributeError, match="no attribute 'DNNRegressor'"):
        dnn.DNNRegressor  # noqa: B018


def test_partial_fit_learns_in_portions_and_knows_classes_not_seen_yet():
    X, y = load_iris(return_X_y=True)
    X = (X - X.mean(0)) / X.std(0)
    names = np.array(["setosa", "versicolor", "virginica", "unseen"])
    network = DNNClassifier((16,), learning_rate=0.01, random_state=1)
    rng = np.random.default_rng(0)
    for _ in range(120):
        chosen = rng.permutation(len(X))[:60]
        network.partial_fit(X[chosen], names[y[chosen]], classes=names)
    assert network.classes_.tolist() == sorted(names)
    assert network.n_iter_ == 120
    assert network.score(X, names[y]) > 0.95
    assert network.predict_proba(X).shape == (150, 4)


def test_partial_fit_says_what_is_missing():
    X, y = [[1.0], [2.0]], ["a", "b"]
    with pytest.raises(ValueError, match="the first call needs classes"):
        DNNClassifier().partial_fit(X, y)
    with pytest.raises(ValueError, match=r"y holds \['b'\], not among the classes \['a', 'c'\]"):
        DNNClassifier().partial_fit(X, y, classes=["a", "c"])
    network = DNNClassifier((2,)).partial_fit(X, y, classes=["a", "b"])
    with pytest.raises(ValueError, match="not those of the first call"):
        network.partial_fit(X, y, classes=["a", "b", "c"])


def test_weights_count_as_repetitions_do():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((300, 2))
    y = (X[:, 0] + 0.5 * rng.standard_normal(300) > 0).astype(int)
    weights = np.where(y == 1, 5, 1)
    drawn = weights + 1e-9
    options = {"hidden_layer_sizes": (), "epochs": 300, "learning_rate": 0.05, "random_state": 0, "batch_size": None}
    weighted = DNNClassifier(**options).fit(X, y, sample_weight=weights)
    repeated = DNNClassifier(**options).fit(np.repeat(X, weights, axis=0), np.repeat(y, weights))
    plain = DNNClassifier(**options).fit(X, y)
    in_proportion = DNNClassifier(**options).fit(X, y, sample_weight=drawn)
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-9)
    difference = np.abs(in_proportion.predict_proba(X) - repeated.predict_proba(X)).max()
    assert difference < 0.03 < np.abs(plain.predict_proba(X) - repeated.predict_proba(X)).max()


def test_examples_of_weight_0_are_not_learnt_from():
    X, y = [[1.0], [2.0], [9.0]], [0, 1, 0]
    options = {"hidden_layer_sizes": (3,), "epochs": 5, "random_state": 0, "batch_size": None}
    without = DNNClassifier(**options).fit(X, y, sample_weight=[1, 1, 0])
    other = DNNClassifier(**options).fit([[1.0], [2.0], [-70.0]], y, sample_weight=[1, 1, 0])
    np.testing.assert_array_equal(without.predict_proba(X), other.predict_proba(X))


def test_negative_weights_are_refused():
    with pytest.raises(ValueError, match="expected: 3, 0 or more each"):
        DNNClassifier((2,)).fit([[1.0], [2.0], [3.0]], [0, 1, 0], sample_weight=[1, -1, 1])
