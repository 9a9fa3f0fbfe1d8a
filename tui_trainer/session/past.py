"""What the record of a run says of how it was left, found without reading every step, and who trains it now."""

from __future__ import annotations

import os
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tui_trainer.events import EVENTS, CheckpointSaved, Event, HandedOver, Hosted, RunEnded, RunResumed, RunStarted
from tui_trainer.runs import log
from tui_trainer.runs.store import Run

STALE = 120.0
"""Seconds without a word after which a run on another machine counts as left, where no lock can say so."""
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
    def status(self) -> str:
        """Of a run that nobody trains: `new`, how it ended, or `lost`."""
        if self.ended is not None:
            return self.ended.reason
        return "lost" if self.hosted or self.started else "new"


def is_held(run: Run) -> bool:
    """Whether somebody trains it. Where the file system has no locks: as far as can be told from here."""
    known = log.locked(run.events)
    return known if known is not None else seems_held(run, Past.of(run))


def seems_held(run: Run, past: Past) -> bool:
    """Whether the process that took a run last is still at it, where no lock says so: on this machine that is known by
    its number, on another one by how long ago it said something."""
    if past.hosted is None or past.status != "lost" or past.handed_over:
        return False
    if past.hosted.host == socket.gethostname() and sys.platform != "win32":
        return _is_alive(past.hosted.pid)
    return _age(run.events) < STALE


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return STALE
