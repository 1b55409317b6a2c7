"""Training: the same curve by autodiff and by hand, what each setting does, and that a seed decides everything."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_dnn.dnn import Settings, Training, manual, train
from tinygrad_dnn.dnn import settings as settings_module
from tinygrad_dnn.dnn.batches import Part
from tinygrad_dnn.dnn.data import load, moons, targets
from tinygrad_dnn.dnn.optimisers import OPTIMISERS, Adam, GradientDescent, Momentum

from ..cases import examples

RNG = np.random.default_rng(5)
X2, Y2 = RNG.standard_normal((6, 40)), (RNG.random((1, 40)) > 0.5) * 1.0
X3, Y3 = RNG.standard_normal((6, 40)), targets(RNG.integers(0, 3, 40), 3)


def data_for(layers):
    return (X2, Y2) if layers[-1] == 1 else (X3, Y3)


def trained(**settings):
    return train(*data_for(settings["layers"]), **settings)


# --- by autodiff and by hand


@pytest.mark.parametrize(
    "configuration",
    [
        {"layers": (6, 1)},
        {"layers": (6, 5, 4, 1), "learning_rate": 0.3},
        {"layers": (6, 5, 4, 1), "optimiser": "momentum", "learning_rate": 0.2, "decay": 0.05},
        {"layers": (6, 8, 3), "optimiser": "adam", "learning_rate": 0.02, "lambd": 0.7},
        {"layers": (6, 8, 5, 3), "activations": ("tanh", "leaky_relu", "softmax"), "learning_rate": 0.1},
        {"layers": (6, 8, 5, 1), "optimiser": "adam", "learning_rate": 0.01, "keep_prob": 0.8},
        {"layers": (6, 7, 3), "batch_size": 16, "optimiser": "momentum", "keep_prob": (0.7,), "lambd": 0.1},
        {"layers": (6, 7, 3), "activations": ("sigmoid", "sigmoid"), "batch_size": 10, "learning_rate": 0.5},
    ],
    ids=str,
)
def test_autodiff_and_hand_derived_gradients_give_the_same_curve_over_100_steps(configuration):
    by_autodiff = trained(epochs=100, gradients="autodiff", evaluate_every=1, **configuration)
    by_hand = trained(epochs=100, gradients="manual", evaluate_every=1, **configuration)
    assert by_autodiff.state.steps >= 100
    curve, other = np.array(by_autodiff.history), np.array(by_hand.history)
    np.testing.assert_allclose(curve, other, rtol=0, atol=1e-10, equal_nan=True)
    np.testing.assert_allclose(by_autodiff.state.theta, by_hand.state.theta, rtol=0, atol=1e-10)
    assert curve[-1, 0] != curve[0, 0]


@pytest.mark.parametrize("gradients", ["autodiff", "manual"])
def test_gradients_come_from_where_they_are_said_to(gradients, monkeypatch):
    used = []
    for name, function in settings_module.GRADIENTS.items():
        spy = lambda *args, _name=name, _f=function, **kwargs: used.append(_name) or _f(*args, **kwargs)  # noqa: E731
        monkeypatch.setitem(settings_module.GRADIENTS, name, spy)
    trained(layers=(6, 3, 1), epochs=2, gradients=gradients)
    assert used == [gradients] * 2


def test_it_is_the_loop_of_the_course():
    training = trained(layers=(6, 5, 4, 1), epochs=30, learning_rate=0.2)
    parameters = manual.initialize_parameters_deep((6, 5, 4, 1), scaling="fan_in", seed=1)
    costs = []
    for _ in range(30):
        AL, caches = manual.L_model_forward(X2, parameters)
        costs.append(manual.compute_cost(AL, Y2))
        parameters = manual.update_parameters(parameters, manual.L_model_backward(AL, Y2, caches), 0.2)
    np.testing.assert_allclose([epoch.cost for epoch in training.history], costs, rtol=1e-12)
    for name, value in training.parameters.items():
        np.testing.assert_allclose(value, parameters[name], rtol=1e-10, atol=1e-13)


# --- optimisers: against the published algorithms, written for one number


def momentum_of_one(theta, gradients, alpha, beta=0.9):
    v = 0.0
    for g in gradients:
        v = beta * v + (1 - beta) * g
        theta = theta - alpha * v
    return theta


def adam_of_one(theta, gradients, alpha, beta1=0.9, beta2=0.999, epsilon=1e-8):
    first = second = 0.0
    for t, g in enumerate(gradients, start=1):
        first = beta1 * first + (1 - beta1) * g
        second = beta2 * second + (1 - beta2) * g * g
        theta = theta - alpha * (first / (1 - beta1**t)) / (math.sqrt(second / (1 - beta2**t)) + epsilon)
    return theta


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8), st.floats(-10, 10), st.floats(1e-4, 1.0))
@examples(60)
def test_optimisers_follow_the_published_algorithms(gradients, start, alpha):
    expected = {
        GradientDescent(): start - alpha * math.fsum(gradients),
        Momentum(): momentum_of_one(start, gradients, alpha),
        Adam(): adam_of_one(start, gradients, alpha),
    }
    assert {type(rule) for rule in expected} == set(OPTIMISERS.values())
    for rule, end in expected.items():
        theta, averages = np.array([start, 0.0]), tuple(np.zeros(2) for _ in rule.averages)
        for t, g in enumerate(gradients, start=1):
            theta, averages = rule.after(theta, np.array([g, 0.0]), averages, t, alpha)
        assert theta[0] == pytest.approx(end, rel=1e-9, abs=1e-9)
        assert theta[1] == 0


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_step_changes_nothing_in_place(optimiser):
    rule = OPTIMISERS[optimiser]()
    arrays = [np.ones(3), np.full(3, 2.0), *(np.full(3, 0.5) for _ in rule.averages)]
    for array in arrays:
        array.flags.writeable = False
    rule.after(arrays[0], arrays[1], tuple(arrays[2:]), 3, 0.1)


def test_the_constants_reach_the_optimiser():
    settings = Settings(layers=(2, 1), optimiser="adam", beta1=0.8, beta2=0.9, epsilon=1e-3)
    assert settings.rule.constants == {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}
    assert Settings(layers=(2, 1), optimiser="momentum", beta1=0.8).rule.constants == {"beta": 0.8}
    with pytest.raises(TypeError, match="Momentum: there is no constant beta2; its constants: beta"):
        Momentum(beta2=0.9)


# --- mini-batches, penalty, dropout, decay


@given(st.integers(1, 30), st.integers(1, 35), st.integers(0, 5))
@examples(60)
def test_mini_batches_hold_every_example_once_with_its_label(m, size, seed):
    X = np.arange(2.0 * m).reshape(2, m)
    Y = (np.arange(m) % 2)[np.newaxis]
    part = Part.of(X, Y, Settings(layers=(2, 1)))
    batches = list(part.batches(size, np.random.default_rng(seed)))
    assert [x.shape[1] for x, _ in batches] == [min(size, m - k) for k in range(0, m, size)]
    seen, labels = np.concatenate([x for x, _ in batches], 1), np.concatenate([y for _, y in batches], 1)
    assert sorted(seen[0]) == list(range(m))
    np.testing.assert_array_equal(labels[0], seen[0] % 2)
    np.testing.assert_array_equal(seen[1], seen[0] + m)


def test_every_epoch_shuffles_anew_and_a_full_batch_is_left_as_it_is(monkeypatch):
    orders = []
    by_hand = manual.cost_and_gradients
    spy = lambda parameters, X, *args, **kwargs: orders.append(X[0].tolist()) or by_hand(parameters, X, *args, **kwargs)  # noqa: E731
    monkeypatch.setitem(settings_module.GRADIENTS, "manual", spy)
    trained(layers=(6, 1), epochs=2, batch_size=39, gradients="manual")
    assert orders[0] != orders[2]
    assert sorted(orders[0] + orders[1]) == sorted(orders[2] + orders[3]) == sorted(X2[0])
    orders.clear()
    trained(layers=(6, 1), epochs=2, gradients="manual")
    assert orders == [X2[0].tolist()] * 2


@pytest.mark.parametrize("batch_size", [None, 40, 16, 7])
def test_the_penalty_is_that_of_the_whole_set_whatever_the_mini_batches(batch_size):
    training = trained(layers=(6, 4, 1), epochs=1, batch_size=batch_size, lambd=3.0, learning_rate=1e-300)
    AL, _ = manual.L_model_forward(X2, training.parameters)
    expected = manual.compute_cost_with_regularization(AL, Y2, training.parameters, 3.0)
    assert training.history[0].cost == pytest.approx(expected, rel=1e-12)


def test_dropout_drops_in_training_only():
    settings = {"layers": (6, 50, 1), "epochs": 3, "learning_rate": 1e-300}
    costs = [epoch.cost for epoch in trained(keep_prob=0.5, **settings).history]
    assert len(set(costs)) == 3
    assert len({epoch.cost for epoch in trained(**settings).history}) == 1
    training = trained(keep_prob=0.5, **settings)
    np.testing.assert_array_equal(training.probabilities(X2), training.probabilities(X2))


def test_the_learning_rate_decays():
    training = trained(layers=(6, 1), epochs=4, learning_rate=0.5, decay=1.0)
    assert [epoch.learning_rate for epoch in training.history] == [0.5, 0.25, 0.5 / 3, 0.125]
    step = training.state.theta
    shorter = trained(layers=(6, 1), epochs=3, learning_rate=0.5, decay=1.0)
    _, grads = manual.cost_and_gradients(shorter.parameters, X2, Y2)
    np.testing.assert_allclose(step, shorter.state.theta - 0.125 * training.layout.vector(grads, "d"), atol=1e-12)


# --- evaluation and early stopping


def test_the_history_notes_accuracy_and_validation_when_asked():
    settings = Settings(layers=(6, 4, 1), epochs=7, evaluate_every=3)
    training = Training(settings).run(X2, Y2, (X2[:, :9], Y2[:, :9]))
    evaluated = [not math.isnan(epoch.accuracy) for epoch in training.history]
    assert evaluated == [False, False, True, False, False, True, False]
    assert [not math.isnan(epoch.validation_cost) for epoch in training.history] == evaluated
    at_six = Training(Settings(layers=(6, 4, 1), epochs=6)).run(X2, Y2)
    AL = at_six.probabilities(X2[:, :9])
    assert training.history[5].accuracy == at_six.accuracy(X2, Y2) == np.mean((at_six.probabilities(X2) > 0.5) == Y2)
    assert training.history[5].validation_accuracy == np.mean((AL > 0.5) == Y2[:, :9])
    assert training.history[5].validation_cost == pytest.approx(manual.compute_cost(AL, Y2[:, :9]), rel=1e-12)
    never = Training(Settings(layers=(6, 4, 1), epochs=4, evaluate_every=0)).run(X2, Y2, (X2, Y2))
    assert np.isnan(np.array(never.history)[:, 1:4]).all()


def test_early_stopping_keeps_the_best_parameters():
    settings = Settings(layers=(6, 20, 1), optimiser="adam", learning_rate=0.05, epochs=500, patience=5)
    validation = X3[:, :20], Y2[:, 20:]  # labels by chance: the cost rises soon
    training = Training(settings).run(X2, Y2, validation)
    costs = [epoch.validation_cost for epoch in training.history]
    best = int(np.argmin(costs)) + 1
    assert training.finished
    assert len(costs) == best + 5 < 500
    assert training.state.best.epoch == best
    AL = training.probabilities(validation[0])
    assert manual.compute_cost(AL, validation[1]) == pytest.approx(min(costs), rel=1e-12)
    again = Training(Settings(layers=(6, 20, 1), optimiser="adam", learning_rate=0.05, epochs=best)).run(X2, Y2)
    np.testing.assert_array_equal(training.parameters["W1"], again.parameters["W1"])


def test_predictions_of_several_classes():
    training = trained(layers=(6, 12, 3), optimiser="adam", learning_rate=0.05, epochs=150)
    A = training.probabilities(X3)
    np.testing.assert_allclose(A.sum(axis=0), 1)
    np.testing.assert_array_equal(training.predict(X3), A.argmax(axis=0))
    assert training.accuracy(X3, Y3) == np.mean(A.argmax(axis=0) == Y3.argmax(axis=0)) > 0.9


def test_it_learns_real_data():
    data = load("breast-cancer")
    training = train(data.X_train, data.Y_train, layers=(30, 16, 8, 1), optimiser="adam", learning_rate=0.01, epochs=60)
    assert training.accuracy(data.X_test, data.Y_test) > 0.93
    assert training.history[-1].cost < 0.1 * training.history[0].cost


# --- a seed decides everything


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    settings = {"layers": (6, 5, 1), "epochs": 5, "batch_size": 8, "keep_prob": 0.7}
    np.random.seed(1)
    first = trained(seed=3, **settings)
    state = np.random.get_state()[1].copy()
    np.random.seed(2)
    second = trained(seed=3, **settings)
    assert np.array_equal(first.history, second.history, equal_nan=True)
    np.testing.assert_array_equal(first.state.theta, second.state.theta)
    assert not np.array_equal(first.state.theta, trained(seed=4, **settings).state.theta)
    np.random.seed(1)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


@pytest.mark.parametrize("gradients", ["autodiff", "manual"])
def test_float32_stays_float32(gradients):
    training = trained(
        layers=(6, 5, 3), optimiser="adam", dtype="float32", epochs=3, keep_prob=0.9, batch_size=9, lambd=0.1,
        gradients=gradients,
    )  # fmt: skip
    arrays = [training.state.theta, *training.state.averages, training.probabilities(X3), training.parameters["b1"]]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_data_and_first_parameters_are_left_as_they_were():
    X, Y = X2.copy(), Y2.copy()
    parameters = manual.initialize_parameters_deep((6, 3, 1))
    before = {name: value.copy() for name, value in parameters.items()}
    training = Training(Settings(layers=(6, 3, 1), epochs=3, batch_size=9), parameters).run(X, Y)
    training.parameters["W1"][:] = 0
    assert np.any(training.parameters["W1"])
    np.testing.assert_array_equal(X, X2)
    np.testing.assert_array_equal(Y, Y2)
    assert X.flags.writeable
    for name, value in before.items():
        np.testing.assert_array_equal(parameters[name], value)
    other = Training(Settings(layers=(6, 3, 1), epochs=3, batch_size=9)).run(X, Y)
    assert not np.array_equal(training.state.theta, other.state.theta)


# --- errors


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"layers": (3,)}, r"layers is \(3,\); allowed: two or more positive whole numbers"),
        ({"layers": (3, 0, 1)}, "layers is"),
        ({"layers": 7}, "layers is 7"),
        ({"layers": (3, 2.5, 1)}, "layers is"),
        ({"optimiser": "sgd"}, "optimiser is 'sgd'; allowed: gradient-descent or momentum or adam"),
        ({"gradients": "numerical"}, "gradients is 'numerical'; allowed: autodiff or manual"),
        ({"learning_rate": 0}, "learning_rate is 0; allowed: a number above 0, or None"),
        ({"learning_rate": math.nan}, "learning_rate is nan"),
        ({"learning_rate": "0.1"}, "learning_rate is '0.1'"),
        ({"decay": -1}, "decay is -1; allowed: a number, 0 or above"),
        ({"beta1": 1}, "beta1 is 1; allowed: a number from 0 to below 1"),
        ({"beta2": -0.1}, "beta2 is -0.1"),
        ({"epsilon": 0}, "epsilon is 0"),
        ({"epochs": 0}, "epochs is 0; allowed: a whole number, at least 1"),
        ({"epochs": 1.5}, "epochs is 1.5"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"lambd": -1}, "lambd is -1"),
        ({"keep_prob": 1.1}, "keep_prob is 1.1; allowed: a number above 0 and at most 1, or one for each hidden layer"),
        ({"keep_prob": (0.5, 0.5)}, r"keep_prob is \(0.5, 0.5\); allowed: .* one for each hidden layer"),
        ({"patience": 0}, "patience is 0"),
        ({"evaluate_every": -1}, "evaluate_every is -1"),
        ({"seed": -1}, "seed is -1"),
        ({"dtype": "float16"}, "dtype is 'float16'; allowed: float64 or float32"),
        ({"scaling": "he"}, "scaling is 'he'; allowed: fan_in or small"),
        ({"activations": ("relu", "tanh")}, "the last activation is 'tanh'; allowed: sigmoid or softmax"),
        ({"activations": ("swish", "sigmoid")}, "there is no activation 'swish'"),
        ({"activations": ("sigmoid",)}, "a name for each of the 2 layers"),
        ({"activations": ("relu", "softmax")}, "softmax over one unit is 1"),
    ],
    ids=str,
)
def test_illegal_settings_are_refused(wrong, message):
    with pytest.raises(ValueError, match=f"Settings: .*{message}|Settings: {message}"):
        Settings(**{"layers": (3, 2, 1), **wrong})


@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        (X2[:5], Y2, r"X \(5, 40\) has 5 rows, and the network 6 inputs"),
        (X2, Y2[:, :9], r"Y \(1, 9\) does not fit X \(6, 40\): Y must be \(1, 40\)"),
        (X2, Y2[0], r"Y has shape \(40,\), and must be a matrix"),
        (X2, Y2 + 1, "Y holds 1.0 to 2.0, and labels are 0 or 1"),
        (X2[:, :0], Y2[:, :0], r"X \(6, 0\) holds no examples"),
        (X2 * np.nan, Y2, "ZL.* is nan"),
    ],
    ids=str,
)
def test_data_that_do_not_fit_are_refused(X, Y, message):
    with pytest.raises(ValueError, match=message):
        train(X, Y, layers=(6, 2, 1), epochs=1)


def test_validation_that_does_not_fit_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"validation X \(5, 40\) has 5 rows"):
        Training(Settings(layers=(6, 1))).run(X2, Y2, (X2[:5], Y2))


def test_early_stopping_needs_validation():
    with pytest.raises(ValueError, match=r"early stopping \(patience\) .* give validation=\(X, Y\)"):
        trained(layers=(6, 1), patience=3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("gradients", ["autodiff", "manual"])
def test_overflow_is_explained_and_leaves_the_last_good_state(gradients):
    X, Y = moons(seed=1)
    training = Training(Settings(layers=(2, 8, 8, 1), learning_rate=1e200, epochs=9, gradients=gradients))
    with pytest.raises(ValueError, match="learning rate"):
        training.run(X, Y)
    assert np.isfinite(training.state.theta).all()
    assert len(training.history) == training.state.epoch < 9


@pytest.mark.filterwarnings("error")
def test_overflow_in_the_last_epoch_is_not_passed_over():
    training = Training(Settings(layers=(6, 1), learning_rate=1e308, epochs=1))
    with pytest.raises(ValueError, match=r"overflowed in epoch 1. A smaller learning rate than 1e\+308"):
        training.run(1e4 * X2, Y2)
    assert training.state.epoch == 0


# --- the progress bar


def test_the_bar_shows_epochs_and_cost_on_standard_error(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    training = trained_with_bar()
    out, err = capsys.readouterr()
    assert out == ""
    assert "4/4" in err
    assert f"{training.history[-1].cost:.6f}" in err
    assert "left" in err


def trained_with_bar():
    return train(X2, Y2, layers=(6, 1), epochs=4, progress=True)


def test_without_rich_the_bar_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "tinygrad-dnn\[train\]", or train with progress=False'):
        trained_with_bar()
