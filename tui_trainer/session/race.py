"""Two to four settings side by side on one device: a referee lets them take turns, and says who leads."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tui_trainer.commands import Abandon, Command, Stop
from tui_trainer.runs import store, swept
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session.budget import MOST, UNITS, Budget, RaceError, entrants, plan, told_apart
from tui_trainer.session.host import Halted
from tui_trainer.session.lane import Lane, Spot
from tui_trainer.session.making import create
from tui_trainer.session.racer import Racer
from tui_trainer.session.setup import Setup
from tui_trainer.session.turns import Clock, Turns

if TYPE_CHECKING:
    from tui_trainer.engine.turns import Aside

__all__ = ["MOST", "UNITS", "Budget", "Lane", "Race", "RaceError", "Spot", "entrants", "plan", "told_apart"]


class Race:
    """Two to four runs that take turns on one device until each has used its budget."""

    def __init__(
        self,
        setups: Sequence[Setup],
        budget: Budget,
        labels: Sequence[str] = (),
        *,
        given: Mapping[str, object] | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        """Makes the runs; `start` lets them race. `labels`: what each is called, else what tells them from each other. `given`:
        what was asked for, kept with the record. Raises RaceError for what cannot race, StoreError where no run can be made."""
        self.setups, self.budget = plan(setups, budget), budget
        self.labels = tuple(labels or told_apart(self.setups))
        self.given = dict(given or {})
        self._turns = Turns(len(self.setups))
        self._paused = False
        self._end: Command | None = None
        runs = self._made()
        count = len(runs)
        common: list[Aside] = []
        self._racers = [Racer(number, run, self._turns, budget, clock, common) for number, run in enumerate(runs)]
        for racer in self._racers:
            racer.asked = lambda: self._end
        self.lanes = tuple(
            Lane(label, setup, run, racer, budget, count)
            for label, setup, run, racer in zip(self.labels, self.setups, runs, self._racers, strict=True)
        )

    def _made(self) -> list[Run]:
        """A run for each, kept together as those of a sweep are; or none of them."""
        runs: list[Run] = []
        try:
            for one in self.setups:
                runs += [create(one)]
            asked = {"race": self.budget.unit, "amount": self.budget.amount, **self.given}
            self.record = swept.begin(self.name, asked)
            for label, run, one in zip(self.labels, runs, self.setups, strict=True):
                self.record.add((label, one.config.seed), run)
        except StoreError:
            for run in runs:
                store.delete(run)
            raise
        return runs

    @property
    def name(self) -> str:
        """`race-shapes`, under which its record is kept."""
        return f"race-{self.setups[0].config.dataset.rpartition('/')[2]}"

    def start(self, after: Halted | None = None) -> None:
        """Let them race, each in a thread of its own, as soon as `after` has stopped. Returns at once."""
        for number, racer in enumerate(self._racers):
            racer.start(after.cancel if after and not number else lambda: None)

    def poll(self) -> bool:
        """Fold what the records say by now; whether anything is new. Reads the end of each record, and waits for nothing."""
        return sum(lane.poll() for lane in self.lanes) > 0

    def pause(self) -> None:
        """Nobody gets a turn any more; whoever has it ends it within a tenth of a second, or with its batch. Not once its end was
        asked for."""
        if self._end is None:
            self._paused = True
            self._turns.hold()

    def go_on(self) -> None:
        self._paused = False
        self._turns.go_on()

    def stop(self) -> None:
        """Each finishes its batch, evaluates, saves and ends."""
        self._ask(Stop())

    def abandon(self) -> None:
        """Each ends where it is; what was saved last stays."""
        self._ask(Abandon())

    def _ask(self, end: Command) -> None:
        self._end, self._paused = end, False
        self._turns.hurry()

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def stopping(self) -> bool:
        """Whether its end was asked for."""
        return self._end is not None

    @property
    def alive(self) -> bool:
        """Whether any of them still trains here."""
        return any(racer.alive for racer in self._racers)

    @property
    def over(self) -> bool:
        """Whether all have ended, as far as `poll` has read."""
        return all(lane.ended for lane in self.lanes)

    @property
    def racing(self) -> bool:
        """Whether all are prepared, and they are off."""
        return self._turns.open

    @property
    def clock(self) -> float:
        """Seconds of the race, without pauses and without what came before the start."""
        return sum(lane.seconds for lane in self.lanes)

    @property
    def length(self) -> float | None:
        """What the clock shows at the end, less than the budget where one left early; None where the budget is not in seconds."""
        if self.budget.unit != "seconds":
            return None
        each = self.budget.amount / len(self.lanes)
        return sum(lane.seconds if lane.out else each for lane in self.lanes)

    @property
    def share(self) -> float:
        """Of the budget that is used, over those still in the race."""
        shares = [lane.share for lane in self.lanes if not lane.out] or [lane.share for lane in self.lanes]
        return sum(shares) / len(shares)

    @property
    def regression(self) -> bool:
        return any(lane.regression for lane in self.lanes)

    @property
    def leader(self) -> Lane | None:
        """The best by its newest validation; of equals the one whose loss is smaller. None before anybody was validated."""
        return min((lane for lane in self.lanes if lane.score is not None and not lane.out), key=_rank, default=None)

    def gap(self, lane: Lane) -> float | None:
        """How far its score is from the leader's, 0 or less; of a loss 0 or more. None where either has none."""
        leader = self.leader
        if leader is None or leader.score is None or lane.score is None:
            return None
        return lane.score - leader.score

    def wait(self, seconds: float) -> bool:
        """Wait until all have ended, at most so many seconds; whether they have."""
        end = time.monotonic() + seconds
        for racer in self._racers:
            racer.wait(max(0.0, end - time.monotonic()))
        return not self.alive


def _rank(lane: Lane) -> tuple[float, float]:
    last = lane.history.evaluation
    assert last is not None
    return (last.loss, 0.0) if last.accuracy is None else (-last.accuracy, last.loss)
