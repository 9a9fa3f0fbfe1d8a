"""All samples of a dataset as two tensors on the CPU, often memory-mapped, and which reader brings which dataset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from tui_trainer.config import Config
from tui_trainer.datasets import Dataset
from tui_trainer.engine import digits, functions, generated
from tui_trainer.engine.errors import TrainingError

Say = Callable[..., None]
"""`say(what, done=0, total=0)`: a phase began or moved on. It may raise, to give up: call it about ten times a second."""


class Samples(NamedTuple):
    """Every sample of a dataset: first those for training, then those of the source's own validation and test splits."""

    inputs: Tensor
    """uint8 [N, C, H, W], or float32 [N, F]; never written to"""
    targets: Tensor
    """int64 [N], or float32 [N, T]"""
    train: int
    """How many rows each split of the source has; 0 for one that is drawn by the run's seed."""
    val: int = 0
    test: int = 0
    notes: tuple[str, ...] = ()
    """Sentences that a person should read, such as which files could not be."""
    classes: tuple[str, ...] = ()
    """Where only reading tells them; else they are the dataset's."""


Reader = Callable[[Config, Dataset, Path, Say], Samples]


def _digits(config: Config, dataset: Dataset, datasets_home: Path, say: Say) -> Samples:
    inputs, labels = digits.read()
    return Samples(inputs, labels, len(labels))


def _shapes(config: Config, dataset: Dataset, datasets_home: Path, say: Say) -> Samples:
    inputs, labels = generated.shapes(datasets_home, say)
    return Samples(inputs, labels, dataset.train_size, test=dataset.test_size)


def _computed(config: Config, dataset: Dataset, datasets_home: Path, say: Say) -> Samples:
    inputs, targets = functions.COMPUTED[dataset.name](dataset)
    if dataset.whole:
        return Samples(inputs, targets, len(targets))
    return Samples(inputs, targets, dataset.train_size, dataset.val_size, dataset.test_size)


def _fetched(config: Config, dataset: Dataset, datasets_home: Path, say: Say) -> Samples:
    from tui_trainer.engine import fetched  # here only: it brings what reads the files of others

    return fetched.read(config, dataset, datasets_home, say)


def _folder(config: Config, dataset: Dataset, datasets_home: Path, say: Say) -> Samples:
    from tui_trainer.engine import folder  # here only: it brings Pillow

    return folder.read(config, dataset, datasets_home, say)


READERS: dict[str, Reader] = {"digits": _digits, "shapes": _shapes, **dict.fromkeys(functions.COMPUTED, _computed)}
"""Of the datasets that belong to the program, by name."""

STAND_IN = 512

_kept: dict[tuple[object, ...], Samples] = {}
"""The bundled dataset that was read last, shared by runs and trials of this process. Others are mapped from their files,
which takes milliseconds each time and no memory of ours."""


def reader(dataset: Dataset) -> Reader:
    """What reads this dataset. Raises TrainingError where nothing does."""
    if dataset.name in READERS:
        return READERS[dataset.name]
    if dataset.folder is not None:
        return _folder
    if dataset.fetch_bytes:
        return _fetched
    raise TrainingError(f"nothing here can read the dataset {dataset.name!r}")


def missing(dataset: Dataset, datasets_home: Path) -> int:
    """Bytes that are still to be fetched before it can be read."""
    if not dataset.fetch_bytes:
        return 0
    from tui_trainer.engine import fetched  # here only, as above

    return fetched.missing_bytes(dataset, datasets_home)


def stand_in(dataset: Dataset) -> Samples:
    """Noise of the right shape in the place of a dataset that is not here: a few pictures, and the labels of all."""
    pictures = torch.randint(0, 256, (STAND_IN, *dataset.shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(dataset.train_size + dataset.val_size + dataset.test_size) % len(dataset.classes)
    return Samples(pictures, labels, dataset.train_size, dataset.val_size, dataset.test_size)


def read(config: Config, dataset: Dataset, datasets_home: Path, say: Say) -> Samples:
    """Every sample of the dataset. Raises TrainingError in words, and whatever `say` raises."""
    bring = reader(dataset)
    if not dataset.bundled:
        return bring(config, dataset, datasets_home, say)
    key = (dataset.name, *sorted(dataset.values.items()))
    if (known := _kept.get(key)) is None:
        known = bring(config, dataset, datasets_home, say)
        _kept.clear()
        _kept[key] = known
    return known
