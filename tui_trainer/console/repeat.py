"""A run once more: the same settings and its own copy of the preset, and where it is wished the changes made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from tui_trainer import preset, session
from tui_trainer.config import BUDGETS
from tui_trainer.console import record
from tui_trainer.console.progress import remark
from tui_trainer.events import LearningRateChanged, SettingChanged
from tui_trainer.runs.store import Run

Changes = tuple[LearningRateChanged | SettingChanged, ...]


def setup(run: Run, given: Mapping[str, object]) -> session.Setup:
    """The settings of a run, as long as it was in the end, with these laid over them. Raises ConfigError, and StoreError where
    it has none any more."""
    config = session.lengthened(run)
    under = {name: value for name, value in asdict(config).items() if value is not None}
    if "dataset" in given and given["dataset"] != config.dataset:
        for name in ("data", "image_size"):  # they belong to the dataset that is replaced
            under.pop(name, None)
    if "optimizer" in given and "nesterov" not in given:
        del under["nesterov"]
    if any(unit in given for unit in BUDGETS):
        under = {name: value for name, value in under.items() if name not in BUDGETS}
    laid = under | dict(given)
    for own in ("knobs", "data"):
        if own in under and isinstance(over := given.get(own), Mapping):
            laid[own] = under[own] | dict(over)
    chosen = replace(preset.read(run.preset_file), name=config.preset)
    return session.configure(laid, chosen=chosen)


def steered(run: Run) -> Changes:
    """What was changed by hand in a run, as far as it still stands."""
    return tuple(record.read(run).changes)


def head(run: Run, changes: Changes, *, asked: bool) -> list[str]:
    """What is repeated, and which changes with it."""
    if not asked:
        return [f"again as run {run.id}"]
    if not changes:
        return [f"again as run {run.id}, in which nothing was changed by hand"]
    return [f"again as run {run.id}, as it was steered:", *(f"· {remark(change)}" for change in changes)]
