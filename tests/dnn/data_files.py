"""Small files in the formats that `load` reads."""

import csv

import h5py
import numpy as np


def random_pictures(m, shape=(4, 3, 2), seed=0):
    """Return pictures (m, height, width, colours) and labels that alternate."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, size=(m, *shape), dtype=np.uint8), np.arange(m) % 2


def write_h5(path, **datasets):
    """Write arrays as an HDF5 file; None leaves a key out."""
    with h5py.File(path, "w") as file:
        for key, value in datasets.items():
            if value is not None:
                file[key] = value
    return path


def write_pictures(path, part="train", m=10, classes=(b"non-cat", b"cat"), seed=0, **changes):
    """Write a picture file in the course's format, with some of its datasets changed."""
    pictures, labels = random_pictures(m, seed=seed)
    datasets = {f"{part}_set_x": pictures, f"{part}_set_y": labels, "list_classes": np.array(classes)}
    return write_h5(path, **(datasets | changes))


def write_csv(path, rows, delimiter=","):
    """Write rows of cells; the first names the columns."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def write_npz(path, **arrays):
    """Write arrays as an .npz file."""
    np.savez(path, **arrays)
    return path
