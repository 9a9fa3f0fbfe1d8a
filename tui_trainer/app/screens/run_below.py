"""The run under the cursor, below the table: its curve and settings, of whose record a portion is read at a time."""

from __future__ import annotations

import time

from tui_trainer.app.following import Following
from tui_trainer.app.live import FAR
from tui_trainer.app.screens.run_acts import RunActs
from tui_trainer.app.widgets.run_card import RunCard
from tui_trainer.app.widgets.run_chart import RunChart
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Summary

FOLLOW = 0.04
"""Seconds after a move of the cursor until the record under it is read: who scrolls on does not wait for it."""
READ_ON = 0.002
"""Seconds left to keys and drawing between two portions of reading."""
AT_ONCE = 0.03
"""Seconds of reading in a row while nobody presses a key."""
CATCHING_UP = 0.2
"""Seconds between two pictures of a list or a curve that is still being read."""


class RunBelow(RunActs):
    """The part of the table's screen that shows one run."""

    chart: RunChart
    card: RunCard

    def __init__(self) -> None:
        super().__init__()
        self.following = Following()
        self._due = False
        """Whether the record is about to be read."""
        self._stale = True
        """Whether there is more of it to draw."""
        self._state: tuple[Summary | None, History | None, int] = (None, None, 0)
        """What there was the last time."""
        self._drew = 0.0

    def look_below(self) -> None:
        """The cursor may stand on another run: its settings at once, its curve in a moment, that of the newest cursor alone."""
        self.following.look_at(self.table.current if self.chart.display else None)
        self.card.show(self.table.current, self._history)
        if not self._due:
            self._due = True
            self.set_timer(FOLLOW, self._follow)

    def follow_on(self) -> None:
        """Called each frame: a run that goes on has more to say."""
        if not self._due:
            self._follow()

    def _follow(self) -> None:
        """Read a portion, and draw what there is where that is more than before."""
        self._due = False
        if not self.is_running:
            return
        new = self._ours is None and self.following.read(0.0 if self.trainer.pace.eager else AT_ONCE)
        left = self.following.behind if new else 0
        if left:
            self._due = True
            self.set_timer(READ_ON, self._follow)
        version = self.trainer.live.version if self._ours is not None else 0
        before, self._state = self._state, (self.table.current, self._history, version)
        self._stale = self._stale or new or before != self._state
        now = time.monotonic()
        if self._stale and (not left or now - self._drew > CATCHING_UP):
            self._stale, self._drew = False, now
            self._draw_run(left if left > FAR else 0)

    def _draw_run(self, left: int) -> None:
        one = self.table.current
        self.card.show(one, self._history)
        if self.chart.display:
            self.chart.look_at((one.name or one.run.id) if one is not None else "", self._history, left)

    @property
    def is_open(self) -> bool:
        """Whether the run under the cursor is the one that the app has open."""
        live, one = self.trainer.live, self.table.current if self.is_mounted else None
        return one is not None and live.session is not None and live.session.run.folder == one.run.folder

    @property
    def _ours(self) -> History | None:
        """What the app knows of the run under the cursor, where it has that one open."""
        return self.trainer.live.history if self.is_open and not self.trainer.live.reading else None

    @property
    def _history(self) -> History | None:
        return self._ours or self.following.history
