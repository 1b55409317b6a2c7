"""Options of the commands about a network, parsed and checked against the data."""

from ..dnn.data.dataset import Dataset


def layer_sizes(text: str, example: str = "2-3-1") -> list[int]:
    """Read ``"64-16-10"``; ValueError if it is not a list of sizes."""
    sizes = [int(size) if size.isdecimal() else 0 for size in text.split("-")]
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"--layers {text}: units of two or more layers are wanted, inputs first, as {example}")
    return sizes


def layers_for(data: Dataset, text: str | None) -> list[int]:
    """Read sizes that must fit the data, as a ValueError says; None is the course's network for pictures."""
    n, outputs = data.n_features, data.n_outputs
    if text is None:
        return [n, 20, 7, 5, outputs]
    sizes = layer_sizes(text, f"{n}-16-{outputs}")
    if (sizes[0], sizes[-1]) != (n, outputs):
        needs = f"{n} features and needs {outputs} output(s) for {len(data.class_names)} classes"
        fitting = "-".join(map(str, [n, *sizes[1:-1], outputs]))
        raise ValueError(f"--layers {text} does not fit {data.name}, which has {needs}: {fitting} would")
    return sizes


def activation_names(text: str | None) -> list[str] | None:
    """Read ``"tanh,sigmoid"``."""
    return None if text is None else [name.strip() for name in text.split(",")]
