"""What a sweep says of settings that were not to go on to the end, put where their states stand when they are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tui_trainer.runs.compare import Comparison


def with_states(found: Comparison, states: Mapping[str, str]) -> Comparison:
    """The same with these words, by the labels of the settings, in place of `stopped`; see `swept.Told.states`."""
    return replace(
        found,
        standings=tuple(replace(one, status=states.get(one.label, one.status)) for one in found.standings),
        rest=tuple(replace(one, status=states.get(one.label, one.status)) for one in found.rest),
    )
