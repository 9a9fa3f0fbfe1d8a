"""Which runs are marked, to be compared or deleted together, and how all runs are looked at. Draws nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tui_trainer.runs.store import Summary

MOST_SETTINGS = 8
"""Settings that can be told apart side by side; runs that differ in the seed alone are of one."""
MOST_RUNS = 64


@dataclass
class Picks:
    """What outlives the screen of all runs: filter, order and marks."""

    text: str = ""
    order: str = "age"
    falling: bool = True
    marked: list[Path] = field(default_factory=list)
    """Folders, in the order they were marked."""

    def toggle(self, run: Summary, known: Mapping[Path, Summary]) -> str:
        """Mark this run, or take its mark away; why it cannot be marked, where it cannot."""
        folder = run.run.folder
        if folder in self.marked:
            self.marked.remove(folder)
            return ""
        if len(self.marked) >= MOST_RUNS:
            return f"{MOST_RUNS} runs are marked: no more can be compared"
        settings = {setting_of(known[one]) for one in self.marked if one in known}
        if len(settings) >= MOST_SETTINGS and setting_of(run) not in settings:
            return f"{MOST_SETTINGS} settings are marked: no more can be told apart; other seeds of them can be added"
        self.marked.append(folder)
        return ""

    def forget(self, folders: Iterable[Path]) -> None:
        """Runs that are gone are marked no more."""
        gone = set(folders)
        self.marked = [one for one in self.marked if one not in gone]


def setting_of(run: Summary) -> str:
    """What is compared of a run: its settings without the seed, and without those that only say where it was trained."""
    from tui_trainer.runs.differing import flat  # all that compares: not before somebody marks a run
    from tui_trainer.runs.seeds import LOCAL

    settings = {name: value for name, value in flat(run.config).items() if name not in LOCAL and value is not None}
    return json.dumps(settings, sort_keys=True, default=str)
