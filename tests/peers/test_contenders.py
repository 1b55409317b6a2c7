"""The contenders of the benchmark that are heavy to install compute the same thing as the others."""

import pytest

from benchmarks import compiled, contenders, network, scalars

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning"),  # torch.compile, of itself
]


@pytest.mark.parametrize("dtype", network.DTYPES)
@pytest.mark.parametrize("case", [network.CASES["xs"], network.CASES["tiny"]], ids=str)
@pytest.mark.parametrize("name", compiled.PEERS)
def test_peers_agree_with_the_hand_written_backprop(name, case, dtype):
    if name in compiled.absent([name]):
        pytest.skip("it wants a C++ compiler")
    step = network.steps(case, dtype, [name])[name]
    network.verify(name, step(), contenders.load("manual").step(*network.draw(case, dtype)), dtype)


@pytest.mark.filterwarnings("ignore:dynamo_pgo")  # so does forgetting what it has compiled
def test_pytorch_without_a_compiler_is_left_out_with_a_reason(monkeypatch):
    import torch._inductor.config

    monkeypatch.setattr(torch._inductor.config.cpp, "cxx", ("no-such-compiler",))
    with torch._inductor.config.patch(force_disable_caches=True):
        reasons = compiled.absent(["torch_compile"])
    assert "No working C++ compiler" in reasons["torch_compile"]


@pytest.mark.parametrize("case", scalars.CASES)
def test_pytorch_differentiates_graphs_of_scalars(case):
    scalars.verify(case, 101 if case == "fan-out" else 100, ["torch"])
