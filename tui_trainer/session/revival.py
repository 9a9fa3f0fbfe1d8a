"""Every lost run gone on with, each in a process of its own; a thread waits for them, so that a screen need not."""

from __future__ import annotations

import threading
from collections import deque

from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session.heir import background
from tui_trainer.session.resuming import lost


class Revival:
    """Started from a screen, which asks now and then what there is to say."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._sentences: deque[str] = deque()

    def start(self) -> None:
        """Go on with every run that is lost. Returns at once; once more while that is under way does nothing."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._resume_all, name="revival", daemon=True)
            self._thread.start()

    def heard(self) -> str:
        """What is to be said next; empty where there is nothing."""
        return self._sentences.popleft() if self._sentences else ""

    def _resume_all(self) -> None:
        found = lost()
        if not found:
            self._sentences.append("no run is lost: each has an end, or is being trained")
            return
        problems = [problem for run in found if (problem := _resume(run))]
        going_on = len(found) - len(problems)
        words = [f"{going_on} run{'s go' if going_on != 1 else ' goes'} on in the background"] if going_on else []
        self._sentences.append("; ".join([*words, *problems]))


def _resume(run: Run) -> str:
    """Why it stays lost; empty where it goes on."""
    try:
        background(run)
    except StoreError as error:
        return f"run {run.id} stays lost: {error}"
    return ""
