"""What each dataset is: classes, shape, sizes, where it comes from. The samples themselves are read by the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui_trainer.datasets import computed, fetched, folder
from tui_trainer.datasets.bundled import DIGITS, SHAPES
from tui_trainer.datasets.computed import LINEAR_SYSTEM, POINTS, SINE
from tui_trainer.datasets.dataset import Dataset, DatasetError
from tui_trainer.settings import nearest

if TYPE_CHECKING:
    from tui_trainer.config import Config

__all__ = [
    "DATASETS",
    "DIGITS",
    "DRAWN_TEST",
    "LINEAR_SYSTEM",
    "POINTS",
    "SHAPES",
    "SINE",
    "Dataset",
    "DatasetError",
    "find",
    "held_out",
    "of",
    "splits",
    "steps_left",
    "steps_per_epoch",
]

DRAWN_TEST = 0.2
"""Share drawn for the test split, by the run's seed, where the source has no test split of its own."""

DATASETS: dict[str, Dataset] = {one.name: one for one in (DIGITS, SHAPES, POINTS, SINE, LINEAR_SYSTEM, *fetched.FETCHED)}


def find(name: str, data: Mapping[str, object] | None = None) -> Dataset:
    """The dataset of that name, as its own settings `data` make it; `folder:PATH` is the user's pictures.

    Raises DatasetError with the nearest name, or with what is wrong with the setting `knob`.
    """
    if name.startswith(folder.PREFIX):
        dataset = folder.scan(name)
    elif name in DATASETS:
        dataset = DATASETS[name]
    else:
        hint = nearest(name, DATASETS)
        raise DatasetError(f"there is no dataset {name!r}; {hint}there are {', '.join(DATASETS)}, and folder:PATH")
    return computed.made(dataset, data or {})


def of(config: Config) -> Dataset:
    """The dataset of a run."""
    return find(config.dataset, config.data)


def splits(dataset: Dataset, validation: float) -> tuple[int, int, int]:
    """Sizes of train, validation and test when this share of the training samples is held out."""
    if dataset.whole:
        return dataset.train_size, dataset.train_size, dataset.train_size
    test = dataset.test_size or held_out(dataset.train_size, DRAWN_TEST)
    rest = dataset.train_size if dataset.test_size else dataset.train_size - test
    val = dataset.val_size or held_out(rest, validation)
    return rest - (0 if dataset.val_size else val), val, test


def held_out(size: int, share: float) -> int:
    """How many of `size` samples this share is: one at least."""
    return max(1, round(size * share))


def steps_left(train_size: int, batch_size: int, position: int) -> int:
    """Batches that are left of an epoch of which so many samples are behind."""
    if position == 0:
        return steps_per_epoch(train_size, batch_size)
    whole, rest = divmod(max(train_size - position, 0), batch_size)
    return whole + (rest > 1)


def steps_per_epoch(train_size: int, batch_size: int) -> int:
    """Batches an epoch has. The last may be short; one of a single sample is left out, batch norm cannot learn from it."""
    whole, rest = divmod(train_size, batch_size)
    return max(1, whole + (rest > 1 or (rest == 1 and whole == 0)))
