"""The runs of a sweep, several at once in processes of their own: a line when one begins and one when it ends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from tui_trainer import units
from tui_trainer.console import record
from tui_trainer.console.output import cut
from tui_trainer.console.sweep_runs import LOOK, Teller
from tui_trainer.runs.store import StoreError
from tui_trainer.session.parallel import Parallel
from tui_trainer.session.sweeping import Queue

PATIENCE = 3
"""Runs that could not be begun, one after the other, after which it is given up."""


class Several(Teller):
    """Runs a queue in several places and says how it goes."""

    def __init__(
        self, queue: Queue, parallel: Parallel, *, quiet: bool = False, apart: bool = False, folders: Sequence[Path] = ()
    ) -> None:
        super().__init__(queue, quiet=quiet, apart=apart, folders=folders)
        self.parallel = parallel

    def go(self) -> None:
        refused = 0
        while self.parallel.live or not (self.signals.code or self.queue.over):
            if not self.signals.code:
                refused = self._fill(refused)
            self._tell_ended()
            if not self.signals.code and not self.parallel.live and not self.queue.waiting:
                self._fill(0)  # a rung was reached: who goes on is known now
                if not self.parallel.live:
                    break
            self._say_live()
            time.sleep(LOOK)
        self.out.end_live()

    def _fill(self, refused: int) -> int:
        """Begin what there is room for; how many in a row could not be begun."""
        while not self.signals.code:
            try:
                begun = self.parallel.fill()
            except StoreError as error:
                if refused + 1 >= PATIENCE:
                    raise
                self.say(units.plain(f"     {error}"))
                return refused + 1
            if begun is None:
                return refused
            refused = 0
            self.say_rungs()
            self.say(self.name(begun))
        return refused

    def _tell_ended(self) -> None:
        for begun in self.parallel.ended():
            said = self.result(begun.planned, begun.run, record.read(begun.run))
            self.say(cut(f"     run {begun.run.id} {said}", self.out.width()))

    def _say_live(self) -> None:
        ids = ", ".join(begun.run.id for begun in self.parallel.live)
        if not self.quiet and ids:
            self.out.live(f"{'◌ stopping' if self.signals.code else '●'} {ids} · {len(self.queue.waiting)} wait")

    def stop(self) -> None:
        """Ask all of them to stop; they end in their own time."""
        self.parallel.stop()
