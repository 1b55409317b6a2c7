"""The checker is checked: it passes what is right and catches what is slightly wrong."""

import numpy as np
import pytest

from tinygrad_dnn import GradientError, Tensor, check_grads, primitive, relu

X = np.array([[0.3, -1.2, 0.8], [1.7, 0.4, -0.6]])


def cube_with(rule):
    return primitive(lambda x: x**3, name="cube", vjp=rule)


def test_a_right_rule_passes_and_the_report_lists_what_was_compared():
    report = check_grads(cube_with(lambda g, y, x: g * (3 * x**2)), [X], order=3)
    assert report.ok
    assert {(c.order, c.mode) for c in report.comparisons} == {
        (k, m) for k in (1, 2, 3) for m in ("vjp", "jvp", "<u, Jt> = <uJ, t>")
    }
    assert "all gradients agree" in str(report)


def one_element(g, y, x):
    wrong = np.zeros(X.shape)
    wrong[1, 2] = 1e-3
    return g * (3 * x**2) * (1 + wrong)


def wrong_at_second_order(g, y, x):
    plain = x.detach() if isinstance(x, Tensor) else x
    return g * (2 * x * plain + plain**2)  # 3 x^2 in value, but its derivative misses a part


@pytest.mark.parametrize(
    ("rule", "order"),
    [
        (lambda g, y, x: g * (3 * x**2) * 1.0005, 1),
        (lambda g, y, x: -g * (3 * x**2), 1),
        (one_element, 1),
        (wrong_at_second_order, 2),
        (lambda g, y, x: g * 0, 1),
        (lambda g, y, x: g * (3 * x**2) + np.nan, 1),
    ],
)
@pytest.mark.parametrize("mode", ["vjp", "jvp"])
def test_a_slightly_wrong_rule_is_caught(rule, order, mode):
    with pytest.raises(GradientError) as caught:
        check_grads(cube_with(rule), [X], modes=[mode])
    assert min(c.order for c in caught.value.report.comparisons if not c.ok) == order


def test_the_report_names_argument_index_values_and_error():
    times = primitive(
        lambda x, y: x * y,
        name="times",
        vjp=(
            lambda g, z, x, y: g * y,
            lambda g, z, x, y: one_element(g, z, x) * 0 + g * x * (1 + 0.5 * (X[1, 2] == X)),
        ),
    )
    with pytest.raises(GradientError, match=r"order 1 vjp argument 1\['k'\] at \[1, 2\]: derived .*, finite difference"):
        check_grads(lambda a, b: times(a, b["k"]), [X, {"k": X + 3}], order=1)
    try:
        check_grads(lambda a, b: times(a, b["k"]), [X, {"k": X + 3}], order=1, modes=["vjp"])
    except GradientError as error:
        worst = error.report.worst
        assert (worst.argument, worst.index) == ("argument 1['k']", (1, 2))
        assert worst.derived / worst.numerical == pytest.approx(1.5)
        assert worst.relative_error == pytest.approx(1 / 3, rel=0.01)


def test_a_gradient_that_is_zero_is_not_passed_by_a_tolerance():
    with pytest.raises(GradientError):
        check_grads(primitive(lambda x: np.sin(x), name="my_sin", vjp=lambda g, y, x: g * 0.0), [np.array([1.5])], order=1)


def test_a_subgradient_at_a_kink_is_right():
    assert check_grads(relu, [np.array([0.0, 1.0, -1.0])], order=1, modes=["vjp"]).ok
    twice = primitive(lambda x: np.maximum(x, 0), name="relu2", vjp=lambda g, y, x: g * 2.0 * (x >= 0))
    with pytest.raises(GradientError):
        check_grads(twice, [np.array([0.0])], order=1, modes=["vjp"])


def test_float32_has_its_own_tolerance():
    assert check_grads(lambda x: np.exp(x) * x, [X.astype(np.float32)]).ok
    with pytest.raises(GradientError):
        check_grads(cube_with(lambda g, y, x: g * (3 * x**2) * 1.01), [X.astype(np.float32)])


def test_large_arguments_are_sampled_but_a_single_wrong_entry_still_shows():
    big = np.linspace(0.5, 1.5, 2000)
    wrong = np.ones(2000)
    wrong[1234] = 2.0
    with pytest.raises(GradientError):
        check_grads(cube_with(lambda g, y, x: g * (3 * x**2) * wrong), [big], order=1)


def test_unknown_modes_are_refused():
    with pytest.raises(ValueError, match="modes 'vjp', 'jvp'"):
        check_grads(np.sin, [1.0], modes=["fwd"])


def test_a_random_function_is_told_from_a_wrong_gradient():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"two results for the same arguments \(random numbers"):
        check_grads(lambda w: np.sum(w * (rng.random(4) > 0.5)), [np.ones(4)], order=1)
