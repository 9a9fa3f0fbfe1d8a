"""The record of the run that the cursor stands on, read a portion at a time; the newest cursor wins. Draws nothing."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import asdict
from pathlib import Path

from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run, Summary
from tui_trainer.session import Session

PORTION = 1 << 15
"""Bytes of a record that are read at once: some milliseconds, so that a key never waits for them."""
MOST = 6
"""Runs whose histories are kept: going back to one shows it at once."""


class Following:
    """One run at a time. What was read of others is kept for a while, and read on when they are looked at again."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, tuple[Session, History]] = OrderedDict()
        self._now: Path | None = None

    def look_at(self, run: Summary | None) -> None:
        """From now on this run is read, or none."""
        self._now = run.run.folder if run is not None else None
        if run is None:
            return
        folder = run.run.folder
        if folder not in self._known:
            self._known[folder] = Session(run.run), History(asdict(run.config))
        self._known.move_to_end(folder)
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def read(self, seconds: float = 0.0) -> bool:
        """Take in the next portion of the record, or as many as are read in so many seconds; whether there was anything."""
        if (here := self._here) is None:
            return False
        (session, history), until, read = here, time.monotonic() + seconds, False
        while (not read or time.monotonic() < until) and (new := session.poll(PORTION)):
            history.extend(new)
            read = True
        return read

    @property
    def history(self) -> History | None:
        """What is known of the run so far; None where none is looked at."""
        return self._here[1] if self._here is not None else None

    @property
    def behind(self) -> int:
        """Bytes of its record that are still to be read."""
        return self._here[0].behind() if self._here is not None else 0

    def forget(self, run: Run) -> None:
        """This one was deleted."""
        self._known.pop(run.folder, None)

    @property
    def _here(self) -> tuple[Session, History] | None:
        return self._known.get(self._now) if self._now is not None else None
