"""What the Compare screen sets side by side of a sweep: its settings by their labels, while it goes on and of its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tui_trainer.app.field import Entry, Keys, Still
from tui_trainer.runs.store import Run
from tui_trainer.session.sweeping import Queue

SKIP, STOP = "k", "X"
GOING: Keys = [(SKIP, "skip"), (STOP, "stop")]


class Sweeps(Protocol):
    """What the field asks of whoever runs the queue."""

    @property
    def queue(self) -> Queue | None: ...

    @property
    def sweep_place(self) -> str: ...

    def ask_skip(self) -> None: ...

    def stop_run(self) -> None: ...


class SweepField:
    """A sweep that goes on here, or did."""

    def __init__(self, queue: Queue, app: Sweeps) -> None:
        self.queue, self._app = queue, app

    @property
    def going_on(self) -> bool:
        return self._app.queue is self.queue

    @property
    def title(self) -> str:
        return self.queue.sweep.name

    def entries(self) -> Sequence[Entry]:
        return self.queue.entries()

    def states(self) -> Mapping[str, str]:
        """Of settings that were stopped at a rung, or skipped."""
        return {label: said for label, _ in self.queue.entries() if (said := self.queue.state(label))}

    def state(self) -> tuple[str, str, str]:
        return ("●", "train", self._app.sweep_place) if self.going_on else ("", "", "")

    def keys(self) -> Keys:
        return GOING if self.going_on else []

    def act(self, key: str) -> None:
        if key == SKIP:
            self._app.ask_skip()
        elif key == STOP:
            self._app.stop_run()


class RecordField(Still):
    """What was run of a sweep some time ago."""

    def __init__(self, name: str, found: Sequence[tuple[str, Run]], states: Mapping[str, str]) -> None:
        self.title, self._states = name, states
        runs: dict[str, list[Run]] = {}
        for label, run in found:
            runs.setdefault(label, []).append(run)
        self._entries: list[Entry] = list(runs.items())

    def entries(self) -> Sequence[Entry]:
        return self._entries

    def states(self) -> Mapping[str, str]:
        return self._states
