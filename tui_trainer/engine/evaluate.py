"""A net tried on samples that it does not learn from: one pass, its figures counted on the device and read once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from tui_trainer.engine.data import Data, Split
from tui_trainer.engine.fit import let_go
from tui_trainer.engine.model import Loss, is_memory

AT_ONCE = 500
"""Samples at once; half as many, and half again, where memory is too short for so many."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the figures of an evaluation follow from."""

    loss: float
    confusion: tuple[tuple[int, ...], ...] = ()
    """Counts, [true][taken for]; empty for regression."""
    taken_for: Tensor = field(default_factory=lambda: torch.empty(0))
    """Class given to each sample; empty for regression."""
    confidence: Tensor = field(default_factory=lambda: torch.empty(0))
    """Probability given to that class."""
    mae: float | None = None
    """Of regression: mean absolute error over all samples and outputs."""
    r2: float | None = None
    """Of regression: coefficient of determination, the mean over the outputs; None where all targets of one are equal."""

    @property
    def accuracy(self) -> float | None:
        """Share of samples that were classified rightly; None for regression."""
        if not self.confusion:
            return None
        right = sum(row[index] for index, row in enumerate(self.confusion))
        return right / max(1, sum(map(sum, self.confusion)))


def evaluate(
    net: nn.Module,
    data: Data,
    split: Split,
    loss: Loss,
    *,
    cast: Callable[[], AbstractContextManager[object]],
    between: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Every sample of a split once. `between` is called between batches, and may raise to end it."""
    size = AT_ONCE
    while True:
        try:
            return _evaluated(net, data, split, loss, size, cast, between)
        except (MemoryError, RuntimeError) as error:
            if size == 1 or not is_memory(error):
                raise
            let_go(error, data.device)
            size //= 2


def _evaluated(
    net: nn.Module,
    data: Data,
    split: Split,
    loss: Loss,
    size: int,
    cast: Callable[[], AbstractContextManager[object]],
    between: Callable[[], None],
) -> Evaluation:
    losses, given, sure = [], [], []
    regression = data.task == "regression"
    net.eval()
    try:
        with torch.no_grad():  # not inference_mode: what a net keeps from here could not be trained with later
            for inputs, targets in data.ordered(split, size):
                with cast():
                    outputs = net(inputs)
                outputs = outputs.float()
                losses.append(loss(outputs, targets) * len(targets))
                if not regression:
                    confidence, outputs = outputs.softmax(1).max(1)
                    sure.append(confidence)
                given.append(outputs)
                between()
    finally:
        net.train()
    mean = torch.stack(losses).sum().item() / len(split)
    if regression:
        mae, r2 = errors(torch.cat(given), split.targets)
        return Evaluation(mean, mae=mae, r2=r2)
    taken, classes = torch.cat(given), len(data.classes)
    counts = torch.bincount(split.targets * classes + taken, minlength=classes * classes)  # once: it waits for the device
    return Evaluation(mean, tuple(map(tuple, counts.view(classes, classes).tolist())), taken, torch.cat(sure))


def errors(predicted: Tensor, targets: Tensor) -> tuple[float, float | None]:
    """Mean absolute error and coefficient of determination of predictions [N, T]: 1 - Σ (y - ŷ)² / Σ (y - mean y)² for each
    output, then their mean. Summed in double precision where the device has it."""
    wide = torch.float32 if targets.device.type == "mps" else torch.float64
    predicted, targets = predicted.to(wide), targets.to(wide)
    missed = ((targets - predicted) ** 2).sum(0)
    spread = ((targets - targets.mean(0)) ** 2).sum(0)
    constant = (targets == targets[0]).all(0).any()
    mae, r2, undefined = torch.stack([(targets - predicted).abs().mean(), (1 - missed / spread).mean(), constant]).tolist()
    return mae, None if undefined else r2
