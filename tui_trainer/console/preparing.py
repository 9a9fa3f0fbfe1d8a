"""How far something is that takes a while before a run: a live line on a terminal, a line for every tenth where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable

from tui_trainer import units
from tui_trainer.console.output import Output

REDRAW = 0.1
"""Seconds between two looks of the live line."""
BAR = 16
LONG = 1_000_000
"""What counts to more than this is counted in bytes, and takes long enough to be said to a file as well."""
SETTLED = 2.0
"""Seconds after which the time that is left can be told."""


class Preparing:
    """Says each phase as it goes on."""

    def __init__(self, out: Output, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._out, self._clock = out, clock
        self._phase, self._tenth = "", -1
        self._began = self._drawn = float("-inf")
        self._done = 0

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None:
        now, phase = self._clock(), what.partition(":")[0]
        if new := phase != self._phase:
            self._phase, self._tenth, self._began, self._done = phase, -1, now, done
        if self._out.terminal:
            if new or now - self._drawn >= REDRAW or done == total:
                self._drawn = now
                self._out.live(self._line(what, done, total, now))
        elif total >= LONG and (tenth := 10 * done // total) > self._tenth:
            self._tenth = tenth
            self._out.line(f"{units.plain(what)}, {10 * tenth} %")

    def _line(self, what: str, done: int, total: int, now: float) -> str:
        """`◌ fetching cifar10: 34 of 170 MB, 5.2 MB/s  ━━━╸────  20 %  26 s left`"""
        if not total:
            return f"◌ {units.plain(what)}"
        words = [f"◌ {units.plain(what)}", bar(done / total), f"{100 * done // total:>3} %"]
        passed, gained = now - self._began, done - self._done
        if passed >= SETTLED and gained > 0:
            words.append(f"{units.duration((total - done) * passed / gained)} left")
        room = self._out.width() - 1
        while len(words) > 2 and len("  ".join(words)) > room:
            words.pop(1 if len(words) == 4 else -1)
        return "  ".join(words)


def bar(share: float) -> str:
    """━━━━╸─────"""
    full, half = divmod(round(min(max(share, 0.0), 1.0) * 2 * BAR), 2)
    return ("━" * full + "╸" * half).ljust(BAR, "─")
