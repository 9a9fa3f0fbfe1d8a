"""What the Runs tab knows of all runs: read a few at a time, and the best of each dataset. Draws nothing."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from tui_trainer.runs import labels, store
from tui_trainer.runs.store import Run, Summary

GOING_ON = store.ALIVE | {"new"}
"""States in which somebody may hold the record: such a one is read at each look, all others when their log grew."""
AT_ONCE = 0.03
"""Seconds of reading between two frames."""

Stamp = tuple[int, int, int]
"""Size and time of a log, and time of the label: another one means that there is more to say."""

_ended: dict[Path, tuple[Stamp, Summary]] = {}  # records that nobody goes on with outlive the screen that read them


class Records:
    """All runs there are, newest first, and the summaries read so far."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.known: dict[Path, Summary] = {}
        self._stamps: dict[Path, Stamp] = {}
        """Of what was read."""
        self._seen: dict[Path, Stamp] = {}
        """At the last look, and so before the reading: what is written while a record is read is read again."""
        self._unread: deque[Run] = deque()

    def look(self) -> None:
        """List the runs again, and plan to read those that are new or grew: of any state, for anybody may resume one."""
        self.runs = store.everything()
        folders = {run.folder for run in self.runs}
        self.known = {folder: one for folder, one in self.known.items() if folder in folders}
        stamps = {run.folder: _stamp(run) for run in self.runs}
        for folder in folders - self.known.keys():
            if (found := _ended.get(folder)) is not None and found[0] == stamps[folder]:
                self._stamps[folder], self.known[folder] = found
        self._unread = deque(run for run in self.runs if self._may_differ(run.folder, stamps[run.folder]))
        self._seen = stamps

    def _may_differ(self, folder: Path, stamp: Stamp) -> bool:
        """Whether its summary was not read yet, or says less than its log does by now, or that somebody holds it."""
        return folder not in self.known or self.known[folder].status in GOING_ON or self._stamps.get(folder) != stamp

    def read(self, seconds: float = AT_ONCE) -> bool:
        """Read on for about this long; whether anything was read."""
        until = time.monotonic() + seconds
        read = False
        while self._unread and (not read or time.monotonic() < until):
            run = self._unread.popleft()
            stamp = self._stamps[run.folder] = self._seen[run.folder]
            summary = self.known[run.folder] = store.summary(run)
            if summary.status not in GOING_ON:
                _ended[run.folder] = stamp, summary
            read = True
        return read

    @property
    def behind(self) -> int:
        """How many are still to be read."""
        return len(self._unread)

    def summaries(self) -> list[Summary]:
        """Those read so far, newest first."""
        return [self.known[run.folder] for run in self.runs if run.folder in self.known]

    def again(self, run: Run) -> None:
        """Read this one anew, at once: its label was changed here."""
        self._seen[run.folder] = _stamp(run)
        self._unread = deque([run, *(one for one in self._unread if one.folder != run.folder)])
        self.read(seconds=0.0)

    def forget(self, run: Run) -> None:
        """This one was deleted."""
        self.runs = [one for one in self.runs if one.folder != run.folder]
        self._unread = deque(one for one in self._unread if one.folder != run.folder)
        self.known.pop(run.folder, None)
        _ended.pop(run.folder, None)


def _stamp(run: Run) -> Stamp:
    folder = str(run.folder)  # thousands are looked at each second: a Path for each would take longer than asking the system
    size, grew = _asked(f"{folder}/events.jsonl")
    return size, grew, _asked(f"{folder}/{labels.FILE}")[1]


def _asked(path: str) -> tuple[int, int]:
    """Size and time of a file; 0 where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # see above
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def leaders(summaries: Iterable[Summary]) -> frozenset[Path]:
    """The folder of the best run on each dataset; moons are another one than spirals."""
    groups: dict[object, list[Summary]] = {}
    for one in summaries:
        groups.setdefault((one.config.dataset, *sorted(one.config.data.items())), []).append(one)
    return frozenset(best.run.folder for group in groups.values() if (best := best_of(group)) is not None)


def best_of(summaries: Iterable[Summary]) -> Summary | None:
    """The best of runs on one dataset, the first of equals; None where none has a figure."""
    known = [(value, one) for one in summaries if (value := _goodness(one)) is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def _goodness(one: Summary) -> float | None:
    """What is compared on one dataset, more is better: accuracy, or of regression how small the mean error is."""
    if one.best_accuracy is not None or one.best_mae is None:
        return one.best_accuracy
    return -one.best_mae
