"""Which number of CPU threads a run is fastest with, found out while it trains: it depends on who else is at work.

Beside a neighbour that keeps one of two cores busy, two threads run at a third of the speed of one; alone they are half as
fast again. Nobody can know in advance, so a neighbouring number is timed on a few steps every few seconds. These steps
are steps of the run like all others, but threads change the order of sums: with a governor the last bits differ.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

from tui_trainer.events import ThreadsChanged

GAIN = 1.06
"""Another number has to be faster by this, in two trials on end."""
HOPELESS = 1.25
"""A trial whose first steps are all slower by this is over."""
MOVED = 1.25
"""A pace that changed by this calls for a trial at once."""
EVERY = 3.0
"""Seconds between two trials, at least."""
SOONEST = 1.0
"""The same, after a change of pace or of the number."""
SHARE = 0.02
"""Of the time goes to trials, at most."""
STEPS = 8
"""Timed of each number, at most."""
SLICE = 0.25
"""Seconds of a number that are enough, however few steps these were."""


class Governor:
    """Times steps, tries other numbers of threads now and then, and stays with a faster one. Off with a ladder of one."""

    def __init__(self, threads: int, ladder: tuple[int, ...], clock: Callable[[], float], use: Callable[[int], None]) -> None:
        """`ladder`: the numbers that come into question, rising, `threads` among them. `use` sets the number.

        `clock` may stand while the run is paused: such time does not count.
        """
        self.threads = threads
        self._ladder, self._clock, self._use = ladder, clock, use
        self._mine: deque[float] = deque(maxlen=STEPS)
        self._rival = 0
        """Number on trial; 0 between two trials."""
        self._others: list[float] = []
        self._won = 0
        self._spent = 0.0
        """Seconds that the last trial took."""
        self._ended: float | None = None
        self._pace = 0.0
        """Seconds a step at the last trial's end."""
        self._upwards = True
        self._last: float | None = None
        self._uncounted = 2
        self._tried = {threads}
        self._new = False
        """Whether the next step is the first ever with its number: torch builds its kernels then, however long that takes."""

    def turn(self, step: int, samples: int) -> ThreadsChanged | None:
        """Called after each step; gives a change when there was one."""
        if len(self._ladder) < 2:
            return None
        now = self._clock()
        took, self._last = (None if self._last is None else now - self._last), now
        if took is None or (self._uncounted and (took < SLICE / 2 or self._new)):
            self._uncounted = max(0, self._uncounted - 1)
            self._spent += took if took and self._rival and not self._new else 0.0
            self._new = False
            return None
        self._uncounted = 0
        if self._rival:
            return self._compare(took, step, samples)
        self._mine.append(took)
        if _enough(self._mine) and (self._won or self._is_due(now)):
            self._try()
        return None

    def rest(self) -> None:
        """Before something that is no step: what comes next is not timed, and a trial begins anew after it."""
        if self._rival:
            self._give_up()
        self._last, self._uncounted = None, 3  # caches and threads come back first

    def _is_due(self, now: float) -> bool:
        """Time for the next trial, sooner when the steps have become slower or faster than they were."""
        if self._ended is None:
            return True
        moved = not 1 / MOVED < median(self._mine) / self._pace < MOVED
        return now - self._ended >= max(SOONEST if moved else EVERY, self._spent / (2 * SHARE if moved else SHARE))

    def _try(self) -> None:
        """The next number up or down the ladder, by turns."""
        at = self._ladder.index(self.threads)
        if not self._won:
            self._spent = 0.0
            self._upwards = at + 1 < len(self._ladder) and (self._upwards or at == 0)
        self._rival = self._ladder[at + 1 if self._upwards else at - 1]
        self._switch(self._rival)

    def _compare(self, took: float, step: int, samples: int) -> ThreadsChanged | None:
        """One more step of the trial: go on, give up, time both once more, or change."""
        self._others.append(took)
        self._spent += took
        mine = median(self._mine)
        surely = len(self._others) >= 2 or took >= SLICE / 2
        if (surely and min(self._others) > HOPELESS * mine) or (_enough(self._others) and median(self._others) * GAIN > mine):
            self._upwards = not self._upwards
            self._end(mine)
        elif _enough(self._others):
            self._won += 1
            if self._won == 2:
                return self._change(step, samples)
            self._mine.clear()
            self._give_up()
        return None

    def _change(self, step: int, samples: int) -> ThreadsChanged:
        old, self.threads, pace = self.threads, self._rival, median(self._others)
        self._mine.clear()
        self._mine.extend(self._others)
        self._end(pace)
        return ThreadsChanged(step + 1, old, self.threads, samples / pace, self._clock())

    def _end(self, pace: float) -> None:
        """The trial is over; the number that won it stays."""
        self._pace, self._won, self._ended = pace, 0, self._clock()
        self._give_up()

    def _give_up(self) -> None:
        """Back to the run's own number."""
        if self._rival != self.threads:
            self._switch(self.threads)
        self._rival = 0
        self._others.clear()

    def _switch(self, threads: int) -> None:
        """The first step after a change does not count, unless it is slow and not the first of all with this number."""
        self._use(threads)
        self._uncounted, self._new = 1, threads not in self._tried
        self._tried.add(threads)


def _enough(times: deque[float] | list[float]) -> bool:
    return len(times) >= STEPS or sum(times) >= SLICE


def ladder(threads: int, cores: int) -> tuple[int, ...]:
    """The numbers of threads that come into question on so many cores: doubled from one on, all but one, and all."""
    doubled = {1 << power for power in range(cores.bit_length())}
    return tuple(sorted({number for number in doubled | {cores - 1, cores} if 1 <= number <= cores} | {threads}))
