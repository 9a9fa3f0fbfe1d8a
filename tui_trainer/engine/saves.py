"""When checkpoints are written: `best.pt` after a better epoch, `last.pt` now and then and whenever a run may be left."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_trainer.checkpoints import BEST, LAST
from tui_trainer.engine import checkpoint
from tui_trainer.events import CheckpointSaved, Evaluated, Event, Noted

LAST_EVERY = 60.0
BEST_EVERY = 1.0
"""Small nets get better many times a second; disks need not know of each."""
EPOCH_EVERY = 1.0
"""Of epochs that are shorter than this not each is saved either."""
SHARE = 0.005
"""Of the time goes into saving at most, where epochs are short and nets large."""
RETRY = 5.0
"""Seconds after which what could not be written is tried again."""

PATIENCE = 10.0
"""Seconds for which it is tried at the very end."""


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
    """The checkpoints of one run. A disk that is full is said once: training goes on, the older file stays whole, and it is
    tried again until it works."""

    def __init__(self, folder: Path, emit: Callable[[Event], None], clock: Callable[[], float], every: float = LAST_EVERY) -> None:
        """`every`: seconds between two saves of `last.pt`, at most."""
        self._folder, self._emit, self._clock, self._every = folder, emit, clock, every
        self._last_at = clock()
        self._best_at = -BEST_EVERY + clock()
        self._waiting: dict[str, Any] | None = None
        self._cost = 0.0
        self._failed: dict[str, str] = {}
        """Why a file could not be written, by its name."""
        self.step = -1
        """Of the last.pt that lies there; -1 before the first."""

    def best(self, state: dict[str, Any], seconds: float) -> None:
        """`state` is the best so far: written now, or remembered until the next `flush` when one was just written."""
        due = self._best_is_due()
        self._waiting = state if due else copy.deepcopy(state)
        self.tick(seconds)

    def tick(self, seconds: float) -> None:
        """Called after each epoch: writes a best state that has waited for long enough."""
        if self._best_is_due():
            self.flush(seconds)

    def flush(self, seconds: float) -> bool:
        """Writes the best state that waits, if any does. Whether none waits any more."""
        if self._waiting is not None:
            state, self._waiting = self._waiting, None
            self._best_at = self._clock()
            if not self._write(BEST, state, seconds):
                self._waiting = copy.deepcopy(state)
        return self._waiting is None

    def _best_is_due(self) -> bool:
        return self._clock() - self._best_at >= (RETRY if BEST in self._failed else BEST_EVERY)

    def last_is_due(self) -> bool:
        """Whether it is time for `last.pt` again, or to try again."""
        return self._clock() - self._last_at >= (min(RETRY, self._every) if LAST in self._failed else self._every)

    def pause_is_due(self, step: int) -> bool:
        """Whether a run that was just paused at this step is to be saved."""
        return step != self.step and (LAST not in self._failed or self.last_is_due())

    def epoch_is_due(self) -> bool:
        """Whether the end of an epoch is worth a save: of long ones each, of short ones as many as cost nearly nothing."""
        return self._clock() - self._last_at >= min(max(EPOCH_EVERY, self._cost / SHARE), self._every)

    def last(self, state: dict[str, Any], seconds: float, *, asked: bool = False) -> bool:
        """Writes `last.pt` now; whether that worked. Where a person `asked` for it, a failure is said each time."""
        began = self._clock()
        self.flush(seconds)  # it tells which epoch was the best: nobody may find it without that one
        if asked:
            self._failed.pop(LAST, None)
        done = self._write(LAST, state, seconds)
        self._last_at = self._clock()
        self._cost = self._last_at - began
        if done:
            self.step = state["step"]
        return done

    def last_of_all(self, state: Callable[[], dict[str, Any]], seconds: float, sleep: Callable[[float], None]) -> None:
        """Writes `last.pt` when nothing comes after it: with patience, because there is no later time to try."""
        until = self._clock() + PATIENCE
        while not self.last(state(), seconds):
            if self._clock() >= until:
                self._emit(Noted("warning", "the last weights could not be saved: the disk cannot be written", state()["step"]))
                return
            sleep(0.5)

    def _write(self, name: str, state: dict[str, Any], seconds: float) -> bool:
        step, epoch = state["step"], state["epoch"]
        try:
            size = checkpoint.save(state, self._folder / name)
        except OSError as error:
            why = error.strerror or str(error)
            if self._failed.get(name) != why:
                self._failed[name] = why
                self._emit(Noted("warning", f"{name} cannot be written: {why}; training goes on, and it is tried again", step))
            return False
        if self._failed.pop(name, None):
            self._emit(Noted("info", f"{name} could be written again", step))
        self._emit(CheckpointSaved(step, epoch, name == BEST, size, seconds))
        return True
