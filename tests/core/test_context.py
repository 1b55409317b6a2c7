"""no_grad, scopes and observers: per thread, restored after exceptions."""

import threading

import numpy as np
import pytest

from tinygrad_dnn import NonFiniteError, Tensor, no_grad, primitive, scope, trace_lines, trace_nonfinite
from tinygrad_dnn.core.context import current


@pytest.mark.parametrize("manager", [no_grad, lambda: scope("layer"), trace_nonfinite, trace_lines])
def test_the_context_is_restored_after_an_exception(manager):
    before = current()
    with pytest.raises(KeyError), manager():
        raise KeyError
    assert current() == before


def test_the_context_belongs_to_a_thread():
    w, seen = Tensor(1.0), {}
    inside, leave = threading.Event(), threading.Event()

    def other():
        with no_grad(), scope("elsewhere"):
            inside.set()
            leave.wait()
            seen["other"] = (w * 2).requires_grad

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait()
    mine = w * 2
    leave.set()
    thread.join()
    assert mine.requires_grad
    assert mine.scope == ()
    assert seen["other"] is False


def test_gradients_in_many_threads_are_independent():
    w = Tensor(np.arange(4.0))
    results = {}

    def work(k):
        from tinygrad_dnn import gradients

        results[k] = [gradients(np.sum(w**2 * k), [w])[0] for _ in range(50)][-1]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    for k, result in results.items():
        np.testing.assert_array_equal(result, 2 * k * np.arange(4.0))


def test_scopes_nest_and_any_text_is_a_name():
    with scope('layer "1"\n<script>'), scope("linear"):
        z = Tensor(1.0) * 2
    assert z.scope == ('layer "1"\n<script>', "linear")
    with pytest.raises(TypeError, match="the name is 3, of type int"), scope(3):
        pass


def test_no_grad_decorates_functions():
    @no_grad()
    def predict(w):
        return w * 2

    assert not predict(Tensor(1.0)).requires_grad
    assert not predict(Tensor(1.0)).requires_grad


def test_nan_is_found_where_it_is_made():
    w = Tensor([[1.0, -1.0]], name="w")
    with trace_nonfinite(), np.errstate(invalid="ignore"):
        u = w * 2
        with pytest.raises(NonFiniteError, match=r"log made nan at \[0, 1\] from inputs of shapes \[\(1, 2\)\].*line \d+") as e:
            np.log(u) + 1
    assert __file__ in str(e.value)


def test_infinity_is_found_in_the_backward_pass_with_the_line_of_the_op():
    w = Tensor([0.0, 4.0], name="w")
    with trace_nonfinite(), np.errstate(divide="ignore"):
        y = np.sqrt(w)
        J = np.sum(y)
        with pytest.raises(NonFiniteError, match=r"the vjp of sqrt made inf at \[0\] for its input w of shape \(2,\)") as e:
            J.backward()
    line = int(str(e.value).rsplit("line ", 1)[1])
    with open(__file__) as file:
        assert "y = np.sqrt(w)" in file.readlines()[line - 1]


def test_lines():
    with trace_lines():
        z = Tensor(1.0) * 2
    path, line = z.line
    assert path == __file__
    with open(__file__) as file:
        assert "z = Tensor(1.0) * 2" in file.readlines()[line - 1]
    assert (Tensor(1.0) * 2).line is None


def test_an_exception_in_a_forward_function_leaves_nothing_behind():
    @primitive(vjp=lambda y_bar, y, x: y_bar)
    def broken(x):
        raise ZeroDivisionError("no")

    before = current()
    with pytest.raises(ZeroDivisionError, match=r"broken of shapes \(\): no"):
        broken(Tensor(1.0))
    assert current() == before
