"""The graphs that the tests draw, and the layout engines that are here."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest

from tinygrad_dnn import Tensor
from tinygrad_dnn.dnn import network
from tinygrad_dnn.dnn.manual import initialize_parameters_deep
from tinygrad_dnn.render import layout


@pytest.fixture
def first_graph() -> Tensor:
    """J = 3(a + bc), the course's first graph."""
    a, b, c = Tensor(5.0, name="a"), Tensor(3.0, name="b"), Tensor(2.0, name="c")
    return (3 * (a + (b * c).named("u")).named("v")).named("J")


@pytest.fixture
def cost_of() -> Callable[..., Tensor]:
    """The cost of a network with layers of the given sizes."""

    def made(*sizes: int, m: int = 4) -> Tensor:
        rng = np.random.default_rng(0)
        parameters = network.tensors(initialize_parameters_deep(list(sizes), scaling="fan_in"))
        Y = (rng.random((1, m)) > 0.5).astype(float)
        return network.cost(parameters, rng.standard_normal((sizes[0], m)), Y, loss="cross_entropy_from_AL")

    return made


@pytest.fixture(params=["dot", "pygraphviz"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One layout engine alone. That one is missing is an error where everything should be there."""
    found = dict(layout.engines())
    if request.param not in found:
        if os.environ.get("CI") and not found:
            pytest.fail("no layout engine: the extra `layout` installs one")
        pytest.skip(f"{request.param} is not installed")
    monkeypatch.setattr(layout, "engines", lambda: iter([(request.param, found[request.param])]))
    return str(request.param)
