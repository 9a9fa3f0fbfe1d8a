"""What the program costs the machine: processor, memory and screen, sampled with the standard library alone."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_trainer.runs.history import History

EVERY = 1.0
"""Seconds between two looks at what the program costs the machine."""
UNTIL_REST = 2
"""Looks that are still taken when training holds: later ones would only show, and cause, what looking costs."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One sample; None is what could not be found out."""

    speed: float | None = None
    """Training samples a second."""
    speeds: tuple[float, ...] = ()
    """The same over time, oldest first."""
    threads: int = 0
    """Threads that train; 0 when nothing does."""
    cores: int = 1
    cpu_percent: float | None = None
    """Of this process since the sample before; 100 is one core."""
    memory_bytes: int | None = None
    memory_total: int | None = None
    screen_share: float | None = None
    """Share of one core that the calling thread took since the sample before."""
    screen_bytes_per_second: float | None = None
    unit: str = "img/s"
    """What the speed counts: pictures, or samples that are none."""
    elsewhere: bool = False
    """Whether another process trains: then processor and memory are those of the screen alone."""


class Meter:
    """Samples differences, so the first one knows no rates. To be used from the thread that draws."""

    def __init__(self) -> None:
        self._before: tuple[float, float, float, int] | None = None
        self._machine, self._sampled, self._still = Machine(), 0.0, 0

    def now(self, history: History, *, live: bool, screen_bytes: int, elsewhere: bool = False) -> Machine:
        """What training costs, sampled at most once in `EVERY`; while nothing trains only until the figures have come to rest.

        `elsewhere`: another process trains, and what this one costs is looking.
        """
        now = time.monotonic()
        still = history.paused or not live
        if now - self._sampled >= EVERY and not (still and self._still > UNTIL_REST):
            self._sampled = now
            self._still = self._still + 1 if still else 0
            threads = history.threads if live and not (elsewhere and _is_far(history)) else 0
            speed, speeds = history.samples_per_second, tuple(history.speeds)
            self._machine = self.sample(speed=speed, speeds=speeds, threads=threads, screen_bytes=screen_bytes)
        if (self._machine.unit, self._machine.elsewhere) != (history.speed_unit, elsewhere):
            self._machine = replace(self._machine, unit=history.speed_unit, elsewhere=elsewhere)
        return self._machine

    def sample(
        self, *, speed: float | None = None, speeds: Sequence[float] = (), threads: int = 0, screen_bytes: int = 0
    ) -> Machine:
        """What happened since the last sample. `screen_bytes` is all that was ever written to the terminal."""
        now = (time.perf_counter(), time.process_time(), time.thread_time(), screen_bytes)
        before, self._before = self._before, now
        wall = now[0] - before[0] if before else 0.0
        known = before is not None and wall > 0
        return Machine(
            speed=speed,
            speeds=tuple(speeds),
            threads=threads,
            cores=cores(),
            cpu_percent=100 * (now[1] - before[1]) / wall if before and known else None,
            memory_bytes=memory(),
            memory_total=total_memory(),
            screen_share=(now[2] - before[2]) / wall if before and known else None,
            screen_bytes_per_second=max(now[3] - before[3], 0) / wall if before and known else None,
        )


def _is_far(history: History) -> bool:
    """Whether the process that trains is on another machine, whose cores are not those of this one."""
    return history.hosted is not None and history.hosted.host != socket.gethostname()


@lru_cache(maxsize=1)
def cores() -> int:
    """Cores that this process may run on."""
    try:
        return len(os.sched_getaffinity(0)) or 1
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def memory() -> int | None:
    """Bytes of memory this process holds; the most it ever held where the system tells no more."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return _peak()


def _peak() -> int | None:
    try:
        import resource  # not on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@lru_cache(maxsize=1)
def total_memory() -> int | None:
    """Bytes of memory of the machine, or of the part of it that this process was given."""
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None
    try:
        return min(whole, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    except (OSError, ValueError):
        return whole
