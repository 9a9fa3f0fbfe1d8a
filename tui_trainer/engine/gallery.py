"""Samples of the training split to look at before anything is trained, as they are or as an epoch sees them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from tui_trainer.config import Config
from tui_trainer.engine import augment, data
from tui_trainer.engine.data import Data, Say
from tui_trainer.engine.errors import TrainingError
from tui_trainer.engine.seeds import seeded

MOST_POINTS = 600
"""Points of a plane: more would cover each other on a screen."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some samples in plain Python: what a screen draws."""

    shape: tuple[int, ...]
    """Of one sample."""
    classes: tuple[str, ...]
    at: int
    """Place of the first one shown, from 0."""
    total: int
    """Samples that can be turned to."""
    changed: bool
    pictures: tuple[bytes, ...] = ()
    """Bytes of (channels, height, width); empty where samples are no pictures."""
    labels: tuple[int, ...] = ()
    rows: tuple[tuple[float, ...], ...] = ()
    """Values of each sample that is no picture, with its target behind them where numbers are to be predicted."""
    names: tuple[str, ...] = ()
    """Of the columns of `rows`."""
    plane: bool = False
    """Whether `rows` are points that can be drawn: their first two columns."""

    @property
    def shown(self) -> int:
        """How many samples the page has."""
        return max(len(self.pictures), len(self.rows))

    @property
    def what(self) -> str:
        """What the samples are called."""
        return "pictures" if self.pictures else "points" if self.plane else "rows"


def page(
    config: Config,
    datasets_home: Path,
    say: Say,
    *,
    at: int,
    count: int,
    changed: bool = False,
    only: int | None = None,
    fetch: bool = False,
) -> Page:
    """`count` training samples from the `at`-th on, in the order of the run's first epoch; `only` those of one class.

    Raises TrainingError where the dataset is not here and `fetch` is not set, and whatever reading it raises.
    """
    found = data.read(replace(config, batch_size=1), datasets_home, say, fetch=fetch)
    if found.missing:
        name, size = found.dataset.name, found.dataset.fetch_bytes
        raise TrainingError(f"{name} is not here yet: {size / 1e6:.0f} MB have to be fetched; f does it now")
    train = found.train
    order = torch.arange(len(train))
    if found.task != "regression":
        order = order[torch.randperm(len(order), generator=seeded(config.seed, "order", 1))]
    if only is not None:
        order = order[train.targets[order] == only]
    if len(found.shape) != 3:
        return _rows(found, order, at, count)
    shown = order[at : at + count]
    pictures = train.take(shown)
    if changed and len(shown):
        pictures = _as_trained_on(found, pictures, shown)
    return Page(
        found.shape,
        found.classes,
        at,
        len(order),
        changed,
        pictures=tuple(bytes(one.flatten().tolist()) for one in pictures.contiguous()),
        labels=tuple(train.targets[shown].tolist()),
    )


def _as_trained_on(found: Data, pictures: Tensor, chosen: Tensor) -> Tensor:
    """These pictures, as bytes, as they would be in one batch of the first epoch."""
    plan = augment.Plan(found.changes, found.seed, 1, len(found.train), len(chosen), torch.device("cpu"))
    inputs = found.normalise(plan.pictures(pictures, chosen, 0))
    inputs, _ = plan.inputs(inputs, found.train.targets[chosen], 0)
    return (inputs / found.scale + found.mean).round().clamp(0, 255).to(torch.uint8)


def _rows(found: Data, order: Tensor, at: int, count: int) -> Page:
    """Samples that are no pictures: all that can be drawn of points in the plane, a part of a table otherwise."""
    train, values = found.train, found.shape[0]
    predicted = found.task == "regression"
    plane = values == (1 if predicted else 2)
    shown = order[torch.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).long()] if plane else order[at : at + count]
    columns = [train.take(shown), *([train.targets[shown]] if predicted else [])]
    names = [f"x{number}" if values > 1 else "x" for number in range(1, values + 1)]
    return Page(
        found.shape,
        found.classes,
        0 if plane else at,
        len(order),
        changed=False,
        labels=() if predicted else tuple(train.targets[shown].tolist()),
        rows=tuple(tuple(row) for row in torch.cat(columns, 1).tolist()),
        names=(*names, *(["y"] if predicted else [])),
        plane=plane,
    )
