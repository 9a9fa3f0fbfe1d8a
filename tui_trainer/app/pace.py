"""How often to draw, so that the screen takes next to nothing from training. Knows only clocks."""

from __future__ import annotations

import time
from collections.abc import Callable

SHARE = 0.02
"""Part of one core that drawing may take: training then keeps 98 % of its speed."""
FASTEST, SLOWEST = 0.1, 1.0
"""Seconds between two frames: ten a second is what an eye wants of a curve."""
EAGER = 1.0
"""Seconds after a key press in which frames come as fast as they may, whatever they cost."""


class Pace:
    """When to draw, from what the last frames cost the interface's thread. Looking at the record costs little: that goes on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, cpu: Callable[[], float] = time.thread_time) -> None:
        self._clock, self._cpu = clock, cpu
        self._eager_until = 0.0
        self._started = 0.0
        self._since = clock()
        self._due = 0.0
        self.cost = 0.0
        """Seconds of CPU the last frame took."""
        self.share = 0.0
        """Part of one core that drawing takes, smoothed."""

    def hurry(self) -> None:
        """Somebody pressed a key: answer at once for a moment."""
        self._eager_until = self._clock() + EAGER

    @property
    def eager(self) -> bool:
        """Whether a key was pressed a moment ago."""
        return self._clock() < self._eager_until

    @property
    def due(self) -> bool:
        """Whether drawing may cost something again."""
        return self.eager or self._clock() >= self._due

    def begin(self) -> None:
        self._started = self._cpu()

    def end(self, drew: bool) -> None:
        """The look begun is over, and with `drew` there is a new frame on the screen."""
        cost, now = self._cpu() - self._started, self._clock()
        passed, self._since = max(now - self._since, 1e-3), now
        self.share += min(1.0, passed / 2) * (cost / passed - self.share)
        if drew:
            self.cost, self._due = cost, now + max(FASTEST, min(SLOWEST, cost / SHARE))
