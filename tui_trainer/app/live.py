"""The run on the screen: its session, what it said so far, and how often to look. Draws nothing itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from tui_trainer import events
from tui_trainer.runs.history import History

if TYPE_CHECKING:
    from tui_trainer.commands import Command
    from tui_trainer.events import Event
    from tui_trainer.runs.store import Run
    from tui_trainer.session import Session

LOST_AFTER = 3.0
"""Seconds in which nobody held the lock and nothing was said: a hand-over takes less."""
ASKING = 0.5
"""Seconds between two looks at who holds the lock; where a file system has none, that takes reading."""
READING = 0.1
"""Seconds of reading in one frame while a long record is read: then keys get their turn."""
FAR = 1 << 18
"""Bytes from which a record that is still to be read counts as long."""

NEWS = (
    events.LearningRateChanged
    | events.SettingChanged
    | events.Paused
    | events.Continued
    | events.Stopping
    | events.OutOfMemory
    | events.RunResumed
    | events.HandedOver
    | events.RunEnded
)
"""What somebody waits for who has pressed a key, here or elsewhere: drawn at once, whatever that costs."""


class Live:
    """One run being watched, and the one before it."""

    def __init__(self, *, read_only: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.read_only = read_only
        """Whether nothing is ever asked of a run."""
        self.session: Session | None = None
        self.history = History()
        self.last: History | None = None
        self.last_id = ""
        self.config: dict[str, object] = {}
        """What the run was given; empty while there is none."""
        self.version = 0
        """Changes whenever the history did."""
        self.news = False
        """Whether the last look brought something that somebody waits for."""
        self._clock = clock
        self._alive, self._asked = False, 0.0  # whether somebody held the lock, and when that was looked at
        self._heard = 0.0  # when there was last a sign of life
        self._caught_up = False
        self._silent = False
        self._taken = False  # after its end somebody took the run again, and did not get to training yet
        self._starting = False  # this process is about to go on with it, and the record does not say so yet
        self._problem = ""

    def open(self, session: Session, *, resuming: bool = False) -> None:
        """Watch this session from its first event on; what was watched becomes the last run.

        `resuming`: this process is about to go on with it, so that an end in the record is none.
        """
        config = asdict(session.run.config())
        before = self.session
        if before is not None and before.run.folder != session.run.folder and self.history.started is not None:
            self.last, self.last_id = self.history, before.run.id
        self.config, self.session, self.history = config, session, History(config)
        self._heard = self._clock() - _age(session.run)
        self._asked = -ASKING
        self._caught_up = self._silent = self._taken = False
        self._starting, self._problem = resuming, ""
        self.version += 1

    def poll(self, seconds: float = 0.0) -> bool:
        """Take in what the record has to say, a portion or as many as are read in so many seconds; whether there was anything."""
        self.news = False
        if self.session is None:
            return False
        now = self._clock()
        if now - self._asked >= ASKING:  # before reading: what is said after that is read the next time
            self._alive, self._asked = self.session.alive, now
        until = now + seconds
        new = found = self.session.poll()
        self._take(new)
        while new and self.session.behind() and self._clock() < until:
            self._take(new := self.session.poll())
        self._judge(self._alive, grew=bool(found))
        return bool(found)

    def _take(self, new: Sequence[Event]) -> None:
        if not new:
            return
        self.history.extend(new)
        self.version += 1
        for event in new:
            if isinstance(event, NEWS):
                self.news = True
            if isinstance(event, events.Hosted):
                self._taken = True
                if self._caught_up:  # just now; until that is looked at, it is believed
                    self._alive, self._asked = True, -ASKING
                self._starting = self._starting and event.pid != os.getpid()
            elif isinstance(event, events.RunStarted | events.RunResumed | events.RunEnded):
                self._taken = False

    def _judge(self, alive: bool, *, grew: bool) -> None:
        """Whether anybody still trains it. An old record that is being read is no sign of life."""
        now = self._clock()
        if alive or (grew and self._caught_up):
            self._heard = now
        self._caught_up = self._caught_up or not grew or not self.behind
        problem = self.session.problem if self.session is not None else ""
        gone = self._caught_up and not alive and not grew
        self._silent = gone and (now - self._heard >= LOST_AFTER or bool(problem))
        if self._silent and self._unended:
            self._problem = problem
        elif alive:
            self._problem = ""
        self._taken = self._taken and alive  # who was refused to go on leaves the run as it had ended
        if self._silent:
            self._starting = False

    def send(self, command: Command) -> None:
        if self.session is not None and self.active and not self.read_only:
            self.session.send(command)

    @property
    def behind(self) -> int:
        """Bytes of the record that are still to be read."""
        return self.session.behind() if self.session is not None else 0

    @property
    def reading(self) -> int:
        """The same while there is so much of it that one has to wait; 0 when what is shown is what there is."""
        left = self.behind if not self.hosting or self._starting else 0
        return left if left > FAR else 0

    @property
    def resuming(self) -> bool:
        """Whether somebody took a run that was left, and has not begun to train it yet."""
        again = self.history.ended is not None or self.history.phase == "preparing"
        return self.active and again and self.history.step > 0

    @property
    def _unended(self) -> bool:
        """Whether the record has no end yet, or only one from which somebody goes on."""
        return self.history.ended is None or self._taken or self._starting

    @property
    def active(self) -> bool:
        """Whether a run is going on: its end was not read yet, and somebody is training it, or was a moment ago."""
        return self.session is not None and self._unended and not self._silent

    @property
    def held(self) -> bool:
        """Whether somebody held the run when that was looked at last."""
        return self.session is not None and self._alive

    @property
    def locked(self) -> bool:
        """Whether no other run can be set up now: one is going on, or nothing is ever begun here."""
        return self.active or self.read_only

    @property
    def hosting(self) -> bool:
        """Whether the run that goes on is trained by this process, and ends with it."""
        return self.active and self.session is not None and self.session.hosted and self.session.ours

    @property
    def attached(self) -> bool:
        """Whether the run that goes on is trained by another process."""
        return self.active and not self.hosting

    @property
    def lost(self) -> bool:
        """Whether the record stopped without an end, and nobody trains it any more."""
        return self.session is not None and self.history.ended is None and self._silent and not self.problem

    @property
    def problem(self) -> str:
        """Why the run ended, where the record itself could not be written."""
        return self._problem if not self.active else ""


def _age(run: Run) -> float:
    """Seconds since its record last grew; many where there is none."""
    try:
        return max(time.time() - run.events.stat().st_mtime, 0.0)
    except OSError:
        return LOST_AFTER
