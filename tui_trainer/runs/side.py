"""One run as it stands beside others: its curves on four axes, its figures, its machine. Knows no file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tui_trainer.config import Config
from tui_trainer.events import Evaluated, LearningRateChanged, SettingChanged
from tui_trainer.runs.store import Run

AXES = ("step", "epoch", "seconds", "samples")
CURVES = ("loss", "accuracy", "mae", "train loss")
"""Of validation, but for the last."""
LEVELS = (*range(5, 90, 5), *range(90, 100))
"""Accuracies in percent of which is told when a run came to them."""


class Spot(NamedTuple):
    """A point of a curve, wherever it is to stand on the x axis."""

    step: int
    epoch: float
    """How many were done, as a broken number."""
    seconds: float
    samples: float
    """Learned from by then, each as often as it was seen."""
    value: float

    def at(self, axis: str) -> float:
        """Its place on one of AXES."""
        return float(self[AXES.index(axis)])


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a run was trained, last of all; empty where it is not known."""

    host: str = ""
    device: str = ""
    device_name: str = ""
    threads: int = 0
    precision: str = ""
    torch: str = ""


class Crowned(NamedTuple):
    """A validation that was the best when it came."""

    evaluated: Evaluated
    """Without its matrix."""
    found: Mapping[str, float]
    """Share of each class that it found, by name; classes without a sample are left out."""
    gap: float | None
    """Accuracy in training about it, minus its own."""


@dataclass(frozen=True, slots=True)
class Side:
    """One run. Shares go from 0 to 1; what it has not come to is None or empty."""

    letter: str
    """Under which it goes beside the others: that of its setting, or its own where all are of one setting."""
    run: Run
    status: str
    """As `store.Summary` has it."""
    config: Config
    """By now, with what was changed by hand."""
    preset_text: str
    """Its own copy of the preset."""
    task: str
    """`classification` or `regression`; empty where it never started."""
    curves: Mapping[str, tuple[Spot, ...]]
    """Each of CURVES, bounded and finite; empty where there is none."""
    bests: tuple[Crowned, ...]
    """Every validation that was the best when it came, oldest first; of very many the newest."""
    best: Evaluated | None
    """The best validation, by accuracy, of regression by loss; without its matrix."""
    last: Evaluated | None
    test: Evaluated | None
    found: Mapping[str, float]
    """Share of each class that the best validation found, by name; classes without a sample are left out."""
    tried: int
    """Samples of the validation split."""
    gap: float | None
    """Accuracy in training about the best validation, minus that of the validation."""
    reached: Mapping[int, float]
    """Seconds to each of LEVELS that a validation came to."""
    parameters: int
    steps: int
    epochs: float
    seconds: float
    samples: int
    """Learned from, each as often as it was seen."""
    speed: float | None
    """Samples a second of training, evaluations left out."""
    machine: Machine
    train_size: int
    changes: tuple[LearningRateChanged | SettingChanged, ...]
    """What was changed by hand and still stands."""
    resumed: int
    """How many times it went on from a checkpoint."""

    @property
    def regression(self) -> bool:
        return self.task == "regression"

    @property
    def finished(self) -> bool:
        return self.status == "finished"

    @property
    def score(self) -> float | None:
        """What ranks it: the best validation accuracy, of regression the best validation loss; None where that is not finite."""
        value = None if self.best is None else self.best.loss if self.regression else self.best.accuracy
        return value if value is not None and math.isfinite(value) else None

    @property
    def epoch_seconds(self) -> float | None:
        """How long an epoch took, evaluations and all that is between epochs included."""
        return self.seconds / self.epochs if self.epochs and self.seconds else None

    @property
    def worst(self) -> tuple[str, float] | None:
        """The class that the best validation found least of, and the share."""
        return min(self.found.items(), key=lambda pair: pair[1], default=None)
