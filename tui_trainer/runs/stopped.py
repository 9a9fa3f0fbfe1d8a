"""What a sweep says of settings that were not to go on to the end, put where their states stand when they are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.standings import Standing


def with_states(found: Comparison, states: Mapping[str, str]) -> Comparison:
    """The same with these words, by the labels of the settings, in place of `stopped`; see `swept.Told.states`. One that came to
    its end all the same is finished."""

    def said(one: Standing) -> Standing:
        return one if one.status == "finished" else replace(one, status=states.get(one.label, one.status))

    return replace(found, standings=tuple(map(said, found.standings)), rest=tuple(map(said, found.rest)))
