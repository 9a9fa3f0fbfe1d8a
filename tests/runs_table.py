"""The table of all runs as its tests look at it."""

from __future__ import annotations

from textual.pilot import Pilot

from made import app_of
from tui_trainer.app.screens.runs import RunsScreen


def screen_of(pilot: Pilot[None]) -> RunsScreen:
    tab = app_of(pilot).tab
    assert isinstance(tab, RunsScreen)
    return tab


def presets(pilot: Pilot[None]) -> list[str]:
    """Of the rows, in their order."""
    return [one.config.preset for one in screen_of(pilot).table.rows]
