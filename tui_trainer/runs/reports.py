"""Reports that follow each other, column by column: a long record has a million of them, and as objects they cost the most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from tui_trainer.events import Stepped

Kind = TypeVar("Kind")


@dataclass(slots=True)
class Reports:
    """Each goes on where the one before it ended. A row is one `Stepped`, of which the epoch and the rate of the last are kept."""

    steps: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    """How many losses are in each."""
    losses: list[float] = field(default_factory=list)
    """Of all, flat."""
    correct: list[int] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    epoch: int = 0
    lr: float = 0.0

    @property
    def first(self) -> int:
        """The step of the first loss."""
        return self.steps[0] - self.counts[0] + 1

    def goes_on(self, later: Reports) -> bool:
        """Whether those begin where these end."""
        return later.first == self.steps[-1] + 1

    def add(self, later: Reports) -> None:
        self.steps += later.steps
        self.counts += later.counts
        self.losses += later.losses
        self.correct += later.correct
        self.seen += later.seen
        self.seconds += later.seconds
        self.epoch, self.lr = later.epoch, later.lr

    def append(self, event: Stepped) -> bool:
        """Take in one event where it begins where these end; whether it did."""
        count = len(event.losses)
        if event.step - count != self.steps[-1]:
            return False
        self.steps.append(event.step)
        self.counts.append(count)
        self.losses += event.losses
        self.correct.append(event.correct)
        self.seen.append(event.seen)
        self.seconds.append(event.seconds)
        self.epoch, self.lr = event.epoch, event.lr
        return True

    @classmethod
    def of(cls, events: Sequence[Stepped]) -> Reports:
        """Those of events that go on where the one before ended."""
        return cls(
            [one.step for one in events],
            [len(one.losses) for one in events],
            list(chain.from_iterable([one.losses for one in events])),
            [one.correct for one in events],
            [one.seen for one in events],
            [one.seconds for one in events],
            events[-1].epoch,
            events[-1].lr,
        )

    @classmethod
    def series(cls, events: Sequence[Stepped]) -> list[Reports]:
        """The same of any events in a row: several where one does not go on where the one before ended."""
        last = [one.step for one in events]
        before = [one.step - len(one.losses) for one in events]
        if last[:-1] == before[1:]:
            return [cls.of(events)]
        return [cls.of([one]) for one in events]


def joined(pieces: Iterable[Kind]) -> list[Kind | Reports]:
    """The same with every `Stepped` in columns, and as few of these as there can be."""
    found: list[Kind | Reports] = []
    last: Reports | None = None
    for one in pieces:
        if isinstance(one, Stepped):
            if last is None or not last.append(one):
                last = Reports.of([one])
                found.append(last)
        elif not isinstance(one, Reports):
            last = None
            found.append(one)
        elif last is not None and last.goes_on(one):
            last.add(one)
        else:
            last = one
            found.append(one)
    return found
