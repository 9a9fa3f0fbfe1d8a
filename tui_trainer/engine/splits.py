"""Training, validation and test samples: the source's own splits where it has them, else drawn by the seed."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tui_trainer import datasets
from tui_trainer.config import Config
from tui_trainer.engine.samples import Samples
from tui_trainer.engine.seeds import seeded

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Split:
    """Some samples, in a fixed order: held as they are, or as numbers of rows in a whole that stays where it is."""

    inputs: Tensor
    """uint8 [N, C, H, W], or float32 [N, F]; with `rows` those of the whole"""
    targets: Tensor
    """int64 [N], or float32 [N, T]"""
    rows: Tensor | None = None
    """int64 [N], on the CPU: which rows of `inputs` these samples are; None where they are all of them."""
    pictures: Split | None = None
    """The same samples as pictures, where `inputs` are features that the preset computed from them."""

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def nbytes(self) -> int:
        """What the inputs and targets of these samples take when they are held as they are."""
        return len(self) * self.inputs[:1].nbytes + self.targets.nbytes

    def take(self, chosen: Tensor | slice) -> Tensor:
        """The inputs at these places of the split, where `inputs` lie."""
        wanted = chosen if self.rows is None else self.rows[chosen]
        return self.inputs[wanted] if isinstance(wanted, slice) else rows_of(self.inputs, wanted)

    def first(self, count: int) -> Split:
        """So many of these samples, or all there are."""
        rows = None if self.rows is None else self.rows[:count]
        return Split(self.inputs[:count] if rows is None else self.inputs, self.targets[:count], rows)

    def held(self, device: torch.device, layout: torch.memory_format) -> Split:
        """The same samples as they are, whole on this device. The rows are copied some at a time: nothing is held twice."""
        shape = (len(self), *self.inputs.shape[1:])
        inputs = torch.empty(shape, dtype=self.inputs.dtype, device=device)
        if len(shape) == 4:
            inputs = torch.empty(shape, dtype=self.inputs.dtype, device=device, memory_format=layout)
        for start in range(0, len(self), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            inputs[part] = self.take(part).to(device)
        return Split(inputs, self.targets.to(device), pictures=self.pictures)


def rows_of(whole: Tensor, chosen: Tensor) -> Tensor:
    """`whole[chosen]`, in its layout. A tenth of the time for pictures on a CPU: each is copied in one piece."""
    if whole.dim() == 4 and not whole.is_contiguous():
        return _rows(whole.permute(0, 2, 3, 1), chosen).permute(0, 3, 1, 2)
    return _rows(whole, chosen)


def _rows(whole: Tensor, chosen: Tensor) -> Tensor:
    if not whole.is_contiguous():
        return whole[chosen]
    return whole.view(len(whole), -1).index_select(0, chosen).view(-1, *whole.shape[1:])


def rows(config: Config, dataset: datasets.Dataset, samples: Samples) -> tuple[Tensor, Tensor, Tensor]:
    """Which rows of the samples are for training, validation and test, each in the order of the source."""
    rest = torch.arange(samples.train)
    if dataset.whole:
        return rest, rest, rest
    labels = samples.targets if dataset.task == "classification" else None
    own = torch.arange(samples.train, samples.train + samples.val + samples.test)
    val, test = own[: samples.val], own[samples.val :]
    if not samples.test:
        rest, test = divide(rest, labels, datasets.DRAWN_TEST, seeded(config.seed, "test"))
    if not samples.val:
        rest, val = divide(rest, labels, config.validation, seeded(config.seed, "validation"))
    return rest, val, test


def divide(among: Tensor, labels: Tensor | None, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sample numbers in two parts; the second is `share` of them. With labels both have the classes in the proportions of
    the whole."""
    wanted = datasets.held_out(len(among), share)
    groups = [among] if labels is None else _by_class(among, labels[among])
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


def _by_class(among: Tensor, labels: Tensor) -> list[Tensor]:
    """The sample numbers of each class, classes rising."""
    ordered, places = labels.sort(stable=True)
    counts = ordered.unique_consecutive(return_counts=True)[1]
    return list(among[places].split(counts.tolist()))
