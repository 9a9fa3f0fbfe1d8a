"""When checkpoints are written: `best.pt` after a better epoch, `last.pt` now and then and at the end."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_trainer.engine import checkpoint
from tui_trainer.events import CheckpointSaved, Evaluated, Event, Noted

LAST_EVERY = 60.0
BEST_EVERY = 1.0
"""Small nets get better many times a second; disks need not know of each."""


@dataclass(slots=True)
class Best:
    """The best validation so far: by accuracy, and by loss where that is the same or there is none."""

    accuracy: float | None = None
    loss: float | None = None
    epoch: int = 0
    mae: float | None = None
    r2: float | None = None

    def beaten_by(self, accuracy: float | None, loss: float) -> bool:
        if self.loss is None:
            return True
        if accuracy is None or self.accuracy is None:
            return loss < self.loss
        return accuracy > self.accuracy or (accuracy == self.accuracy and loss < self.loss)

    def take(self, evaluated: Evaluated) -> None:
        self.accuracy, self.loss, self.epoch = evaluated.accuracy, evaluated.loss, evaluated.epoch
        self.mae, self.r2 = evaluated.mae, evaluated.r2


class Saves:
    """The checkpoints of one run. A full disk is a warning: training goes on, and the older file stays whole."""

    def __init__(self, folder: Path, emit: Callable[[Event], None], clock: Callable[[], float]) -> None:
        self._folder, self._emit, self._clock = folder, emit, clock
        self._last_at = clock()
        self._best_at = -BEST_EVERY + clock()
        self._waiting: dict[str, Any] | None = None

    def best(self, state: dict[str, Any], seconds: float) -> None:
        """`state` is the best so far: written now, or remembered until the next `flush` when one was just written."""
        due = self._best_is_due()
        self._waiting = state if due else copy.deepcopy(state)
        self.tick(seconds)

    def tick(self, seconds: float) -> None:
        """Called after each epoch: writes a best state that has waited for long enough."""
        if self._best_is_due():
            self.flush(seconds)

    def flush(self, seconds: float) -> None:
        """Writes the best state that waits, if any does."""
        if self._waiting is not None:
            state, self._waiting = self._waiting, None
            self._best_at = self._clock()
            self._write("best.pt", state, seconds)

    def _best_is_due(self) -> bool:
        return self._clock() - self._best_at >= BEST_EVERY

    def last_is_due(self) -> bool:
        return self._clock() - self._last_at >= LAST_EVERY

    def last(self, state: dict[str, Any], seconds: float) -> None:
        self._last_at = self._clock()
        self._write("last.pt", state, seconds)

    def _write(self, name: str, state: dict[str, Any], seconds: float) -> None:
        step, epoch = state["step"], state["epoch"]
        try:
            size = checkpoint.save(state, self._folder / name)
        except OSError as error:
            self._emit(Noted("warning", f"{name} cannot be written: {error.strerror or error}; training goes on", step))
        else:
            self._emit(CheckpointSaved(step, epoch, name == "best.pt", size, seconds))
