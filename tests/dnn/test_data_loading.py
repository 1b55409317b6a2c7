"""Sets by name, the split, the scaling, and that a seed decides everything."""

import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from tinygrad_dnn.dnn.data import BUNDLED, Standardization, flower, labels_of, load, moons, stratified_split, targets

from ..cases import examples
from .data_files import write_csv, write_npz

ARRAYS = ("X_train", "Y_train", "X_test", "Y_test")
LABELS = hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(0, 4))


# ---------------------------------------------------------------------------------------------------- sets by name


@pytest.mark.parametrize(
    ("name", "n", "m", "n_outputs"),
    [
        ("breast-cancer", 30, 569, 1),
        ("digits", 64, 1797, 10),
        ("iris", 4, 150, 3),
        ("wine", 13, 178, 3),
        ("flower", 2, 400, 1),
        ("moons", 2, 400, 1),
    ],
)
def test_every_set_has_its_published_size(name, n, m, n_outputs):
    data = load(name)
    assert data.n_features == n == len(data.feature_names)
    assert data.n_outputs == n_outputs
    assert data.X_train.shape[1] + data.X_test.shape[1] == m
    for array in ARRAYS:
        assert getattr(data, array).dtype == np.float64
        assert getattr(data, array).flags.c_contiguous
        assert getattr(data, array).shape[0] == (n if array.startswith("X") else n_outputs)


def test_the_table_above_names_every_set():
    (mark,) = test_every_set_has_its_published_size.pytestmark
    assert {row[0] for row in mark.args[1]} == set(BUNDLED)


@pytest.mark.parametrize("name", ["breast_cancer", "digits", "iris", "wine"])
def test_the_bundled_sets_are_scikit_learns(name):
    bunch = getattr(datasets, f"load_{name}")()
    data = load(name.replace("_", "-"), test_size=0, standardize=False)
    np.testing.assert_array_equal(data.X_train, bunch.data.T)
    np.testing.assert_array_equal(data.labels_train, bunch.target)
    assert data.class_names == tuple(map(str, bunch.target_names))
    assert data.picture_shape == ((8, 8) if name == "digits" else None)


@pytest.mark.parametrize(("spec", "classes"), [("digits:8,3", (8, 3)), ("digits: 1, 7,9", (1, 7, 9))])
def test_some_classes_of_a_set_in_the_order_asked_for(spec, classes):
    bunch = datasets.load_digits()
    data = load(spec, test_size=0, standardize=False)
    kept = np.isin(bunch.target, classes)
    np.testing.assert_array_equal(data.X_train, bunch.data[kept].T)
    np.testing.assert_array_equal(np.array(classes)[data.labels_train], bunch.target[kept])
    assert data.class_names == tuple(map(str, classes))
    assert data.n_outputs == (1 if len(classes) == 2 else len(classes))


# ---------------------------------------------------------------------------------------------------- planar sets


def test_the_flower_is_the_courses():
    rng, points = np.random.RandomState(1), []
    for j in range(2):
        t = np.linspace(j * 3.12, (j + 1) * 3.12, 200) + rng.randn(200) * 0.2
        r = 4 * np.sin(4 * t) + rng.randn(200) * 0.2
        points += [(radius * np.sin(angle), radius * np.cos(angle)) for angle, radius in zip(t, r, strict=True)]
    X, Y = flower()
    np.testing.assert_allclose(X.T, points, rtol=1e-15, atol=0)
    np.testing.assert_array_equal(Y, [[0] * 200 + [1] * 200])
    np.testing.assert_allclose(X[0, :3], [1.20444229e00, 1.58709904e-01, 9.52471960e-02], rtol=5e-9)  # as published
    np.testing.assert_allclose(X[1, :3], [3.57611416e00, -1.48217090e00, -1.27995533e00], rtol=5e-9)


def test_moons_without_noise_are_scikit_learns():
    X, Y = moons(100, noise=0)
    theirs, labels = datasets.make_moons(100, shuffle=False)
    np.testing.assert_allclose(X.T, theirs, atol=1e-15)
    np.testing.assert_array_equal(Y[0], labels)


def test_noise_of_the_moons_has_the_asked_for_spread():
    noise = moons(20_000, noise=0.3)[0] - moons(20_000, noise=0)[0]
    assert abs(noise.std() - 0.3) < 0.005
    assert abs(noise.mean()) < 0.005


@pytest.mark.parametrize("make", [flower, moons])
@pytest.mark.parametrize("m", [0, 7, -2])
def test_planar_sets_have_as_many_of_each_class(make, m):
    with pytest.raises(ValueError, match=f"{make.__name__}: m = {m} examples; an even number from 2 on is needed"):
        make(m)


@pytest.mark.parametrize("make", [flower, moons])
def test_another_seed_makes_other_points(make):
    np.testing.assert_array_equal(make(seed=2)[0], make(seed=2)[0])
    assert (make(seed=2)[0] != make(seed=3)[0]).all()


@pytest.mark.parametrize("name", ["flower", "moons"])
def test_planar_sets_by_name_are_those_of_the_functions(name):
    X, Y = {"flower": flower, "moons": moons}[name](seed=5)
    data = load(name, seed=5, test_size=0)
    np.testing.assert_array_equal(data.X_train, X)
    np.testing.assert_array_equal(data.Y_train, Y)
    assert data.X_test.shape == (2, 0)
    assert data.Y_test.shape == (1, 0)


# ---------------------------------------------------------------------------------------------------- the split


@examples(60)
@given(labels=LABELS, test_size=st.floats(0, 0.99), seed=st.integers(0, 2**32 - 1))
def test_a_split_parts_every_class_in_the_same_share(labels, test_size, seed):
    train, test = stratified_split(labels, test_size, seed)
    np.testing.assert_array_equal(np.sort(np.r_[train, test]), np.arange(labels.size))
    assert (np.diff(train) > 0).all()
    assert (np.diff(test) > 0).all()
    for c in np.unique(labels):
        count, held_out = (labels == c).sum(), (labels[test] == c).sum()
        if test_size == 0 or count == 1:
            assert held_out == 0
        else:
            assert 1 <= held_out <= count - 1
            assert abs(held_out - test_size * count) <= 0.5 or held_out in (1, count - 1)


def test_a_split_has_the_same_classes_as_scikit_learns():
    labels = datasets.load_wine().target
    _, ours = stratified_split(labels, 0.25, seed=3)
    _, theirs = train_test_split(labels, test_size=0.25, stratify=labels, random_state=3)
    assert np.abs(np.bincount(labels[ours]) - np.bincount(theirs)).max() <= 1


def test_every_example_is_held_out_about_as_often():
    labels = np.repeat([0, 1], [30, 10])
    held_out = np.bincount(np.concatenate([stratified_split(labels, 0.3, seed)[1] for seed in range(400)]), minlength=40)
    assert held_out.min() > 80  # 120 expected, standard deviation 9
    assert held_out.max() < 160


def test_the_split_of_a_loaded_set_keeps_every_example_once_with_its_label():
    whole, data = load("wine", test_size=0, standardize=False), load("wine", standardize=False)
    X = np.concatenate([data.X_train, data.X_test], axis=1)
    Y = np.concatenate([data.Y_train, data.Y_test], axis=1)
    both, expected = np.concatenate([X, Y]), np.concatenate([whole.X_train, whole.Y_train])
    np.testing.assert_array_equal(both[:, np.lexsort(both)], expected[:, np.lexsort(expected)])


# ---------------------------------------------------------------------------------------------------- the scaling


@examples(60)
@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 9)), elements=st.floats(-1e6, 1e6, width=32)))
def test_standardised_features_are_scikit_learns(X):
    X = np.round(X, 3)
    expected = StandardScaler().fit_transform(X.T).T
    np.testing.assert_allclose(Standardization.fit(X)(X), expected, atol=1e-5)


@examples(100)
@given(
    X=hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 9)), elements=st.floats(-100, 100)),
    unit=st.sampled_from([1e-300, 1e-3, 1.0, 1e300]),
)
def test_standardised_features_have_mean_0_and_deviation_1_in_any_unit(X, unit):
    X = np.round(X, 2) * unit
    Z = Standardization.fit(X)(X)
    constant = X.max(axis=1) == X.min(axis=1)
    assert np.isfinite(Z).all()
    np.testing.assert_allclose(Z.mean(axis=1), 0, atol=1e-10)
    np.testing.assert_allclose(Z[~constant].std(axis=1), 1, rtol=1e-10)
    np.testing.assert_allclose(Z[constant], 0, atol=1e-15)


@pytest.mark.parametrize("value", [0.1, -0.3, 1e-310, 1e308, 0.0])
def test_a_constant_feature_becomes_0(value):
    X = np.full((1, 7), value)
    np.testing.assert_array_equal(Standardization.fit(X)(X), np.zeros((1, 7)))


def test_the_scaling_is_fitted_to_the_training_part_alone(tmp_path):
    train = write_npz(tmp_path / "a.npz", X=[[1.0, 3.0, 5.0, 7.0]], Y=[0, 1, 0, 1])
    test = write_npz(tmp_path / "b.npz", X=[[4.0, 1000.0]], Y=[0, 1])
    data = load(train, test=test)
    np.testing.assert_allclose(data.X_train, [np.array([-3, -1, 1, 3]) / np.sqrt(5)], rtol=1e-15)
    np.testing.assert_allclose(data.X_test, [np.array([0, 996]) / np.sqrt(5)], rtol=1e-15)
    np.testing.assert_array_equal(data.scaling(np.array([[4.0]])), [[0.0]])


@pytest.mark.parametrize(("name", "default"), [("iris", True), ("digits", True), ("flower", False), ("moons", False)])
def test_what_is_standardised_by_default_and_on_demand(name, default):
    assert (load(name).scaling is not None) == default
    assert load(name, standardize=False).scaling is None
    np.testing.assert_allclose(load(name, standardize=True).X_train.mean(axis=1), 0, atol=1e-13)


# ---------------------------------------------------------------------------------------------------- the seed


@pytest.mark.parametrize("name", BUNDLED)
def test_the_same_seed_gives_the_same_data_and_another_one_others(name):
    for array in ARRAYS:
        np.testing.assert_array_equal(getattr(load(name, seed=7), array), getattr(load(name, seed=7), array))
    assert not np.array_equal(load(name, seed=7).X_test, load(name, seed=8).X_test)


@pytest.mark.parametrize("name", BUNDLED)
def test_the_global_random_state_is_left_alone(name):
    def position():
        state = np.random.get_state()
        return state[1].tobytes(), *state[2:]

    before = position()
    load(name)
    assert position() == before


# ---------------------------------------------------------------------------------------------------- the data set


@examples(50)
@given(labels=LABELS, extra=st.integers(0, 3))
def test_targets_and_labels_are_inverse(labels, extra):
    n_classes = max(2, int(labels.max()) + 1 + extra)
    Y = targets(labels, n_classes)
    assert Y.shape == (1 if n_classes == 2 else n_classes, labels.size)
    assert set(Y.ravel()) <= {0.0, 1.0}
    if n_classes > 2:
        np.testing.assert_array_equal(Y.sum(axis=0), 1)
    np.testing.assert_array_equal(labels_of(Y), labels)


def test_a_data_set_cannot_be_changed():
    data = load("iris")
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.X_train = 0
    for array in ARRAYS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(data, array)[0, 0] = 5


def test_a_data_set_shows_its_classes():
    assert repr(load("iris:setosa,virginica", test_size=0.1)) == (
        "iris:setosa,virginica: scikit-learn's iris flowers of three species; 4 features, standardised; 2 classes\n"
        "  training 90 examples (setosa: 45, virginica: 45)\n"
        "  test     10 examples (setosa: 5, virginica: 5)"
    )
    whole = repr(load("iris", test_size=0, standardize=False))
    assert "4 features, not standardised; 3 classes" in whole
    assert "test     0 examples (setosa: 0, versicolor: 0, virginica: 0)" in whole


def test_a_data_set_can_be_pickled():
    data = load("iris")
    again = pickle.loads(pickle.dumps(data))
    np.testing.assert_array_equal(again.X_test, data.X_test)
    assert repr(again) == repr(data)


def test_a_file_is_named_relative_to_home_too(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write_csv(tmp_path / "a.csv", [["x", "target"], [1, 0], [2, 1]])
    assert load("~/a.csv", test_size=0).X_train.shape == (1, 2)
