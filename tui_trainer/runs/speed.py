"""How fast a run is, and when each of its steps was: bounded, by the run's own clock."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import accumulate

MOST_POINTS = 4096


class Speed:
    """Samples a second over the last two seconds of training; evaluations and pauses do not count."""

    WINDOW = 2.0

    def __init__(self, seconds: float = 0.0, step: int = 0) -> None:
        """From this step on, which was done at this second."""
        self.now: float | None = None
        self.seconds_per_step: float | None = None
        self.past: deque[float] = deque(maxlen=60)
        self._reports: list[tuple[float, int, int]] = [(seconds, step, 0)]
        self._kept = 0.0

    def add(self, seconds: float, step: int, seen: int) -> None:
        self.extend((seconds,), (step,), (seen,))

    def extend(self, seconds: Sequence[float], steps: Sequence[int], seen: Sequence[int]) -> None:
        """Reports in a row: when, up to which step, of how many samples. Looks at those alone that leave something."""
        first = len(self._reports)
        self._reports += zip(seconds, steps, list(accumulate(seen, initial=self._reports[-1][2]))[1:], strict=True)
        times = [one[0] for one in self._reports]
        at = first
        while at < len(times):
            self._look(at, times)
            if at == len(times) - 1:
                break
            due = bisect_left(times, self._kept + 0.5, at + 1) if self.past else at + 1
            at = min(due, len(times) - 1)
        del self._reports[: self._since(len(times) - 1, times)]

    def _look(self, at: int, times: list[float]) -> None:
        """How fast it was at this report."""
        second, step, seen = self._reports[at]
        then, before, samples = self._reports[self._since(at, times)]
        took = second - then
        if took <= 0 or step <= before:
            return
        self.now = (seen - samples) / took
        self.seconds_per_step = took / (step - before)
        if not self.past or second >= self._kept + 0.5:
            self.past.append(self.now)
            self._kept = second

    def _since(self, at: int, times: list[float]) -> int:
        """The report that the window before this one begins with."""
        now = times[at]
        found = (bisect_right(times, now - self.WINDOW, 0, at) or 1) - 1
        while found + 1 < at and now - times[found + 1] >= self.WINDOW:
            found += 1
        while found and now - times[found] < self.WINDOW:
            found -= 1
        return found

    def leave_out(self, seconds: float) -> None:
        """So much time went into something else than training."""
        self._reports = [(at + seconds, step, seen) for at, step, seen in self._reports]


class Clock:
    """When each step was done, in a bounded table."""

    def __init__(self) -> None:
        self._steps = [0]
        self._seconds = [0.0]

    def add(self, step: int, seconds: float) -> None:
        self.extend((step,), (seconds,))

    def extend(self, steps: Sequence[int], seconds: Sequence[float]) -> None:
        """Steps that rise; those that are known already are ignored."""
        at = bisect_right(steps, self._steps[-1])
        while at < len(steps):
            end = at + MOST_POINTS + 1 - len(self._steps)
            self._steps += steps[at:end]
            self._seconds += seconds[at:end]
            at = end
            if len(self._steps) > MOST_POINTS:
                self._steps = [*self._steps[:-1:2], self._steps[-1]]
                self._seconds = [*self._seconds[:-1:2], self._seconds[-1]]

    def truncate(self, step: int, seconds: float) -> None:
        """Forget what came after this step, which was done at this second."""
        kept = max(bisect_left(self._steps, step), 1)
        del self._steps[kept:], self._seconds[kept:]
        self.add(step, seconds)

    def at(self, step: float) -> float:
        right = min(bisect_right(self._steps, step), len(self._steps) - 1)
        left = max(right - 1, 0)
        span = self._steps[right] - self._steps[left]
        part = (step - self._steps[left]) / span if span else 0.0
        return self._seconds[left] + (self._seconds[right] - self._seconds[left]) * min(max(part, 0.0), 1.0)
