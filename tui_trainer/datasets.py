"""What each dataset is: classes, shape, sizes, where it comes from. The samples themselves are read by the engine."""

from __future__ import annotations

from dataclasses import dataclass

from tui_trainer.config import nearest

DRAWN_TEST = 0.2
"""Share drawn for the test split, by the run's seed, where the source has no test split of its own."""


class DatasetError(ValueError):
    """A dataset that is not there: one sentence, with the nearest right name."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset, as lists and forms show it."""

    name: str
    about: str
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    """Of one sample: (channels, height, width)."""
    train_size: int
    """Samples for training and validation together, and for test too where `test_size` is 0."""
    test_size: int
    """0 when the source has no test split: it is then drawn from the whole by the seed."""
    task: str
    source: str
    licence: str
    bundled: bool
    """Whether it needs no network."""


DIGITS = Dataset(
    name="digits",
    about="1 797 real handwritten digits, 8×8, grey",
    classes=tuple("0123456789"),
    shape=(1, 8, 8),
    train_size=1797,
    test_size=0,
    task="classification",
    source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998, "
    "https://doi.org/10.24432/C50P49",
    licence="CC BY 4.0",
    bundled=True,
)

SHAPES = Dataset(
    name="shapes",
    about="12 000 drawn shapes among clutter, 32×32, colour",
    classes=("circle", "square", "triangle", "star", "cross", "ring", "heart", "arrow", "moon", "hexagon"),
    shape=(3, 32, 32),
    train_size=10_000,
    test_size=2_000,
    task="classification",
    source="drawn on first use, always the same",
    licence="MIT, as the program",
    bundled=True,
)

DATASETS: dict[str, Dataset] = {one.name: one for one in (DIGITS, SHAPES)}


def find(name: str) -> Dataset:
    """The dataset of that name. Raises DatasetError with the nearest one."""
    if (dataset := DATASETS.get(name)) is None:
        hint = nearest(name, DATASETS)
        raise DatasetError(f"there is no dataset {name!r}; {hint}there are {', '.join(DATASETS)}")
    return dataset


def splits(dataset: Dataset, validation: float) -> tuple[int, int, int]:
    """Sizes of train, validation and test when this share of the training samples is held out."""
    test = dataset.test_size or held_out(dataset.train_size, DRAWN_TEST)
    rest = dataset.train_size if dataset.test_size else dataset.train_size - test
    val = held_out(rest, validation)
    return rest - val, val, test


def held_out(size: int, share: float) -> int:
    """How many of `size` samples this share is: one at least."""
    return max(1, round(size * share))


def steps_per_epoch(train_size: int, batch_size: int) -> int:
    """Batches an epoch has. The last may be short; one of a single sample is left out, batch norm cannot learn from it."""
    whole, rest = divmod(train_size, batch_size)
    return max(1, whole + (rest > 1 or (rest == 1 and whole == 0)))
