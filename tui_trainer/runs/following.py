"""Runs that are compared while they go on: their records read in portions, their letters kept."""

from __future__ import annotations

import time

from tui_trainer.runs.compare import MOST, Comparison, Entries, best_of, compared
from tui_trainer.runs.letters import Letters
from tui_trainer.runs.reader import Reader
from tui_trainer.runs.standings import Standing
from tui_trainer.runs.store import Run, StoreError

PORTION = 1 << 18
"""Bytes of a record that are read in one go: some hundredths of a second."""


class Following:
    """Settings and their runs, as they come and grow. All of it may be done in a thread that has nothing else to do."""

    def __init__(self, entries: Entries = ()) -> None:
        self._letters = Letters()
        self._readers: dict[str, Reader] = {}
        self._names: dict[str, str] = {}
        self._rest: tuple[Standing, ...] = ()
        self.problems: dict[str, str] = {}
        """Why a run cannot be read, by its name."""
        self.take(entries)

    def take(self, entries: Entries) -> None:
        """These are to be compared from now on; what is read of them already stays read. Of more settings than eight those that
        are best by now, and those that have a letter already."""
        named = [label for label, _ in entries if label]
        if self._letters.by_run is None and named:
            self._letters.by_run = len(entries) == 1
        if len(entries) <= MOST and not self._letters.by_run:
            self._letters.reserve(named)
        chosen, self._rest = best_of(entries) if named else (entries, ())
        runs = {run.name: run for _, several in chosen for run in several}
        self._names = {run.name: label for label, several in chosen for run in several if label}
        self._readers = {name: one for name in runs if (one := self._readers.get(name) or self._opened(runs[name]))}

    def _opened(self, run: Run) -> Reader | None:
        try:
            return Reader(run)
        except StoreError as error:
            self.problems[run.name] = str(error)
            return None

    @property
    def behind(self) -> int:
        """Bytes written and not read yet."""
        return sum(reader.behind for reader in self._readers.values())

    def read(self, seconds: float | None = None) -> bool:
        """Read on, all there is or about so long; whether there was anything. Whoever is furthest behind is read first."""
        end = None if seconds is None else time.monotonic() + seconds
        moved, stuck = False, set[str]()
        while True:
            left = {name: reader.behind for name, reader in self._readers.items() if name not in stuck}
            name = max(left, key=lambda one: left[one], default="")
            if not name or not left[name]:
                return moved
            if self._readers[name].read_on(PORTION):
                moved = True
            else:
                stuck.add(name)
            if end is not None and time.monotonic() >= end:
                return moved

    def comparison(self) -> Comparison | None:
        """What is to be said by now; None before there is a run."""
        sides = [reader.side() for reader in self._readers.values()]
        return compared(sides, self._letters, self._names, self._rest) if sides else None
