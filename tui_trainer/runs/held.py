"""Whether somebody trains a run: the lock on its log says so, and where a file system has none, as far as can be told."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

from tui_trainer.events import HandedOver, RunEnded
from tui_trainer.runs import ends
from tui_trainer.runs.locks import locked
from tui_trainer.runs.run import Run, StoreError

RECENT = 60.0
"""Seconds in which a run that was let go of is expected to be taken, and in which one without a lock says something."""


def trained(log: Path) -> bool:
    """Whether a process trains this run now, or is about to: one that was just handed over is waited for."""
    known = locked(log)
    if known:
        return True
    end = ends.newest(log)
    last = end[-1] if end else None
    if isinstance(last, HandedOver):
        return _age(log) < RECENT
    if known is False or last is None or isinstance(last, RunEnded):
        return False
    taken = ends.taken(log)
    if taken.pid and taken.host == socket.gethostname() and sys.platform != "win32":
        return _is_alive(taken.pid)
    return _age(log) < RECENT


def refuse(run: Run) -> None:
    """Raises StoreError where a folder may not be taken away: somebody trains the run, or it is none."""
    if not (run.config_file.is_file() or run.events.is_file()):
        raise StoreError(f"{run.folder} is not the folder of a run")
    if trained(run.events):
        raise StoreError(f"run {run.id} is being trained: stop it first")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


def _age(log: Path) -> float:
    try:
        return time.time() - log.stat().st_mtime
    except OSError:
        return RECENT
