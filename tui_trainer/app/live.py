"""The run on the screen: its session, what it said so far, and how often to look. Draws nothing itself."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from tui_trainer.runs.history import History

if TYPE_CHECKING:
    from tui_trainer.commands import Command
    from tui_trainer.session import Session

SHARE = 0.02
"""Part of one core that drawing may take: training then keeps 98 % of its speed."""
FASTEST, SLOWEST = 0.1, 1.0
"""Seconds between two frames: ten a second is what an eye wants of a curve."""
EAGER = 1.0
"""Seconds after a key press in which frames come as fast as they may, whatever they cost."""


class Live:
    """One run being watched, and the one before it."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.history = History()
        self.last: History | None = None
        self.last_id = ""
        self.config: dict[str, object] = {}
        """What the run was given; empty while there is none."""
        self.read_only = False
        """Whether the run is only looked at: nothing is asked of it."""
        self._silent = False
        """Whether the record stopped without an end: nobody trains it any more."""
        self.version = 0
        """Changes whenever the history did."""

    def open(self, session: Session) -> None:
        """Watch this session from its first event on; what was watched becomes the last run."""
        if self.session is not None and self.history.started is not None:
            self.last, self.last_id = self.history, self.session.run.id
        self.config = asdict(session.run.config())
        self.session, self.history = session, History(self.config)
        self._silent = False
        self.version += 1

    def poll(self) -> bool:
        """Take in what the log has to say, bounded; whether there was anything."""
        if self.session is None:
            return False
        going_on = self.active and self.session.alive  # asked first: what is said after that is read the next time
        new = self.session.poll()
        if new:
            self.history.extend(new)
            self.version += 1
        self._silent = not going_on and not new
        return bool(new)

    def send(self, command: Command) -> None:
        if self.session is not None and self.active and not self.read_only:
            self.session.send(command)

    @property
    def active(self) -> bool:
        """Whether a run is going on: its end was not read yet, and somebody is training it."""
        return self.session is not None and self.history.ended is None and not self._silent

    @property
    def hosting(self) -> bool:
        """Whether the run that goes on is trained by this process, and ends with it."""
        return self.active and self.session is not None and self.session.hosted

    @property
    def problem(self) -> str:
        """Why the run ended, where the record itself could not be written."""
        return self.session.problem if self.session is not None and not self.active else ""


class Pace:
    """How long to wait before the next frame, from what the last ones cost the interface's thread."""

    def __init__(self) -> None:
        self._eager_until = 0.0
        self._started = 0.0
        self.cost = 0.0
        """Seconds of CPU the last frame took."""
        self.share = 0.0
        """Part of one core that drawing takes, smoothed."""
        self._since = time.monotonic()

    def hurry(self) -> None:
        """Somebody pressed a key: answer at once for a moment."""
        self._eager_until = time.monotonic() + EAGER

    @property
    def eager(self) -> bool:
        """Whether a key was pressed a moment ago."""
        return time.monotonic() < self._eager_until

    def begin(self) -> None:
        self._started = time.thread_time()

    def end(self, drew: bool) -> float:
        """The frame begun is on the screen; gives the seconds to wait for the next."""
        self.cost = time.thread_time() - self._started
        now = time.monotonic()
        passed, self._since = max(now - self._since, 1e-3), now
        weight = min(1.0, passed / 2)
        self.share += weight * (self.cost / passed - self.share)
        if not drew or self.eager:
            return FASTEST
        return max(FASTEST, min(SLOWEST, self.cost / SHARE))
