"""Datasets that are computed from a seed and knobs of their own: points in the plane, a curve, a system of equations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tui_trainer.datasets.dataset import Dataset, DatasetError, read_knobs
from tui_trainer.settings import Knob, Value

POINTS = Dataset(
    name="points",
    about="points in the plane: moons, circles, spirals, xor or gaussians",
    classes=("upper", "lower"),
    shape=(2,),
    train_size=2_000,
    test_size=500,
    task="classification",
    source="computed on first use, always the same",
    licence="MIT, as the program",
    bundled=True,
    knobs=(
        Knob("kind", "moons", "how the points lie", ("moons", "circles", "spirals", "xor", "gaussians")),
        Knob("noise", 0.1, "how far points stray, against the size of the whole"),
        Knob("size", 2_000, "training and validation samples; a quarter as many are made for the test"),
    ),
)

SINE = Dataset(
    name="sine",
    about="y = sin x on [0, 2π]",
    classes=(),
    shape=(1,),
    train_size=1_000,
    val_size=200,
    test_size=200,
    task="regression",
    source="computed; validation and test lie between the training points",
    licence="MIT, as the program",
    bundled=True,
    outputs=1,
    knobs=(
        Knob("size", 1_000, "training samples, evenly spaced"),
        Knob("noise", 0.0, "deviation of what is added to each target"),
    ),
)

LINEAR_SYSTEM = Dataset(
    name="linear-system",
    about="a linear system A x = b: the rows of A, and b to be hit",
    classes=(),
    shape=(2,),
    train_size=2,
    test_size=2,
    task="regression",
    source="the numbers that are given",
    licence="MIT, as the program",
    bundled=True,
    outputs=1,
    whole=True,
    knobs=(
        Knob("a", "0 1; 1 0", "the matrix A, its rows between semicolons"),
        Knob("b", "1 1", "the numbers b, one for each row"),
    ),
)

LARGEST = 1e18
"""Of a linear system: its square is a float32 still."""

CLASSES = {
    "moons": ("upper", "lower"),
    "circles": ("outer", "inner"),
    "spirals": ("arm 1", "arm 2", "arm 3"),
    "xor": ("same sign", "other sign"),
    "gaussians": ("SW", "SE", "NW", "NE"),
}


def numbers(text: str, knob: str) -> list[float]:
    """`1 2.5 -3` or `1, 2.5, -3` as numbers. Raises DatasetError."""
    try:
        found = [float(word.replace("−", "-")) for word in text.replace(",", " ").split()]
    except ValueError as error:
        raise DatasetError("numbers with spaces between them, such as 0 1; 1 0", knob) from error
    if not all(abs(number) <= LARGEST for number in found):  # nor is it true of nan
        raise DatasetError(f"numbers from −{LARGEST:g} to {LARGEST:g}, such as 0 1; 1 0", knob)
    return found


def system(values: Mapping[str, Value]) -> tuple[list[list[float]], list[float]]:
    """The rows of A and the numbers b. Raises DatasetError where they do not fit together."""
    rows = [row for part in str(values["a"]).split(";") if (row := numbers(part, "a"))]
    targets = numbers(str(values["b"]).replace(";", " "), "b")
    if not rows or len({len(row) for row in rows}) != 1:
        raise DatasetError("rows of as many numbers each, with semicolons between them, such as 0 1; 1 0", "a")
    if len(targets) != len(rows):
        raise DatasetError(f"{len(rows)} number{'s' * (len(rows) != 1)}, one for each row of a", "b")
    return rows, targets


def _points(values: Mapping[str, Value]) -> Dataset:
    size = _between("size", int(values["size"]), 20, 1_000_000)
    _between("noise", float(values["noise"]), 0, 2)
    return replace(POINTS, classes=CLASSES[str(values["kind"])], train_size=size, test_size=max(5, size // 4))


def _sine(values: Mapping[str, Value]) -> Dataset:
    size = _between("size", int(values["size"]), 2, 1_000_000)
    _between("noise", float(values["noise"]), 0, 10)
    between = max(1, size // 5)
    return replace(SINE, train_size=size, val_size=between, test_size=between)


def _system(values: Mapping[str, Value]) -> Dataset:
    rows, _ = system(values)
    return replace(LINEAR_SYSTEM, shape=(len(rows[0]),), train_size=len(rows), test_size=len(rows))


def _between(knob: str, value: float, low: float, high: float) -> int:
    if not low <= value <= high:
        raise DatasetError(f"a number, {low:.12g} to {high:.12g}", knob)
    return int(value)


_MADE: dict[str, Callable[[Mapping[str, Value]], Dataset]] = {"points": _points, "sine": _sine, "linear-system": _system}


def made(dataset: Dataset, given: Mapping[str, object]) -> Dataset:
    """The dataset as these settings of its own make it. Raises DatasetError with the `knob` that is wrong."""
    values = read_knobs(dataset.name, dataset.knobs, given)
    make = _MADE.get(dataset.name)
    return replace(make(values) if make else dataset, values=values)
