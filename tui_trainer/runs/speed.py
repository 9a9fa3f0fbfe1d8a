"""How fast a run is, and when each of its steps was: bounded, by the run's own clock."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

MOST_POINTS = 4096


class Speed:
    """Samples a second over the last two seconds of training; evaluations and pauses do not count."""

    WINDOW = 2.0

    def __init__(self) -> None:
        self.now: float | None = None
        self.seconds_per_step: float | None = None
        self.past: deque[float] = deque(maxlen=60)
        self._reports: deque[tuple[float, int, int]] = deque([(0.0, 0, 0)])
        self._seen = 0
        self._kept = 0.0

    def add(self, seconds: float, step: int, seen: int) -> None:
        self._seen += seen
        reports = self._reports
        reports.append((seconds, step, self._seen))
        while len(reports) > 2 and seconds - reports[1][0] >= self.WINDOW:
            reports.popleft()
        took = seconds - reports[0][0]
        if took <= 0 or step <= reports[0][1]:
            return
        self.now = (self._seen - reports[0][2]) / took
        self.seconds_per_step = took / (step - reports[0][1])
        if not self.past or seconds >= self._kept + 0.5:
            self.past.append(self.now)
            self._kept = seconds

    def leave_out(self, seconds: float) -> None:
        """So much time went into something else than training."""
        self._reports = deque((at + seconds, step, seen) for at, step, seen in self._reports)


class Clock:
    """When each step was done, in a bounded table."""

    def __init__(self) -> None:
        self._steps = [0]
        self._seconds = [0.0]

    def add(self, step: int, seconds: float) -> None:
        if step <= self._steps[-1]:
            return
        self._steps.append(step)
        self._seconds.append(seconds)
        if len(self._steps) > MOST_POINTS:
            self._steps = [*self._steps[:-1:2], step]
            self._seconds = [*self._seconds[:-1:2], seconds]

    def at(self, step: float) -> float:
        right = min(bisect_right(self._steps, step), len(self._steps) - 1)
        left = max(right - 1, 0)
        span = self._steps[right] - self._steps[left]
        part = (step - self._steps[left]) / span if span else 0.0
        return self._seconds[left] + (self._seconds[right] - self._seconds[left]) * min(max(part, 0.0), 1.0)
