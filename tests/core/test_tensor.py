"""The Tensor: NumPy code runs on it unmodified, and nothing leaves the graph unnoticed."""

import copy
import math
import pickle
import re

import numpy as np
import pytest

from tests.numerical import numerical_gradient
from tinygrad_dnn import DetachedError, DtypeError, NoRuleError, ShapeError, Tensor, grad, no_grad


def course_cost(W1, b1, W2, b2, X, Y):
    """The course's forward pass and cost: NumPy alone."""
    m = X.shape[1]
    Z1 = np.dot(W1, X) + b1
    A1 = np.maximum(0, Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    cost = -(1 / m) * np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    return np.squeeze(cost)


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_course_in_numpy_alone_gives_exact_gradients(order):
    rng = np.random.default_rng(1)
    parameters = [rng.standard_normal(s) for s in [(4, 3), (4, 1), (1, 4), (1, 1)]]
    X = np.array(rng.standard_normal((3, 7)), order=order)
    Y = (rng.random((1, 7)) > 0.5).astype(int)
    tensors = [Tensor(p) for p in parameters]
    J = course_cost(*tensors, X, Y)
    J.backward()
    assert J.item() == course_cost(*parameters, X, Y)
    for i, t in enumerate(tensors):

        def varied(p, i=i):
            return course_cost(*parameters[:i], p, *parameters[i + 1 :], X, Y)

        np.testing.assert_allclose(t.grad, numerical_gradient(varied, parameters[i]), rtol=1e-6, atol=1e-9)


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "np.add": np.add,
    "np.multiply": np.multiply,
    "np.hypot": np.hypot,
}
PLAIN = np.array([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]])
OTHERS = {
    "float": 2.0,
    "int": 2,
    "bool": True,
    "float64": np.float64(2.0),
    "0-d": np.array(2.0),
    "row": np.array([1.0, 2.0, 4.0]),
    "ints": np.array([[1], [2]]),
    "strided": np.arange(1.0, 13.0).reshape(2, 6)[:, ::2],
    "transposed": np.arange(1.0, 7.0).reshape(3, 2).T,
    "list": [1.0, 2.0, 3.0],
    "empty": np.zeros((0, 1, 1)),
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("other", OTHERS)
def test_tensors_and_everything_else_mix_on_either_side(operator, other):
    f, value = OPERATORS[operator], OTHERS[other]
    for args in [(Tensor(PLAIN), value), (value, Tensor(PLAIN)), (Tensor(PLAIN), Tensor(value))]:
        plain = [a.numpy() if isinstance(a, Tensor) else a for a in args]
        result = f(*args)
        assert isinstance(result, Tensor)
        np.testing.assert_array_equal(result.numpy(), f(*map(np.asarray, plain)))
        assert result.numpy().dtype != object


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.add(t, 1, out=np.zeros(2)), r"np\.add.*the keyword out is not possible.*assign the result"),
        (lambda t: np.add(t, 1, where=[True, False]), r"keyword where is not possible.*np\.where"),
        (lambda t: np.multiply(t, 1, dtype=np.float32), r"keyword dtype.*\.astype"),
        (lambda t: np.exp(t, np.zeros(2)), "exp"),
        (lambda t: np.add.at(np.zeros(2), [0], t), r"np\.add\.at.*import tinygrad_dnn\.numpy as np.*np\.stack"),
        (lambda t: np.linalg.eig(t), r"np\.linalg\.eig has no derivative rule.*tinygrad_dnn\.primitive.*detach"),
        (lambda t: np.fft.fft(t), r"np\.fft.*fft has no derivative rule"),
        (lambda t: np.gcd(t, 2), r"np\.gcd has no derivative rule"),
        (lambda t: np.sum(t, bananas=1), "bananas"),
    ],
)
def test_what_numpy_could_do_and_we_cannot_is_refused_by_name(call, message):
    with pytest.raises((NoRuleError, TypeError), match=message):
        call(Tensor([1.0, 2.0]))


def test_an_array_cannot_swallow_a_tensor():
    t = Tensor([1.0, 2.0])
    array = np.zeros(2)
    with pytest.raises(NoRuleError, match="keyword out"):
        array += t
    with pytest.raises(DetachedError, match=r"np\.asarray of the Tensor of shape \(2,\).*silently lose its gradient"):
        np.asarray(t)
    with pytest.raises(DetachedError, match="silently lose"):
        np.array(t * 2)
    with pytest.raises((DetachedError, ValueError, TypeError)):
        array[0] = t[0]
    with pytest.raises(DetachedError, match=r"import tinygrad_dnn\.numpy as np.*np\.stack"):
        float(t[0])
    with pytest.raises((DetachedError, TypeError)):
        math.exp(t[0])
    with pytest.raises((DetachedError, TypeError)):
        int(t[0])


def test_setting_an_element_shows_the_way():
    t = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"is a leaf.*t = t\.copy\(\).*t\.data\[index\]"):
        t[0] = 5.0
    with pytest.raises(TypeError, match="is a leaf"):
        t += 1
    with pytest.raises(TypeError, match="is a leaf"):
        t[:1][0] = 5.0
    with pytest.raises(TypeError, match=r"is a number.*compute another"):
        np.sum(t)[()] = 5.0
    t.data[0] = 5.0
    assert t.numpy()[0] == 5


def test_the_truth_of_an_array_is_ambiguous_that_of_a_number_is_not():
    with pytest.raises(ValueError, match=r"2 truth values; ask np.all"):
        bool(Tensor([1.0, 2.0]))
    assert Tensor(1.0)
    assert Tensor(2.0) > 1
    assert not Tensor(0.0) > 1


def test_shapes_that_do_not_fit_name_the_op_and_both_shapes():
    with pytest.raises(ShapeError, match=r"add: shapes \(2,\) and \(3,\) do not fit; legal: .*equal or 1"):
        Tensor([1.0, 2.0]) + np.ones(3)
    with pytest.raises(ShapeError, match=r"matmul.*\(2, 3\).*\(2, 4\)"):
        Tensor(np.ones((2, 3))) @ np.ones((2, 4))


def test_values_out_of_a_tensor():
    t = Tensor([[1.0, 2.0]], name="t")
    assert (t.shape, t.ndim, t.size, t.dtype, len(t)) == ((1, 2), 2, 2, np.float64, 1)
    assert isinstance((t * 2).data, np.ndarray)
    assert isinstance(np.sum(t).data, np.ndarray)
    assert np.sum(t).item() == 3.0
    detached = t.detach()
    detached[0, 0] = 100
    assert t.data[0, 0] == 1
    with pytest.raises(ShapeError, match=r"item: a Tensor of shape \(1, 2\) has 2 values"):
        t.item()
    assert [row.shape for row in t] == [(2,)]
    assert t.T.shape == (2, 1)


def test_setting_data():
    t = Tensor([1.0, 2.0])
    array = np.array([3.0, 4.0])
    t.data = array
    array[0] = 100
    assert t.data[0] == 3
    with pytest.raises(ShapeError, match=r"shape \(3,\) set on a Tensor of shape \(2,\)"):
        t.data = np.ones(3)
    with pytest.raises(DetachedError, match="only the data of a leaf"):
        (t * 2).data = np.ones(2)
    single = Tensor(np.ones(2, np.float32))
    single.data = np.ones(2)
    assert single.dtype == np.float32


def test_a_leaf_is_converted_to_the_dtype_asked_for():
    assert Tensor([1, 2], dtype=np.float32).dtype == np.float32
    data = np.ones(2, np.float32)
    assert Tensor(data, dtype="float64", copy=False).dtype == np.float64
    with pytest.raises(DtypeError, match="Tensor: dtype=int64; allowed: floating point"):
        Tensor([1, 2], dtype=np.int64)


@pytest.mark.parametrize("put", [5, "x", np.ones(3)])
def test_a_gradient_that_is_none_is_refused_where_it_is_added_to(put):
    x = Tensor([1.0, 2.0], name="x")
    x.grad = put
    with pytest.raises(ShapeError, match=r"backward: .grad of the Tensor .* must be None or an array of shape \(2,\)"):
        np.sum(x * x).backward()


def test_constants_with_a_name():
    X = Tensor([1.0, 2.0], name="X", requires_grad=False)
    w = Tensor([3.0, 4.0])
    y = w * X
    np.testing.assert_array_equal(np.asarray(X), [1, 2])
    assert y.record.inputs[1] is X
    assert not (X * 2).requires_grad
    X.requires_grad = True
    np.sum(w * X).backward()
    np.testing.assert_array_equal(X.grad, [3, 4])
    with pytest.raises(DetachedError, match="only a leaf can be frozen"):
        y.requires_grad = False


def test_the_record():
    w = Tensor([[1.0, 2.0]])
    y = np.sum(w * 3, axis=0)
    assert w.record is None
    primitive, inputs, params = y.record
    assert (primitive.name, params["axis"]) == ("sum", 0)
    assert inputs[0].record.primitive.name == "multiply"
    assert inputs[0].record.inputs == (w, 3)


def test_names():
    t = Tensor(1.0, name='a <b> "c"\n')
    assert t.name == 'a <b> "c"\n'
    assert t.named("W1") is t
    with pytest.raises(TypeError, match="the name is 3, of type int; give a str"):
        t.named(3)
    assert repr(Tensor([1.0, 2.0], name="W")) == "Tensor([1., 2.], name='W')"
    assert repr(Tensor(np.float32(1), requires_grad=False)) == "Tensor(1., dtype=float32, requires_grad=False)"
    assert len(repr(Tensor(np.zeros((100, 100))))) < 300


def test_a_tensor_is_not_made_of_a_tensor():
    with pytest.raises(DetachedError, match="would cut it out of its graph"):
        Tensor(Tensor(1.0))


def test_nan_goes_through():
    w = Tensor([np.nan, 1.0])
    J = np.sum(w * 2)
    J.backward()
    assert np.isnan(J.item())
    np.testing.assert_array_equal(w.grad, [2, 2])


def test_hash_and_identity():
    a, b = Tensor(1.0), Tensor(1.0)
    assert len({a, b}) == 2
    assert {a: "a"}[a] == "a"


def test_comparisons_give_values_that_index_arrays():
    z = Tensor([-1.0, 2.0, 3.0])
    mask = z > 0
    assert not mask.requires_grad
    np.testing.assert_array_equal(np.arange(3)[mask], [1, 2])
    dZ = np.ones(3)
    dZ[z <= 0] = 0
    np.testing.assert_array_equal(dZ, [0, 1, 1])
    assert np.mean(mask) == pytest.approx(2 / 3)
    np.sum(np.where(mask, z * z, 0)).backward()
    np.testing.assert_array_equal(z.grad, [0, 4, 6])


def test_no_grad_leaves_plain_values():
    w = Tensor([1.0, 2.0])
    with no_grad():
        y = w * 2
    assert not y.requires_grad
    assert y.record is None
    np.testing.assert_array_equal(np.asarray(y), [2, 4])


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_copies_of_a_leaf_are_leaves(duplicate):
    w = Tensor([1.0, 2.0], name="w")
    twin = duplicate(w)
    assert twin.name == "w"
    twin.data[0] = 50
    assert w.numpy()[0] == 1
    np.sum(twin * w).backward()
    np.testing.assert_array_equal(twin.grad, [1, 2])
    np.testing.assert_array_equal(w.grad, [50, 2])


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_computed_tensor_is_not_copied_out_of_its_graph(duplicate):
    with pytest.raises(DetachedError, match="only a leaf can be copied or pickled"):
        duplicate(Tensor(1.0) * 2)


@pytest.mark.parametrize("shape", [(2,), (0,), (2, 1)])
def test_bool_of_an_array_says_what_to_ask(shape):
    with pytest.raises(ShapeError, match=rf"bool: a Tensor of shape {re.escape(str(shape))} has \d .*np.all.*np.where"):
        bool(Tensor(np.ones(shape)) > 0)
    assert Tensor([[1.0]]) > 0


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda t: len(np.sum(t)), "one number: it has no length"),
        (lambda t: [*np.sum(t)], "one number: it has no length"),
        (lambda t: f"{t:.2f}", "'.2f' is for one number, and this is the Tensor of shape"),
        (lambda t: pow(t, 2, 3), "power"),
    ],
)
def test_what_python_asks_in_vain_is_told_in_terms_of_tensors(ask, said):
    with pytest.raises(TypeError, match=said):
        ask(Tensor([1.0, 2.0]))


def test_a_scalar_is_shown_in_any_format():
    J = Tensor(2.0) / 3
    assert f"{J:.3f}" == "0.667"
    assert f"cost {J}" == "cost Tensor(0.666667)"
    assert f"{np.sum(Tensor([1.0, 2.0]) > 1)} of 2" == "1 of 2"


def test_a_subclass_would_leave_the_graph():
    with pytest.raises(TypeError, match=r"class Weight: .*keep a Tensor in an attribute"):
        type("Weight", (Tensor,), {})


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda x: np.dot([x[0], x[1]], x), [2.0, 4.0]),
        (lambda x: np.sum(x - [x[0], 1.0]), [0.0, 1.0]),
        (lambda x: np.sum([x[0], 2.0] * x), [2.0, 2.0]),
        (lambda x: np.sum(np.maximum([x[0], 5.0], x)), [1.0, 0.0]),
        (lambda x: np.sum(np.where([True, False], [x[1], x[0]], x)), [0.0, 2.0]),
        (lambda x: np.einsum("i,i->", [x[0], x[1]], x), [2.0, 4.0]),
        (lambda x: np.sum(np.outer([x[0], x[1]], x)), [6.0, 6.0]),
        (lambda x: np.sum(np.append(x, [x[0], x[1]])), [2.0, 2.0]),
        (lambda x: np.sum(np.append([x[0], 2.0], x[1]) ** 2), [2.0, 4.0]),
        (lambda x: np.sum(np.concatenate([x, [[x[1]], [3.0]]], axis=None) ** 2), [2.0, 8.0]),
        (lambda x: np.sum(np.vstack([x, [x[1], 3.0]]) ** 2), [2.0, 8.0]),
        (lambda x: np.sum(np.concatenate([x, [x[1], 3.0]]) ** 2), [2.0, 8.0]),
        (lambda x: np.sum(np.stack([[[x[0], 1.0], [x[1], x[0]]], np.outer(x, x)]) ** 2), [4.0 + 20.0, 4.0 + 40.0]),
        (lambda x: np.sum(np.linalg.solve([[x[0], 0.0], [0.0, x[1]]], x) ** 2 * x), [1.0, 1.0]),
        (lambda x: np.sum(np.insert(x, 1, [x[0]]) ** 2), [4.0, 4.0]),
        (lambda x: np.sum(x.dot([x[0], x[1]])), [2.0, 4.0]),
        (lambda x: np.sum(np.vstack([[x[0], x[1]], np.outer(x, x)])[0]), [1.0, 1.0]),
        (lambda x: np.sum(np.linalg.multi_dot([[[x[0], 1.0]], np.eye(2) * x, x])), [3.0, 4.0]),
    ],
)
def test_a_list_that_holds_tensors_is_an_operand(call, expected):
    np.testing.assert_allclose(grad(call)(np.array([1.0, 2.0])), expected)


def test_numpy_without_a_way_to_us_is_told_of_stack():
    t = Tensor(2.0)
    for call in (lambda: np.array([t, t]), lambda: np.mean([t, t]), lambda: np.r_[t, 1.0]):
        with pytest.raises(DetachedError, match=r"np\.stack"):
            call()


def test_a_rebound_parameter_says_why_its_gradient_is_missing():
    W = Tensor([1.0, 2.0])
    np.sum(W**2).backward()
    W = W - 0.1 * W.grad
    np.sum(W**2).backward()
    with pytest.raises(DetachedError, match=r"leaves only.*W\.data -= rate \* W\.grad"):
        W.grad  # noqa: B018
    J = np.sum(W**2)
    J.backward()
    with pytest.warns(UserWarning, match=r"retain_grad"):
        assert W.grad is None
    assert (W * 2).grad is None
    W.retain_grad()
    np.sum(W**2).backward()
    np.testing.assert_allclose(W.grad, 2 * W.numpy())


def test_in_place_operators_on_an_array_name_what_was_written():
    h, x = np.ones(2), Tensor([1.0, 2.0])
    with pytest.raises(NoRuleError, match=r"h \*= x.*write h = h \* x"):
        h *= x
    with pytest.raises(NoRuleError, match=r"h -= x.*write h = h - x"):
        h -= x


def test_like_makes_an_array_of_tensors():
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.array([x[0], x[1] ** 2], like=x) * x))(x), [2.0, 12.0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.asarray([[x[0], 0], [1, x[1]]], like=x) ** 2))(x), [2.0, 4.0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.full((3, 2), x, like=x)))(x), [3.0, 3.0])
    t = Tensor(x)
    assert type(np.zeros(3, like=t)) is np.ndarray
    assert np.array(t, dtype=np.float32, like=t).dtype == np.float32
    assert np.arange(3, like=t).tolist() == [0, 1, 2]
