"""A step on a GPU, with each library that has one here, beside its own ways: ``python -m benchmarks.gpu [--quick]``.

Single precision without TF32; then small networks in double precision beside NumPy. A library without a GPU is left
out; where there is none, nothing is measured or written.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from tests.arrays.kinds import Kind, peers
from tinygrad_dnn import hvp, jit, relu, sigmoid, value_and_grad
from tinygrad_dnn.core.arrays import adopted, on_host
from tinygrad_dnn.dnn.network import cost_and_gradients

from . import conditions, network, results
from .contenders.expression import cost as expression
from .results import milliseconds, table, times, verdict
from .timing import Call, Spread, interleave

CASES = {"mid": network.CASES["mid"], "large": network.Case((4096, 4096, 4096, 1), 8192)}
SMALL = {"mid": network.CASES["tiny"]}
"""For a look at whether it runs."""
GOAL = 1e-12
"""Of the relative difference from NumPy in float64."""


def cost(parameters: Any, X: Any, Y: Any) -> Any:
    """The network with the functions of the library."""
    return expression(parameters, X, Y, relu=relu, sigmoid=sigmoid, log=np.log, sum=np.sum)


def plain_cost(parameters: Any, X: Any, Y: Any) -> Any:
    """The network in NumPy's words alone."""
    functions = {"relu": lambda Z: np.maximum(0, Z), "sigmoid": lambda Z: 1 / (1 + np.exp(-Z))}
    return expression(parameters, X, Y, log=np.log, sum=np.sum, **functions)


def by_hand(xp: Any, parameters: Any, X: Any, Y: Any) -> Any:
    """Cost and gradients of the network by the course's formulas, dA0 left out, in a library's functions."""
    L, A, caches = len(parameters) // 2, X, []
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        caches.append((A, Z > 0))
        A = xp.where(Z > 0, Z, 0) if l < L else 1 / (1 + xp.exp(-Z))
    m = Y.shape[1]
    J = -(Y * xp.log(A) + (1 - Y) * xp.log(1 - A)).sum() / m
    grads, dZ = {}, (A - Y) / m
    for l in range(L, 0, -1):
        grads |= {f"W{l}": dZ @ caches[l - 1][0].T, f"b{l}": dZ.sum(axis=1, keepdims=True)}
        if l > 1:
            dZ = xp.where(caches[l - 2][1], parameters[f"W{l}"].T @ dZ, 0)
    return J, grads


class Library(NamedTuple):
    """What one library runs.

    Attributes
    ----------
    name : str
    steps : dict
        By name; the first is what the others are measured beside. Each returns cost and gradients.
    finish : callable
        Waits for the device.
    peak : callable
        The bytes that a step of these uses at most, beyond parameters and data.
    """

    name: str
    steps: Mapping[str, Callable[[], Any]]
    finish: Callable[[], object]
    peak: Callable[[str], int]

    def calls(self) -> dict[str, Call]:
        """Return the steps, each finished when it returns."""
        return {name: partial(_finished, step, self.finish) for name, step in self.steps.items()}


def _finished(step: Call, finish: Call) -> None:
    step()
    finish()


def of_cupy(parameters: Any, X: Any, Y: Any) -> Library | None:
    """CuPy: by hand, the engine on its arrays, and the program that jit has written."""
    cupy: Any = import_module("cupy")
    if not cupy.cuda.is_available():
        return None
    there = ({name: cupy.asarray(x) for name, x in parameters.items()}, cupy.asarray(X), cupy.asarray(Y))
    steps = {
        "by hand": partial(by_hand, cupy, *there),
        "ours, plain expressions": partial(value_and_grad(plain_cost), *there),
        "ours, relu and sigmoid": partial(value_and_grad(cost), *there),
        "our jit's program": partial(jit(value_and_grad(cost), backend="cupy"), *there),
    }

    class Peak(cupy.cuda.MemoryHook):  # type: ignore[misc]
        name, held, most = "peak", 0, 0

        def malloc_postprocess(self, **kwargs: Any) -> None:
            self.held += kwargs["mem_size"]
            self.most = max(self.most, self.held)

        def free_postprocess(self, **kwargs: Any) -> None:
            self.held -= kwargs["mem_size"]

    def peak(name: str) -> int:
        with Peak() as hook:
            steps[name]()
        return hook.most

    return Library("CuPy", steps, cupy.cuda.Device().synchronize, peak)


def of_torch(parameters: Any, X: Any, Y: Any) -> Library | None:
    """PyTorch: by hand, its autograd, the engine on its tensors, and that step captured as a CUDA graph."""
    torch: Any = import_module("torch")
    if not torch.cuda.is_available():
        return None
    on_gpu = partial(torch.tensor, device="cuda")
    there = ({name: on_gpu(x) for name, x in parameters.items()}, on_gpu(X), on_gpu(Y))
    leaves = {name: x.clone().requires_grad_() for name, x in there[0].items()}
    functions = {name: getattr(torch, name) for name in ("relu", "sigmoid", "log", "sum")}

    def autograd() -> Any:
        J = expression(leaves, *there[1:], **functions)
        return J, dict(zip(leaves, torch.autograd.grad(J, list(leaves.values()))))

    ours = partial(value_and_grad(cost), *there)
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            ours()
    stream.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        captured = ours()

    def replayed() -> Any:
        graph.replay()
        return captured

    steps = {
        "autograd": autograd,
        "by hand": partial(by_hand, torch, *there),
        "ours": ours,
        "ours, as a CUDA graph": replayed,
    }

    def peak(name: str) -> int:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        steps[name]()
        return int(torch.cuda.max_memory_allocated() - before)

    return Library("PyTorch", steps, torch.cuda.synchronize, peak)


def of_jax(parameters: Any, X: Any, Y: Any) -> Library | None:
    """JAX, all compiled: its gradient, by hand, and the engine traced by `jax.jit`."""
    jax: Any = import_module("jax")
    if jax.default_backend() == "cpu":
        return None
    jax.config.update("jax_default_matmul_precision", "highest")
    there = jax.device_put((parameters, X, Y))
    functions = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, "log": jax.numpy.log, "sum": jax.numpy.sum}
    compiled = {
        "jax.grad": jax.jit(jax.value_and_grad(partial(expression, **functions))),
        "by hand": jax.jit(partial(by_hand, jax.numpy)),
        "ours": jit(value_and_grad(cost), backend="jax"),
    }
    steps = {name: lambda step=step: jax.block_until_ready(step(*there)) for name, step in compiled.items()}

    def peak(name: str) -> int:
        size = jax.jit(compiled[name]).lower(*there).compile().memory_analysis()
        return int(size.temp_size_in_bytes + size.output_size_in_bytes)

    return Library("JAX", steps, lambda: None, peak)


LIBRARIES = {"cupy": of_cupy, "torch": of_torch, "jax": of_jax}


def verify(library: Library, dtype: str = "float32") -> None:
    """Check every step against the first of its library, to half of the digits.

    Raises
    ------
    AssertionError
        Naming library, step and quantity.
    """
    first, *others = library.steps
    J, grads = _fetched(library.steps[first]())
    for name in others:
        network.verify(f"{library.name}, {name}", _fetched(library.steps[name]()), (J, grads), dtype)


def _fetched(result: Any) -> tuple[Any, dict[str, Any]]:
    def host(x: Any) -> Any:
        return on_host(adopted(x.detach() if hasattr(x, "detach") else x))

    return host(result[0]), {f"d{name}": host(x) for name, x in result[1].items()}


@contextmanager
def _released() -> Iterator[None]:
    """Give memory back before the next library asks for it."""
    try:
        yield
    finally:
        gc.collect()
        if "torch" in sys.modules:
            sys.modules["torch"].cuda.empty_cache()
        if "cupy" in sys.modules:
            sys.modules["cupy"].get_default_memory_pool().free_all_blocks()


def measured(cases: Mapping[str, network.Case], *, rounds: int) -> list[list[str]]:
    """Return a row for each case, library and step."""
    rows = []
    for case_name, case in cases.items():
        for module, make in LIBRARIES.items():
            if not find_spec(module):
                continue
            with _released():
                library = make(*network.draw(case, "float32"))
                if library is None:
                    continue
                verify(library)
                peaks = {name: library.peak(name) for name in library.steps}
                timings = interleave(library.calls(), rounds=rounds, turn=0.05, clock=perf_counter)
                control = next(iter(library.steps))
                for name in library.steps:
                    by = f"{milliseconds(timings.spread(name).median)} ms"
                    ratio = "1" if name == control else times(timings.ratio(name, control))
                    rows.append([f"{library.name}: {name}, {case_name}", by, ratio, f"{peaks[name] / 2**20:.0f} MiB"])
                del library, timings
    return rows


def difference(kind: Kind) -> float:
    """Return the largest relative difference from NumPy of networks of 1 to 4 layers on arrays of a kind.

    Costs and gradients of both spellings, products with the Hessian, and the network of `dnn`, in float64.
    """
    worst = 0.0
    for layers in range(1, 5):
        parameters, X, Y = network.draw(network.Case((*(5, 4, 3, 4)[:layers], 1), 6), "float64")
        there = {name: kind.make(x) for name, x in parameters.items()}, kind.make(X), kind.make(Y)

        def curved(parameters: Any, X: Any, Y: Any) -> Any:
            return None, hvp(lambda p: plain_cost(p, X, Y), parameters, parameters)

        for step in (value_and_grad(plain_cost), value_and_grad(cost), curved, cost_and_gradients):
            (J, grads), (J_there, found) = step(parameters, X, Y), step(*there)
            expected = list(grads.values()) if J is None else [J, *grads.values()]
            fetched = kind.host([found[name] for name in grads] if J is None else [J_there, *map(found.get, grads)])
            for x, y in zip(fetched, expected, strict=True):
                worst = max(worst, float(np.linalg.norm(x - y) / np.linalg.norm(y)))
    return worst


def agreement(kinds: Sequence[Kind]) -> str:
    """Return a table of the differences from NumPy."""
    found = {kind.name: difference(kind) for kind in kinds}
    rows = [[name, f"{x:.1e}", f"≤ {GOAL}: {verdict(Spread(x, x, x), GOAL)}"] for name, x in found.items()]
    about = "Networks of 1 to 4 layers in float64 (value_and_grad, hvp, dnn.network), the largest relative difference:"
    return f"{about}\n\n{table(['library', 'from NumPy', 'goal'], rows)}"


def main(arguments: list[str] | None = None) -> int:
    """Measure what there is, and write the section."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and few: does it run?")
    quick = parser.parse_args(arguments).quick
    rows = measured(SMALL if quick else CASES, rounds=3 if quick else 21)
    if not rows:
        print("no library here has a GPU: nothing measured")
        return 0
    sizes = "; ".join(f"{name}: {case}" for name, case in CASES.items())
    head = ["library: step, case", "time", "of the library's first", "memory at its peak"]
    about = f"Cost and all gradients in float32, without TF32 ({sizes}). {device()}"
    names = {row[0].partition(":")[0] for row in rows}
    text = f"{about}\n\n{table(head, rows)}\n\n{agreement([kind for kind in peers() if kind.name in names])}"
    print(text)
    if not quick:
        where = conditions.describe([])
        results.write("gpu", "A GPU", where, text)
    return 0


def device() -> str:
    """Return a sentence on the GPU and the versions of the libraries."""
    names = []
    if find_spec("torch") and import_module("torch").cuda.is_available():
        names.append(import_module("torch").cuda.get_device_name())
    names += [f"{name} {import_module(name).__version__}" for name in LIBRARIES if find_spec(name)]
    return ", ".join(names) + "."


if __name__ == "__main__":
    sys.exit(main())
