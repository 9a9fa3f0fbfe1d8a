"""A sweep as a queue of runs: which are to be made, gone on with or waited for, which comes next, how long it may take.

It trains nothing. The command line and the screen take the next run from here and start it as they start any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tui_trainer.commands import Command, Continue, StopAt
from tui_trainer.runs import held, outcome, store, swept
from tui_trainer.runs.outcome import Outcome
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.runs.swept import Hold, Key, Manner, Swept
from tui_trainer.session.estimate import Before, Estimate, config_of, estimate, told
from tui_trainer.session.ladder import Ladder
from tui_trainer.session.making import create
from tui_trainer.session.past import is_held
from tui_trainer.session.planned import Planned, plan
from tui_trainer.session.records import ago, latest, made, recorded
from tui_trainer.session.resuming import Resume, resumption
from tui_trainer.sweeps import Sweep

__all__ = ["Begun", "Estimate", "Planned", "Queue", "ago", "estimate", "latest", "made", "plan", "recorded"]

SETTLED = frozenset({"finished", "diverged"})
"""States of a run that would come out the same again."""
ANEW = frozenset({"failed", *SETTLED})
"""States of a run in whose place a new one is made, where one is wanted at all."""


@dataclass(frozen=True, slots=True)
class Begun:
    """One run of a sweep whose turn it is."""

    planned: Planned
    run: Run
    resume: Resume | None = None
    """How to go on with it; None for one that begins."""
    elsewhere: bool = False
    """Whether another process trains it: it is waited for."""

    @property
    def goes_on(self) -> bool:
        """Whether it had begun before."""
        return self.elsewhere or (self.resume is not None and Continue() in self.resume.asked)


class Queue:
    """The runs of one sweep, one after another, or several at once. Those that are there already are not made again, and those
    that were interrupted go on where they were."""

    def __init__(
        self,
        sweep: Sweep,
        given: Mapping[str, object],
        planned: Sequence[Planned],
        *,
        again: bool = False,
        halving: bool = False,
    ) -> None:
        """Goes on with the newest record of the same sweep and settings, unless `again`. Raises SweepError where the worse half
        of its settings cannot be stopped and `halving` asks for it."""
        self.sweep, self.given, self.planned = sweep, dict(given), list(planned)
        self.swept = None if again else latest(sweep, given)
        record = self.swept.told() if self.swept is not None else swept.Told({})
        self._runs: dict[Key, Run] = made(record.runs, self.planned)
        self.ladder = Ladder(sweep, self.planned, record.rungs) if halving else None
        keys = {one.key for one in self.planned}
        self.skipped = {key for key in record.skipped if key in keys}
        self.live: dict[Key, Begun] = {}
        """Those whose turn it is."""
        self.waiting: list[Planned] = []
        self.current: Planned | None = None
        """The one that was begun last."""
        self._hold: Hold | None = None
        self._before: tuple[object, Before] | None = None
        """What was known of earlier runs when the newest one of this sweep began or ended."""
        self._orphans = self.swept is not None
        self.seeds = max(Counter(one.label for one in self.planned).values(), default=1)
        """Runs of each entry."""
        self._line_up()
        self.kept = len(self.planned) - len(self.waiting) if self.ladder is None else len(self._runs)
        """How many were there already."""

    # ---- what is said of it ----------------------------------------------------------------------------------

    @property
    def number(self) -> int:
        """Which of the runs is the current one, from 1; with halving, of those on this rung."""
        return self.total - len(self.waiting)

    @property
    def total(self) -> int:
        """How many runs there are; with halving, on this rung."""
        return len(self._round)

    @property
    def place(self) -> str:
        """`7 of 18`, or `2 of 6 to 4 of 16 epochs`"""
        words = f"{self.number} of {self.total}"
        return f"{words} {self.ladder.words()}".rstrip() if self.ladder is not None else words

    @property
    def over(self) -> bool:
        """Whether nothing is left to begin, and nothing goes on."""
        return not self.waiting and not self.live and not (self.ladder is not None and self.ladder.climbs)

    @property
    def estimate(self) -> Estimate:
        """How long what is left takes, from budgets, from earlier runs and from those of this very sweep."""
        parts = [(one, self._left(one)) for one in (*(begun.planned for begun in self.live.values()), *self.waiting)]
        turn = len(self.waiting), frozenset(self.live)
        if self._before is None or self._before[0] != turn:
            self._before = turn, Before()
        found = told(parts, self._before[1])
        if self.ladder is None or not (part := sum(share for _, share in parts)):
            return found
        return replace(found, seconds=found.seconds * (1 + self.ladder.to_come(self.seeds) / part))

    def going_on(self) -> str:
        """`4 of 6 runs are there already, begun 2 h ago`; empty for a sweep that begins."""
        if not self.kept or self.swept is None:
            return ""
        verb = "is" if self.kept == 1 else "are"
        return f"{self.kept} of {len(self.planned)} runs {verb} there already, {ago(self.swept.time)}"

    def entries(self) -> list[tuple[str, list[Run]]]:
        """The runs that there are, by the labels of the sweep and in its order."""
        found: dict[str, list[Run]] = {}
        for one in self.planned:
            if (run := self._runs.get(one.key)) is not None:
                found.setdefault(one.label, []).append(run)
        return list(found.items())

    def outcomes(self) -> dict[str, list[Outcome]]:
        """What the runs came to, by label; those that were never begun are not in it."""
        return {label: [outcome.read(run) for run in runs] for label, runs in self.entries()}

    def state(self, label: str) -> str:
        """What became of a setting that did not go on to the end, in words: `stopped at 2 of 8 epochs: 5th of 6`, or `skipped`."""
        keys = {one.key for one in self.planned if one.label == label}
        if keys and keys <= self.skipped:
            return "skipped"
        return self.ladder.state(label) if self.ladder is not None else ""

    # ---- what comes next -------------------------------------------------------------------------------------

    def begin_next(self) -> Begun | None:
        """The run whose turn it is: made and noted, to be gone on with, or to be waited for. None when there is none left, or
        none before those that go on have ended. Raises StoreError.

        What cannot be made stays the next one.
        """
        self._settle()
        record = self._record() if self.waiting else None
        if record is None or not self.waiting:
            if not self.live:
                self.let_go()
            return None
        begun = self._there_already(self.waiting[0]) or self._made(self.waiting[0], record)
        self.current = self.waiting.pop(0)
        self._runs[self.current.key], self.live[self.current.key] = begun.run, begun
        return begun

    def ended(self, run: Run) -> None:
        """Nobody trains this run any more. One that was lost elsewhere is the next; any other is done with for now."""
        for key, begun in list(self.live.items()):
            if begun.run == run:
                del self.live[key]
                if begun.elsewhere and key not in self.skipped and store.summary(run).status == "lost":
                    self.waiting.insert(0, begun.planned)

    def skip(self, one: Planned | None = None) -> None:
        """The current run, or this one, is done with, whatever it came to; who trains it is to stop it. Raises StoreError."""
        one = one or self.current
        if one is not None:
            self._record().skip(one.key)
            self.skipped.add(one.key)
            self.waiting = [other for other in self.waiting if other.key != one.key]

    def anew(self) -> None:
        """The current run could not be gone on with: another is made in its place, next. For those whose checkpoint is damaged."""
        if self.current is not None and self.live.pop(self.current.key, None) is not None:
            del self._runs[self.current.key]
            self.waiting.insert(0, self.current)

    def let_go(self) -> None:
        """Another process may go on with it from now on."""
        if self._hold is not None:
            self._hold.let_go()
            self._hold = None

    def _record(self) -> Swept:
        """What was run of it, once nobody else adds to it."""
        if self._hold is not None and self.swept is not None:
            return self.swept
        before = self.swept
        record = self.swept = before or swept.begin(self.sweep, self.given)
        if (hold := record.take()) is None:
            raise StoreError(f"sweep {self.sweep.name} goes on in another process: wait for it, or stop it there")
        self._hold = hold
        record.keep(self.sweep)
        if {one.label for one in self.planned} >= {one.label for one in self.sweep.entries}:  # a few of them set no manner for all
            record.set_manner(Manner(self.seeds, self.ladder is not None))
        if before is not None and self.current is None:  # somebody may have gone on with it since this was planned
            self._runs |= made(record.told().runs, self.planned)
            self._line_up()
        return record

    def _line_up(self) -> None:
        """What waits, those that go on elsewhere first."""
        known = {key: store.summary(run) for key, run in self._runs.items()}
        in_play = self.ladder.in_play if self.ladder is not None else None
        self._round = [one for one in self.planned if in_play is None or one.label in in_play]
        left = [one for one in self._round if not self._is_done(one, known.get(one.key))]
        self.waiting = sorted(left, key=lambda one: one.key not in known or not known[one.key].alive)

    def _is_done(self, one: Planned, summary: store.Summary | None) -> bool:
        if one.key in self.skipped:
            return True
        if summary is None:
            return False
        return summary.status in SETTLED or (self.ladder is not None and self.ladder.is_there(one, summary))

    def _settle(self) -> None:
        """Those that ended meanwhile are done with; where all of a rung are, the better half goes on."""
        for begun in list(self.live.values()):
            if not held.trained(begun.run.events):
                self.ended(begun.run)
        while self.ladder is not None and self.ladder.climbs and not self.waiting and not self.live and self.swept is not None:
            found: dict[str, list[store.Summary]] = {}
            for one in self._round:
                if one.key not in self.skipped and (run := self._runs.get(one.key)) is not None:
                    found.setdefault(one.label, []).append(store.summary(run))
            self.swept.climb(self.ladder.climb(found))
            self._line_up()

    def _there_already(self, one: Planned) -> Begun | None:
        """A run that was interrupted, or that another process trains; None where one is to be made."""
        run = self._runs.get(one.key) or self._orphan(one)
        if run is None or (summary := store.summary(run)).status in ANEW:
            return None
        if summary.alive:
            return Begun(one, run, elsewhere=True)
        no_stop = (StopAt(one.setup.config.budget[0], 0.0),)  # in place of one that it was given and did not come to
        resume = Resume(asked=(Continue(), *(self._orders(one) or no_stop)))
        try:
            resumption(run, resume)
        except StoreError:  # its checkpoint is damaged, or somebody was faster
            return Begun(one, run, elsewhere=True) if is_held(run) else None
        return Begun(one, run, resume)

    def _orphan(self, one: Planned) -> Run | None:
        """The run that was made for it by a process that was killed before it could say so."""
        looked, self._orphans = not self._orphans, False
        newest = None if looked else next(iter(store.everything()), None)
        if newest is None or self.swept is None or newest in self._runs.values() or config_of(newest) != one.setup.config:
            return None
        summary = store.summary(newest)
        if summary.status != "new" or summary.time < int(self.swept.time):
            return None
        self.swept.add(one.key, newest)
        return newest

    def _made(self, one: Planned, record: Swept) -> Begun:
        run, orders = create(one.setup), self._orders(one)
        record.add(one.key, run)
        return Begun(one, run, Resume(asked=orders) if orders else None)

    def _orders(self, one: Planned) -> tuple[Command, ...]:
        return self.ladder.orders(one) if self.ladder is not None else ()

    def _left(self, one: Planned) -> float:
        """Which part of its whole budget a run that waits still has to go, on this rung."""
        share = self.ladder.share if self.ladder is not None else 1.0
        run = self._runs.get(one.key)
        if run is None or (summary := store.summary(run)).status in ANEW:
            return 0.0 if one.key in self.live else share
        unit, whole = one.setup.config.budget
        done = {"epochs": float(summary.epochs), "steps": float(summary.steps)}.get(unit, summary.seconds)
        return max(share - done / whole, 0.0)
