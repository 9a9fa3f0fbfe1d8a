"""What the record of a run says of how it was left, found without reading every step, and who trains it now."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tui_trainer.events import EVENTS, CheckpointSaved, Event, HandedOver, Hosted, RunEnded, RunResumed, RunStarted
from tui_trainer.runs import backwards, held, log
from tui_trainer.runs.store import Run

TURNS = ("Hosted", "RunStarted", "RunResumed", "CheckpointSaved", "HandedOver", "RunEnded")
_TURNS = tuple(f'{{"type":"{name}"'.encode() for name in TURNS)


@dataclass(slots=True)
class Past:
    """How a run was left."""

    hosted: Hosted | None = None
    """The process that took it last."""
    started: RunStarted | None = None
    resumed: RunResumed | None = None
    """The newest time that it went on."""
    ended: RunEnded | None = None
    last: CheckpointSaved | None = None
    best: CheckpointSaved | None = None
    handed_over: bool = False
    """Whether the last thing that happened is that it was let go of."""

    @classmethod
    def of(cls, run: Run) -> Past:
        """From its record; of one that has none, nothing."""
        past = cls()
        try:
            with run.events.open("rb") as file:
                whole = os.fstat(file.fileno()).st_size > 0
                lines = [line for line in file if line.startswith(_TURNS)] if whole else []
        except OSError:
            return past
        decode: log.Decoder[Event] = log.Decoder(EVENTS)
        for line in lines:
            if (event := decode(line)) is not None:
                past._take(event)
        return past

    def _take(self, event: Event) -> None:
        self.handed_over = isinstance(event, HandedOver)
        match event:
            case Hosted():
                self.hosted = event
            case RunStarted():
                self.started, self.resumed, self.ended, self.last, self.best = event, None, None, None, None
            case RunResumed():
                self.resumed, self.ended = event, None
            case CheckpointSaved(best=True):
                self.best = event
            case CheckpointSaved():
                self.last = event
            case RunEnded():
                self.ended = event

    @property
    def newest_config(self) -> dict[str, object]:
        """The settings with which it went on, or began, last."""
        newest = self.resumed or self.started
        return newest.config if newest else {}

    @property
    def status(self) -> str:
        """Of a run that nobody trains: `new`, how it ended, or `lost`."""
        if self.ended is not None:
            return self.ended.reason
        return "lost" if self.hosted or self.started else "new"


def has_begun(run: Run) -> bool:
    """Whether it got to its first batch since it was taken last. Cheap where it did not: that is found from the end on."""
    line = backwards.newest(run.events, ("Hosted", "RunStarted", "RunResumed"))
    return line is not None and not line.text.startswith(b'{"type":"Hosted"')


def was_let_go(run: Run) -> bool:
    """Whether the last thing that happened is that it was handed over; found from the end on."""
    line = backwards.newest(run.events, TURNS)
    return line is not None and line.text.startswith(b'{"type":"HandedOver"')


def is_held(run: Run) -> bool:
    """Whether somebody trains it at this moment; where the file system has no locks, as far as can be told."""
    known = log.locked(run.events)
    return known if known is not None else not was_let_go(run) and held.trained(run.events)
