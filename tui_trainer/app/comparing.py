"""The comparison on the screen: records read a little at a time, and again while runs go on. Draws nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from tui_trainer.app.field import Entry, Field, WithStates
from tui_trainer.app.records import GOING_ON
from tui_trainer.runs import compare, store
from tui_trainer.runs.band import band
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.letters import Letters
from tui_trainer.runs.reader import Reader
from tui_trainer.runs.seeds import Group
from tui_trainer.runs.side import Side, Spot
from tui_trainer.runs.standings import Standing
from tui_trainer.runs.stopped import with_states
from tui_trainer.runs.store import Run, StoreError, Summary

AT_ONCE = 0.03
"""Seconds of reading between two looks for keys."""
PORTION = 1 << 17
"""Bytes of a record read at once."""
EVERY, SLOWEST = 1.0, 4.0
"""Seconds between two looks at runs that go on."""
COST = 25
"""Times what a look took of a core until the next, so that looking takes little from training."""

Drawn = tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float, float], ...]]


class Comparing:
    """What is known of a field by now."""

    def __init__(
        self, field: Field, clock: Callable[[], float] = time.monotonic, cpu: Callable[[], float] = time.thread_time
    ) -> None:
        self.field = field
        self.found: Comparison | None = None
        """Without a cut; None until every record was read once."""
        self.version = 0
        """Grows with each new comparison."""
        self.problems: dict[str, str] = {}
        """Of runs that cannot be read, by their names."""
        self._clock, self._cpu = clock, cpu
        self._readers: dict[str, Reader] = {}
        self._sides: dict[str, Side] = {}
        self._summaries: dict[str, tuple[int, Summary]] = {}
        """With the size that the record had then."""
        self._letters = Letters()
        self._work: Iterator[None] | None = None
        self._due = -SLOWEST
        self._took = 0.0
        self._said: tuple[object, ...] = ()
        """Of what the newest comparison was made."""

    @property
    def behind(self) -> int:
        """Bytes that are still to be read."""
        return sum(reader.behind for reader in self._readers.values())

    @property
    def busy(self) -> bool:
        """Whether a look was begun and has more to do."""
        return self._work is not None

    def advance(self, seconds: float = AT_ONCE) -> bool:
        """Go on for about so long with what is to be done; whether there is something new to show."""
        now, before = self._clock(), self.version
        if self._work is None:
            if now < self._due:
                return False
            self._work, self._took = self._look(), 0.0
        until, begun = now + seconds, self._cpu()
        while self._work is not None:  # one piece at least, however slow the machine is
            if next(self._work, self) is self:
                self._work = None
            elif self._clock() >= until:
                break
        self._took += self._cpu() - begun
        if self._work is None:
            self._due = self._clock() + min(max(EVERY, COST * self._took), SLOWEST)
        return self.version != before

    def _look(self) -> Iterator[None]:
        """One look at everything, in small pieces."""
        entries = self.field.entries()
        yield from self._sum_up(entries)
        chosen, rest = self._to_read(entries)
        yield
        runs = [run for _, those in chosen for run in those]
        self._reserve([label for label, _ in entries if label], [label for label, _ in chosen])
        moved: list[str] = []
        for run in runs:
            yield from self._read(run, moved)
        for name in moved:
            self._sides[name] = self._readers[name].side()
            yield
        there = [self._sides[run.name] for run in runs if run.name in self._sides]
        states = self.field.states() if isinstance(self.field, WithStates) else {}
        said = tuple(map(id, there)), rest, tuple(states.items())
        if there and said != self._said:
            names = {run.name: label for label, those in chosen for run in those if label}
            self.found = with_states(compare.compared(there, self._letters, names, rest), states)
            self._said, self.version = said, self.version + 1
        elif not there:
            self.version += self._said != said
            self.found, self._said = None, said

    def _reserve(self, labels: Sequence[str], chosen: Sequence[str]) -> None:
        """Letters in the order of the sweep, those that are to come included: as the command gives them when it is over."""
        if len(labels) > 1:
            self._letters.by_run = False
        self._letters.reserve(labels if len(labels) <= compare.MOST else chosen)

    def _sum_up(self, entries: Sequence[Entry]) -> Iterator[None]:
        """What is known of each run without reading its record, where there are too many settings to read them all."""
        if sum(bool(runs) for label, runs in entries if label) <= compare.MOST:
            return
        for run in (run for _, runs in entries for run in runs):
            size, known = _size(run), self._summaries.get(run.name)
            if known is None or known[0] != size or known[1].status in GOING_ON:
                self._summaries[run.name] = size, store.summary(run)
                yield

    def _to_read(self, entries: Sequence[Entry]) -> tuple[Sequence[Entry], tuple[Standing, ...]]:
        """The settings to be read: of those with a label the best eight, of runs without one all, each once."""
        if any(label for label, _ in entries):
            return compare.best_of(entries, summarise=lambda run: self._summaries[run.name][1])
        unique = {run.name: run for _, runs in entries for run in runs}
        return [("", (run,)) for run in list(unique.values())[: compare.MOST_RUNS]], ()

    def _read(self, run: Run, moved: list[str]) -> Iterator[None]:
        """Catch up with one record; its name goes to `moved` where there is more to say of it."""
        if run.name not in self._readers:
            try:
                self._readers[run.name] = Reader(run)
            except StoreError as error:
                self.problems[run.name] = str(error)
                return
            yield
        reader, grew = self._readers[run.name], False
        while reader.read_on(PORTION):
            grew = True
            yield
        if grew or self._other_state(run):
            moved.append(run.name)

    def _other_state(self, run: Run) -> bool:
        """Whether a run that went on does so no more, or was not looked at yet."""
        side = self._sides.get(run.name)
        return side is None or (side.status in GOING_ON and store.summary(run).status != side.status)


def _size(run: Run) -> int:
    try:
        return run.events.stat().st_size
    except OSError:
        return 0


class Bands:
    """The curve of each letter, made anew only where those of its runs moved."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], tuple[list[Sequence[Spot]], Drawn]] = {}

    def points(self, one: Standing, axis: str, curve: str) -> Drawn:
        """(x, mean) and (x, lowest, highest) of the seeds that count, over one of AXES."""
        counting = Group(one.sides).counting or one.sides
        curves: list[Sequence[Spot]] = [found for side in counting if (found := side.curves[curve])]
        key = one.letter, axis, curve
        known = self._known.get(key)
        if known is None or len(known[0]) != len(curves) or any(a is not b for a, b in zip(known[0], curves, strict=True)):
            known = self._known[key] = curves, _drawn(curves, axis)
        return known[1]


def _drawn(curves: Sequence[Sequence[Spot]], axis: str) -> Drawn:
    if len(curves) == 1:
        return tuple((spot.at(axis), spot.value) for spot in curves[0]), ()
    found = band(curves, axis)
    return tuple((one.x, one.mean) for one in found), tuple((one.x, one.low, one.high) for one in found)
