"""A net tried on samples that it does not learn from: one confusion matrix and a mean loss, counted on the device."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tui_trainer.engine.data import Data, Split
from tui_trainer.engine.model import Loss

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the figures of an evaluation follow from."""

    loss: float
    confusion: tuple[tuple[int, ...], ...]
    """Counts, [true][taken for]."""
    taken_for: Tensor
    """Class given to each sample."""
    confidence: Tensor
    """Probability given to that class."""

    @property
    def accuracy(self) -> float:
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
    classes = len(data.classes)
    losses, given, sure = [], [], []
    net.eval()
    try:
        with torch.no_grad():  # not inference_mode: what a net keeps from here could not be trained with later
            for inputs, labels in data.ordered(split, AT_ONCE):
                with cast():
                    outputs = net(inputs)
                outputs = outputs.float()
                confidence, taken_for = outputs.softmax(1).max(1)
                losses.append(loss(outputs, labels) * len(labels))
                given.append(taken_for)
                sure.append(confidence)
                between()
    finally:
        net.train()
    taken = torch.cat(given)
    counts = torch.bincount(split.targets * classes + taken, minlength=classes * classes)  # once: it waits for the device
    mean = torch.stack(losses).sum().item() / len(split)
    return Evaluation(mean, tuple(map(tuple, counts.view(classes, classes).tolist())), taken, torch.cat(sure))
