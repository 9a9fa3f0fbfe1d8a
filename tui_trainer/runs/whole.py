"""Every step and every validation of a record, none thinned out: what is exported. A resumed run tells nothing twice."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from tui_trainer.events import (
    Evaluated,
    Event,
    LearningRateChanged,
    RunResumed,
    RunStarted,
    SettingChanged,
    Stepped,
    ThreadsChanged,
)
from tui_trainer.runs import log
from tui_trainer.runs.history import History
from tui_trainer.runs.pace import Rate
from tui_trainer.runs.store import Run


class Step(NamedTuple):
    """One batch that was learned from."""

    step: int
    epoch: int
    loss: float
    lr: float
    """Follows from that of the report it came in, and the schedule."""
    seconds: float
    """On the run's clock; within a report, which has one time for all its steps, even."""


class Whole:
    """One run so far: what a `History` has, and everything that it leaves out."""

    def __init__(self) -> None:
        self.history = History()
        self.begun: RunStarted | None = None
        """As it was said: a history has what holds by now, which a resumed run may have changed."""
        self.steps: list[Step] = []
        self.evaluations: list[Evaluated] = []
        """Validations, and the test."""
        self.resumed: list[RunResumed] = []
        """Every time that it went on from a checkpoint and still stands."""
        self.threads: list[ThreadsChanged] = []
        self._rate = Rate()
        self._changes: list[LearningRateChanged] = []

    def extend(self, events: Iterable[Event]) -> None:
        taken = list(events)
        self.history.extend(taken)
        for event in taken:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.begun = event
                self.steps, self.evaluations, self.resumed, self.threads = [], [], [], []
                self._rate, self._changes = Rate(event), []
            case RunResumed():
                self._go_back(event)
            case Stepped():
                self._stepped(event)
            case Evaluated():
                self.evaluations.append(event)
            case ThreadsChanged():
                self.threads.append(event)
            case LearningRateChanged():
                self._changes.append(event)
            case SettingChanged(name="batch_size"):
                self._rate.spread(event)

    def _go_back(self, event: RunResumed) -> None:
        """What came after the checkpoint did not happen."""
        del self.steps[bisect_right(self.steps, event.step, key=lambda one: one.step) :]
        until = event.step + event.evaluated
        self.evaluations = [one for one in self.evaluations if one.split == "val" and one.step < until]
        self.resumed = [one for one in self.resumed if one.step <= event.step] + [event]
        self.threads = [one for one in self.threads if one.step <= event.step]
        self._changes = [one for one in self._changes if one.step <= event.step]
        self._rate = Rate(event)

    def _stepped(self, report: Stepped) -> None:
        count, first = len(report.losses), report.step - len(report.losses) + 1
        began = self.steps[-1].seconds if self.steps else 0.0
        for number, loss in enumerate(report.losses):
            seconds = round(began + (report.seconds - began) * (number + 1) / count, 4)
            self.steps.append(Step(first + number, report.epoch, loss, self._lr(report, first + number, seconds), seconds))

    def _lr(self, report: Stepped, step: int, seconds: float) -> float:
        """Of one step of a report, in the middle of which somebody may have changed it."""
        later = next((one for one in self._changes if step < one.step <= report.step), None)
        known = replace(report, step=later.step, lr=later.old, seconds=later.seconds) if later else report
        return known.lr if self._rate.constant else known.lr * self._rate.ratio(known, step, seconds)


def read(run: Run) -> Whole:
    """The whole record as it is by now."""
    found, tail, left = Whole(), log.Tail(run.events), -1
    while (behind := tail.behind()) != left:  # a torn last line is left where it is
        left = behind
        found.extend(tail())
    return found
