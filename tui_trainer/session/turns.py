"""Taking turns on one device: of several trainers in threads of one process one works at a time, and hands on where it looks
for commands. Knows nothing of what they do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Clock = Callable[[], float]


class Watch:
    """A clock that runs only while somebody has the turn."""

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self._sum = 0.0
        self._since: float | None = None

    def run(self) -> None:
        if self._since is None:
            self._since = self._clock()

    def stand(self) -> None:
        if self._since is not None:
            self._sum += self._clock() - self._since
            self._since = None

    def read(self) -> float:
        since = self._since
        return self._sum + (self._clock() - since if since is not None else 0.0)


class Turns:
    """Whose turn it is. First one after the other gets ready, and waits at a gate until all are; then whoever used the least of
    its budget is next, and of those that used the same whoever waited longest."""

    def __init__(self, count: int) -> None:
        self._changed = threading.Condition()
        self._there = set(range(count))
        self._waiting: set[int] = set()
        self._at_gate: set[int] = set()
        self._used = [0.0] * count
        self._last = [0] * count
        """When each got its turn last, counted in turns."""
        self._turn = 0
        self._holder: int | None = None
        self._held = False
        self.open = False
        """Whether all are ready, and may go beyond the gate."""

    def take(self, number: int) -> None:
        """Wait for the first turn."""
        self._wait(number)

    def goes_on(self, number: int, used: float) -> bool:
        """Whether whoever has the turn, and used so much of its budget by now, has the next one too."""
        with self._changed:
            self._used[number] = used
            return not self._held and self._next(self._waiting | {number}) == number

    def pass_on(self, number: int) -> None:
        """Hand the turn on, and wait until it comes back."""
        self._wait(number)

    def gate(self, number: int) -> None:
        """Hand the turn on, and wait for it until all have come this far or have left."""
        with self._changed:
            self._at_gate.add(number)
            self._look_at_gate()
        self._wait(number)

    def leave(self, number: int) -> None:
        """It waits for no turn any more, and needs none."""
        with self._changed:
            self._there.discard(number)
            self._waiting.discard(number)
            if self._holder == number:
                self._holder = None
            self._look_at_gate()
            self._grant()

    def hold(self) -> None:
        """Nobody gets a turn any more, until it goes on."""
        with self._changed:
            self._held = True

    def go_on(self) -> None:
        with self._changed:
            self._held = False
            self._grant()

    def hurry(self) -> None:
        """Go on, and wait for nobody at the gate: the end was asked for."""
        with self._changed:
            self._held, self.open = False, True
            self._grant()

    def _wait(self, number: int) -> None:
        with self._changed:
            self._waiting.add(number)
            if self._holder == number:
                self._holder = None
            self._grant()
            while self._holder != number:
                self._changed.wait()

    def _look_at_gate(self) -> None:
        self.open = self.open or self._there <= self._at_gate

    def _grant(self) -> None:
        """The turn to whoever is next, once all that are there wait."""
        if self._holder is not None or self._held or not self._there <= self._waiting:
            return
        if (number := self._next(self._waiting)) is not None:
            self._waiting.discard(number)
            self._holder = number
            self._turn += 1
            self._last[number] = self._turn
            self._changed.notify_all()

    def _next(self, among: set[int]) -> int | None:
        """Before the gate opens whoever had it last goes on: nothing is won where two get ready at the same time."""
        if self.open:
            return min(among, key=lambda one: (self._used[one], self._last[one], one), default=None)
        return min(among - self._at_gate, key=lambda one: (-self._last[one], one), default=None)
