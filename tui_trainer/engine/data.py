"""A dataset on the device: three splits of bytes and labels, and batches that are indexed, changed and normalised there.

The order of an epoch and its augmentation are functions of seed and epoch alone, so any batch can be made again.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from tui_trainer import datasets
from tui_trainer.config import Config
from tui_trainer.engine import augment, generated
from tui_trainer.engine.errors import TrainingError

Say = Callable[[str], None]

DIGITS_FILE = Path(__file__).parent.parent / "data" / "digits.gz"

_samples: dict[str, tuple[Tensor, Tensor]] = {}
"""Inputs and labels of the dataset read last, shared by runs and trials of this process; never written to."""


@dataclass(frozen=True, slots=True)
class Split:
    """Some samples, in a fixed order."""

    inputs: Tensor
    """uint8 [N, C, H, W]"""
    labels: Tensor
    """int64 [N]"""

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, index: Tensor, device: torch.device) -> Split:
        return Split(self.inputs[index].to(device), self.labels[index].to(device))


@dataclass(frozen=True, slots=True)
class Data:
    """What a run learns from, whole on its device."""

    train: Split
    val: Split
    test: Split
    classes: tuple[str, ...]
    mean: Tensor
    """Of each channel over the training split, in bytes, as [1, C, 1, 1]."""
    scale: Tensor
    """One over the standard deviation of each channel, in the same form."""
    seed: int
    augment: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample."""
        return tuple(self.train.inputs.shape[1:])

    def laid_out(self, layout: torch.memory_format) -> Data:
        """The same data, its pictures in this order in memory."""
        parts = [Split(part.inputs.contiguous(memory_format=layout), part.labels) for part in (self.train, self.val, self.test)]
        return replace(self, train=parts[0], val=parts[1], test=parts[2])

    def normalise(self, inputs: Tensor) -> Tensor:
        """Bytes to floats with mean 0 and deviation 1 over the training split."""
        return torch.sub(inputs, self.mean).mul_(self.scale)

    def batches(self, epoch: int, size: int, *, skip: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The training batches of one epoch, from the `skip`-th on: normalised inputs and labels."""
        count = len(self.train)
        device = self.train.labels.device
        order = torch.randperm(count, generator=seeded(self.seed, "order", epoch)).to(device)
        change = augment.plan(self.augment, count, size, seeded(self.seed, "augment", epoch), device)
        for number in range(skip, datasets.steps_per_epoch(count, size)):
            chosen = order[number * size : (number + 1) * size]
            inputs = change(self.train.inputs[chosen], number)
            yield self.normalise(inputs), self.train.labels[chosen]

    def ordered(self, split: Split, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All of a split in its own order: normalised inputs and labels."""
        for inputs, labels in zip(split.inputs.split(size), split.labels.split(size), strict=True):
            yield self.normalise(inputs), labels


def seeded(seed: int, *parts: object) -> torch.Generator:
    """A generator on the CPU for one purpose; other parts give numbers that have nothing to do with these."""
    digest = hashlib.blake2b(repr((seed, *parts)).encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)


def load(config: Config, datasets_home: Path, say: Say, device: torch.device) -> Data:
    """The dataset that `config` names, split by its seed, on the device."""
    dataset = datasets.find(config.dataset)
    inputs, labels = samples(dataset, datasets_home, say)
    rest = torch.arange(dataset.train_size)
    if dataset.test_size:
        test = torch.arange(dataset.train_size, dataset.train_size + dataset.test_size)
    else:
        rest, test = divide(rest, labels, datasets.DRAWN_TEST, seeded(config.seed, "test"))
    train, val = divide(rest, labels, config.validation, seeded(config.seed, "validation"))
    if config.batch_size > len(train):
        raise TrainingError(
            f"batch {config.batch_size} is larger than the {len(train)} training samples of {dataset.name}; "
            f"use {len(train)} or less"
        )
    whole = Split(inputs, labels)
    mean, scale = statistics(inputs[train])
    return Data(
        whole.at(train, device),
        whole.at(val, device),
        whole.at(test, device),
        dataset.classes,
        mean.to(device),
        scale.to(device),
        config.seed,
        "+".join(name for name in ("flip", "shift") if getattr(config, name)) or "none",
    )


def samples(dataset: datasets.Dataset, datasets_home: Path, say: Say) -> tuple[Tensor, Tensor]:
    """Every sample of a dataset and its label, training samples first; kept until another dataset is asked for."""
    if (known := _samples.get(dataset.name)) is None:
        if dataset.name == "digits":
            known = read_digits()
        elif dataset.name == "shapes":
            known = generated.shapes(datasets_home, say)
        else:
            raise TrainingError(f"nothing here can read the dataset {dataset.name!r}")
        _samples.clear()
        _samples[dataset.name] = known
    return known


def read_digits() -> tuple[Tensor, Tensor]:
    """The digits of the package, their 17 shades spread over a byte."""
    count = datasets.DIGITS.train_size
    try:
        content = bytearray(gzip.decompress(DIGITS_FILE.read_bytes()))
    except (OSError, EOFError) as error:
        raise TrainingError(f"the digits that belong to the program cannot be read: {error}; install it again") from error
    everything = torch.frombuffer(content, dtype=torch.uint8)
    pictures = (everything[count:].float() * (255 / 16)).round().to(torch.uint8)
    return pictures.view(count, *datasets.DIGITS.shape), everything[:count].long()


def divide(among: Tensor, labels: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sample numbers in two parts, both with the classes in the proportions of the whole; the second is `share` of it."""
    wanted = datasets.held_out(len(among), share)
    groups = [among[labels[among] == label] for label in labels[among].unique()]
    exact = torch.tensor([wanted * len(group) / len(among) for group in groups], dtype=torch.float64)
    counts = exact.floor().long()
    for index in (counts - exact).argsort(stable=True)[: wanted - int(counts.sum())]:
        counts[index] += 1
    kept, held = [], []
    for group, count in zip(groups, counts.tolist(), strict=True):
        mixed = group[torch.randperm(len(group), generator=generator)]
        held.append(mixed[:count])
        kept.append(mixed[count:])
    return torch.cat(kept).sort().values, torch.cat(held).sort().values


def statistics(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Mean of each channel and one over its deviation, counted exactly from how often each byte occurs."""
    values = torch.arange(256, dtype=torch.float64)
    means, scales = [], []
    for channel in inputs.unbind(1):
        weights = torch.bincount(channel.flatten(), minlength=256).double()
        weights /= weights.sum()
        mean = (weights * values).sum()
        deviation = (weights * (values - mean) ** 2).sum().sqrt()
        means.append(mean)
        scales.append(1 / deviation.clamp_min(1))
    shape = (1, -1, 1, 1)
    return torch.stack(means).float().view(shape), torch.stack(scales).float().view(shape)
