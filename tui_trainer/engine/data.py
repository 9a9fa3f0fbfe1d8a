"""A dataset as a run learns from it: three splits, and batches that are indexed, changed and normalised on the device.

The order of an epoch and its augmentation are functions of seed and epoch alone, so any batch can be made again. What
does not fit into the device's memory stays where it is and is read batch by batch; the numbers are the same to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from tui_trainer import datasets
from tui_trainer.config import Config
from tui_trainer.datasets import Dataset
from tui_trainer.engine import augment, normal, samples, splits
from tui_trainer.engine.augment import Targets
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.samples import Samples, Say
from tui_trainer.engine.seeds import seeded
from tui_trainer.engine.splits import Split

__all__ = ["Data", "Samples", "Say", "Split", "load", "read", "seeded"]

CPU = torch.device("cpu")

SHARE = 0.6
"""Of the memory that is free, what the samples may take; the rest is for the net, its steps and everybody else."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a run learns from."""

    train: Split
    val: Split
    test: Split
    dataset: Dataset
    classes: tuple[str, ...]
    """Empty for regression."""
    mean: Tensor
    """Over the training split: of each channel of bytes as [1, C, 1, 1], of each value of a row as [1, F]. On the device
    [1, C, H, W] in its layout, which a CPU takes off a batch in a tenth of the time."""
    scale: Tensor
    """One over the standard deviation, in the same form."""
    seed: int
    changes: tuple[str, ...]
    """Names of the switches that are on, see `augment`."""
    notes: tuple[str, ...] = ()
    """What a person should know of these samples."""
    device: torch.device = CPU
    layout: torch.memory_format = torch.contiguous_format
    streamed: bool = False
    """Whether the inputs stay where they are, because they do not fit on the device."""
    missing: int = 0
    """Bytes that are to be fetched first: until then the inputs are noise of the right shape."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample, as the net gets it."""
        return tuple(self.train.inputs.shape[1:])

    @property
    def task(self) -> str:
        return self.dataset.task

    @property
    def outputs(self) -> int:
        """Values that a net gives for one sample."""
        return self.train.targets.shape[1] if self.task == "regression" else len(self.classes)

    @property
    def nbytes(self) -> int:
        """What all splits take when they are held on the device."""
        return self.train.nbytes if self.dataset.whole else sum(part.nbytes for part in (self.train, self.val, self.test))

    def placed(self, device: torch.device, layout: torch.memory_format, free: int) -> Data:
        """The same data, ready for batches: whole on the device where it fits into `free` bytes, otherwise streamed.
        `free` is 0 where the system does not tell."""
        with one_thread():
            return self._placed(device, layout, free)

    def _placed(self, device: torch.device, layout: torch.memory_format, free: int) -> Data:
        streamed = bool(self.missing) or (bool(free) and self.nbytes > SHARE * free)
        mean, scale = (self._spread(one, device, layout) for one in (self.mean, self.scale))
        at_home = replace(self, mean=mean, scale=scale, device=device, layout=layout, streamed=streamed)
        parts = (self.train, self.val, self.test)
        if streamed:
            moved = [replace(part, targets=part.targets.to(device)) for part in parts]
        elif self.dataset.whole:
            moved = [self.train.held(device, layout)] * 3
        else:
            moved = [part.held(device, layout) for part in parts]
        return replace(at_home, train=moved[0], val=moved[1], test=moved[2])

    def _spread(self, figures: Tensor, device: torch.device, layout: torch.memory_format) -> Tensor:
        if len(self.shape) != 3:
            return figures.to(device)
        return figures.expand(1, *self.shape).contiguous(memory_format=layout).to(device)

    def normalise(self, inputs: Tensor) -> Tensor:
        """Bytes or floats to floats with mean 0 and deviation 1 over the training split; always a tensor of its own."""
        if inputs.dtype == torch.uint8:
            return inputs.float().sub_(self.mean).mul_(self.scale)
        return torch.sub(inputs, self.mean).mul_(self.scale)

    def batches(self, epoch: int, size: int, *, position: int = 0) -> Iterator[tuple[Tensor, Targets]]:
        """The training batches of one epoch, but for the first `position` samples: normalised inputs and targets."""
        count = len(self.train)
        order = torch.randperm(count, generator=seeded(self.seed, "order", epoch))
        here = order.to(self.device)
        plan = augment.Plan(self.changes, self.seed, epoch, count, size, self.device)
        for start in range(position, position + size * datasets.steps_left(count, size, position), size):
            number, part = start // size, slice(start, start + size)
            inputs = self._here(self.train.take((order if self.streamed else here)[part]))
            inputs = self.normalise(plan.pictures(inputs, here[part], number))
            yield plan.inputs(inputs, self.train.targets[here[part]], number)

    def ordered(self, split: Split, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All of a split in its own order: normalised inputs and targets."""
        for start in range(0, len(split), size):
            part = slice(start, start + size)
            yield self.normalise(self._here(split.take(part))), split.targets[part]

    def _here(self, inputs: Tensor) -> Tensor:
        """A batch on the device, in the layout in which the device holds what it holds."""
        if not self.streamed:
            return inputs
        inputs = inputs.to(self.device)
        return inputs.contiguous(memory_format=self.layout) if inputs.dim() == 4 else inputs


@contextmanager
def one_thread() -> Iterator[None]:
    """Samples are moved and counted by one thread: two are hardly faster, and ten times slower beside a busy neighbour."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def read(config: Config, datasets_home: Path, say: Say, *, fetch: bool = True) -> Data:
    """The dataset that `config` names, split by its seed, still where it was read. Without `fetch`, noise takes the place of
    one that would have to be fetched. Raises TrainingError in words."""
    try:
        dataset = datasets.of(config)
    except datasets.DatasetError as error:
        raise TrainingError(f"{error.knob}: {error}" if error.knob else str(error)) from error
    missing = 0 if fetch else samples.missing(dataset, datasets_home)
    found = samples.stand_in(dataset) if missing else samples.read(config, dataset, datasets_home, say)
    with one_thread():
        return replace(_split(config, dataset, found), missing=missing)


def _split(config: Config, dataset: Dataset, found: Samples) -> Data:
    numbers = splits.rows(config, dataset, found)
    if config.batch_size > len(numbers[0]):
        raise TrainingError(
            f"batch {config.batch_size} is larger than the {len(numbers[0])} training samples of {dataset.name}; "
            f"use {len(numbers[0])} or less"
        )
    train, val, test = (Split(found.inputs, found.targets[rows], rows % len(found.inputs)) for rows in numbers)
    mean, scale = normal.raw(train) if dataset.task == "regression" else normal.scaling(train, config.inputs)
    classes = found.classes or dataset.classes
    return Data(train, val, test, dataset, classes, mean, scale, config.seed, config.changes, found.notes)


def load(config: Config, datasets_home: Path, say: Say, device: torch.device) -> Data:
    """The dataset that `config` names, whole on the device."""
    return read(config, datasets_home, say).placed(device, torch.contiguous_format, 0)
