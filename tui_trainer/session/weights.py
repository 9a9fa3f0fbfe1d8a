"""The weights of a run as those that another begins with, and the settings that follow from that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tui_trainer import paths
from tui_trainer.checkpoints import BEST, LAST
from tui_trainer.runs import store
from tui_trainer.runs.store import Run, StoreError


def weights(run: Run) -> Path:
    """The file that holds the best weights of a run, or its last ones. Raises StoreError where it saved none."""
    for name in (BEST, LAST):
        if (run.checkpoints / name).is_file():
            return run.checkpoints / name
    raise StoreError(f"run {run.id} has saved no weights")


def inherited(given: dict[str, object], knobs: object, problems: dict[str, str]) -> tuple[dict[str, object], object]:
    """Settings and knobs of a run that begins with the weights of another: its preset and knobs, where they are not given.

    What is wrong with that run is told under `start_from`."""
    if given.get("start_from") is None:
        return given, knobs
    try:
        run = store.find(str(given["start_from"]).strip())
        weights(run)
        config = run.config()
    except StoreError as error:
        problems["start_from"] = str(error)
        return given, knobs
    named = run.name if run.folder.parent == paths.runs() else str(run.folder)
    settings = {"preset": config.preset, **given, "start_from": named}
    if settings["preset"] == config.preset and isinstance(knobs, Mapping):
        knobs = {**config.knobs, **{name: value for name, value in knobs.items() if value is not None}}
    return settings, knobs
