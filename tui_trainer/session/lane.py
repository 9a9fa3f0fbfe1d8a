"""One of those that race, as it is to be seen: where it stands, its score, its curve. Folds its record, and nothing else."""

from __future__ import annotations

from typing import NamedTuple

from tui_trainer.runs import log
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run
from tui_trainer.session.budget import Budget, samples_after
from tui_trainer.session.racer import Racer
from tui_trainer.session.setup import Setup

OUT = frozenset({"failed", "diverged"})
"""States of a lane that is out of the race."""


class Spot(NamedTuple):
    """A validation on the chart: its place on the x axis, and the score."""

    x: float
    score: float


class Lane:
    """One of those that race. It changes in `Race.poll` alone."""

    def __init__(self, label: str, setup: Setup, run: Run, racer: Racer, budget: Budget, count: int) -> None:
        self.label, self.setup, self.run = label, setup, run
        self.history = History()
        self.state = "waiting"
        """`waiting`, `loading`, `racing`, `done`, `failed`, `diverged` or `stopped`."""
        self.share = 0.0
        """Of its budget that is used."""
        self.samples = 0
        """That it learned from, each as often as it was seen."""
        self.seconds = 0.0
        """That it trained."""
        self.error = ""
        """Why it left the race."""
        self._racer, self._tail = racer, log.Tail(run.events)
        self._wide = count if budget.unit == "seconds" else 1

    @property
    def regression(self) -> bool:
        """Whether the score is a loss, and less of it is better."""
        return self.history.regression

    @property
    def score(self) -> float | None:
        """Accuracy of the newest validation; of regression its loss."""
        last = self.history.evaluation
        return None if last is None else last.loss if last.accuracy is None else last.accuracy

    @property
    def speed(self) -> float | None:
        """Samples a second, while it has the turn."""
        return self.history.samples_per_second

    @property
    def parameters(self) -> int | None:
        return self.history.started.parameters if self.history.started else None

    @property
    def epoch(self) -> int:
        """The one in progress."""
        return self.history.epoch

    @property
    def out(self) -> bool:
        """Whether it left the race before its end."""
        return self.state in OUT

    @property
    def ended(self) -> bool:
        return self.state in {"done", "stopped", *OUT}

    def curve(self, axis: str) -> list[Spot]:
        """Its validations in order, over one of UNITS. Seconds are those of the race where that is what all have the same of,
        else its own."""
        points = self.history.val_loss if self.regression else self.history.val_accuracy
        return [Spot(self._place(axis, point.step, point.seconds), point.value) for point in points]

    def _place(self, axis: str, step: int, seconds: float) -> float:
        if axis == "seconds":
            return seconds * self._wide
        started = self.history.started
        if axis == "steps" or started is None:
            return float(step)
        return float(samples_after(step, started.train_size, self.setup.config.batch_size))

    def poll(self) -> bool:
        """Fold what is new; whether anything was."""
        before = (self.state, self.share, self.samples)
        alive = self._racer.alive
        events = self._tail()
        self.history.extend(events)
        if not (self._tail.behind() and self.history.ended is None):
            self.state, self.error = self._state(alive), self._why()
        self.share, self.samples, self.seconds = self._racer.share, self._racer.samples, self._racer.seconds
        return bool(events) or before != (self.state, self.share, self.samples)

    def _state(self, alive: bool) -> str:
        history = self.history
        if history.ended is not None:
            return {"finished": "done", "failed": "failed", "diverged": "diverged"}.get(history.ended.reason, "stopped")
        if self._racer.begun and not alive:
            return "failed" if self._racer.problem else "stopped"
        if self._racer.racing:
            return "racing"
        return "loading" if history.phase and not self._racer.ready else "waiting"

    def _why(self) -> str:
        ended = self.history.ended
        return (ended.error if ended is not None else "") or self._racer.problem
