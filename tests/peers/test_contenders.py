"""The benchmark's PyTorch contender computes the same thing as the others."""

import pytest

from benchmarks import contenders, network, scalars

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("dtype", network.DTYPES)
@pytest.mark.parametrize("case", [network.CASES["xs"], network.CASES["tiny"]], ids=str)
def test_pytorch_agrees_with_the_hand_written_backprop(case, dtype):
    step = network.steps(case, dtype, ["torch"])["torch"]
    network.verify("torch", step(), contenders.load("manual").step(*network.draw(case, dtype)), dtype)


@pytest.mark.parametrize("case", scalars.CASES)
def test_pytorch_differentiates_graphs_of_scalars(case):
    scalars.verify(case, 101 if case == "fan-out" else 100, ["torch"])
