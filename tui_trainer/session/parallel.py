"""Several runs of a sweep at once, each in a process of its own, as many as the device allows; the cores are shared out."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tui_trainer import paths, units
from tui_trainer.commands import Stop
from tui_trainer.runs import held, log
from tui_trainer.runs.store import StoreError
from tui_trainer.session.heir import background
from tui_trainer.session.planned import Planned
from tui_trainer.session.preflight import devices
from tui_trainer.session.sweeping import Begun, Queue


class ParallelError(ValueError):
    """So many at once are not possible here: one sentence for a person."""


def places(planned: Sequence[Planned], count: int) -> list[dict[str, str]]:
    """What the process of each of `count` places finds in its environment: its share of the cores, its GPU.

    Loads torch where a run may take a GPU. Raises ParallelError with what would be right.
    """
    if count == 1:
        return [{}]
    asked = {one.setup.config.device for one in planned}
    if fixed := sorted(name for name in asked if name.startswith(("cuda:", "mps"))):
        raise ParallelError(f"--parallel {count}: all would train on {fixed[0]}, which one run fills; leave the device to auto")
    gpus = _gpus() if asked - {"cpu"} else 0
    if "cuda" in asked or (gpus and "auto" in asked):
        if gpus < count:
            there = "is one GPU" if gpus == 1 else f"are {gpus} GPUs"
            raise ParallelError(f"--parallel {count}: here {there}, and each run takes one; {_instead(gpus)}or --device cpu")
        return [{paths.GPUS: name} for name in _visible(count)]
    return _cores(planned, count)


def _instead(most: int) -> str:
    return f"--parallel {most} " if most > 1 else "without --parallel "


def _gpus() -> int:
    """GPUs that are there; one where it is Apple's, which cannot be parted."""
    names = [place.name for place in devices()]
    return sum(name.startswith("cuda") for name in names) or int("mps" in names)


def _visible(count: int) -> list[str]:
    """What the first of these GPUs are called: who gave this process some of the machine's gave it no others."""
    given = paths.gpus()
    return [*given, *map(str, range(len(given), count))][:count]


def _cores(planned: Sequence[Planned], count: int) -> list[dict[str, str]]:
    most = cores()
    if count > most:
        there = "one core" if most == 1 else f"{units.count(most)} cores"
        raise ParallelError(
            f"--parallel {count}: here is {there}; at most {most}"
            if most == 1
            else f"--parallel {count}: here are {there}, at most one run on each"
        )
    each = most // count
    threads = [int(one.setup.config.threads) for one in planned if one.setup.config.threads != "auto"]
    if threads and max(threads) * count > most:
        raise ParallelError(
            f"--parallel {count}: with {max(threads)} threads each there is room for {max(most // max(threads), 1)} on {most} cores"
        )
    return [{paths.CORES: str(each)}] * count


def cores() -> int:
    """Those that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, paths.cores() or usable)


class Parallel:
    """The runs of a queue, several at once. Nothing of them depends on this process: they go on where it ends."""

    def __init__(self, queue: Queue, count: int) -> None:
        """Raises ParallelError where so many are not possible."""
        self.queue = queue
        self._free = places(queue.planned, count)
        self._taken: dict[str, dict[str, str]] = {}
        self.live: list[Begun] = []
        self._stopping = False

    def fill(self) -> Begun | None:
        """Begin the next run where there is a place for it, unless one `ended` that is not told yet. Raises StoreError where it
        cannot be begun: it is not tried again."""
        untold = any(not held.trained(one.run.events) for one in self.live)
        if untold or not self._free or (begun := self.queue.begin_next()) is None:
            return None
        if not begun.elsewhere:
            try:
                background(begun.run, begun.resume, self._free[-1])
            except StoreError:
                self.queue.ended(begun.run)
                raise
        self._taken[begun.run.name] = self._free.pop()
        self.live.append(begun)
        if self._stopping:  # it was asked for while this one was begun
            log.append(begun.run.commands, Stop())
        return begun

    def ended(self) -> list[Begun]:
        """Those that ended since this was asked last."""
        over = [one for one in self.live if not held.trained(one.run.events)]
        for one in over:
            self.live.remove(one)
            self._free.append(self._taken.pop(one.run.name))
            self.queue.ended(one.run)
        return over

    def stop(self) -> None:
        """Ask all of them to stop; each keeps what it has."""
        self._stopping = True
        for one in self.live:
            log.append(one.run.commands, Stop())
