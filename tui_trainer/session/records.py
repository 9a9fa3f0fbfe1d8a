"""What was run of a sweep before, found again: its newest record, the runs in it that count, how long ago it was."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tui_trainer import units
from tui_trainer.config import ConfigError
from tui_trainer.runs import swept
from tui_trainer.runs.store import Run
from tui_trainer.runs.swept import Key, Swept
from tui_trainer.session.estimate import config_of
from tui_trainer.session.planned import Planned, plan
from tui_trainer.sweeps import Sweep, SweepError


def latest(sweep: Sweep, given: Mapping[str, object] | None = None) -> Swept | None:
    """The newest record of a sweep; with these settings, where they are named."""
    records = swept.everything(sweep.name)
    return next((one for one in records if given is None or one.given == dict(given)), None)


def made(runs: Mapping[Key, Run], planned: Iterable[Planned]) -> dict[Key, Run]:
    """Which of the planned runs are there, with just these settings."""
    return {one.key: runs[one.key] for one in planned if one.key in runs and config_of(runs[one.key]) == one.setup.config}


def ago(when: float) -> str:
    """`2 h ago`, or `just now`."""
    age = units.age(max(time.time() - when, 0))
    return "just now" if age == "now" else f"{age} ago"


def recorded(sweep: Sweep, record: Swept, folders: Iterable[Path] = ()) -> list[tuple[str, Run]]:
    """The runs of a record by the labels of the sweep, in its order; without those that its file would now make otherwise."""
    runs = record.runs()
    order = {entry.label: number for number, entry in enumerate(sweep.entries)}
    found = sorted((key for key in runs if key[0] in order), key=lambda key: (order[key[0]], key[1]))
    try:
        wanted = {one.label: one.setup.config for one in plan(sweep, record.given, folders)}
    except (ConfigError, SweepError):  # a dataset or a preset is gone: the record stands for itself
        return [(key[0], runs[key]) for key in found]
    return [(label, runs[label, seed]) for label, seed in found if config_of(runs[label, seed]) == wanted[label].but(seed=seed)]
