"""How much of the machine others use, as Linux counts it: all processor time less our own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

IDLE = slice(3, 5)
"""Among the numbers of the first line of /proc/stat: idle, and idle while a disk is waited for."""
COUNTED = 8
"""The numbers after these are parts of the ones before."""


class Neighbours:
    """Others' share since the last look. Where the system does not tell it is 0."""

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        everybody: Callable[[], float] | None = None,
        ours: Callable[[], float] | None = None,
    ) -> None:
        self._clock, self._everybody, self._ours = clock, everybody or _everybody, ours or _ours
        self._then = self._now()

    def cores(self) -> float:
        """Cores that others kept busy since this was asked last."""
        before, self._then = self._then, self._now()
        passed, everybody, ours = (new - old for new, old in zip(self._then, before, strict=True))
        return max(0.0, everybody - ours) / passed if passed > 0 else 0.0

    def _now(self) -> tuple[float, float, float]:
        return self._clock(), self._everybody(), self._ours()


def _everybody() -> float:
    """Seconds that all cores were busy, also for other guests of the same host."""
    try:
        words = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0].split()[1 : 1 + COUNTED]
    except OSError:
        return 0.0
    ticks = [int(word) for word in words]
    return (sum(ticks) - sum(ticks[IDLE])) / os.sysconf("SC_CLK_TCK")


def _ours() -> float:
    spent = os.times()
    return spent.user + spent.system
