"""The leaderboard of what is compared: a row a setting, best first, with as many columns as there is room for."""

from __future__ import annotations

from tui_trainer import units
from tui_trainer.console.output import columns, cut
from tui_trainer.console.tables import table
from tui_trainer.runs import board as boards
from tui_trainer.runs.compare import Comparison


def board(found: Comparison, width: int) -> list[str]:
    """The leaderboard in lines of at most `width` columns."""
    kept, room, stands = boards.columns(found), max(width // 4, 8), (*found.standings, *found.rest)
    while True:
        rows = [tuple(cut(units.plain(column.text(one)), room) for column in kept) for one in stands]
        drawn = table([one.heading for one in kept], rows, right=[one.heading for one in kept if one.figure], width=10_000)
        dropped = max(kept, key=lambda one: one.last)
        if max(map(columns, drawn)) <= width or not dropped.last:
            return table([one.heading for one in kept], rows, right=[one.heading for one in kept if one.figure], width=width)
        kept = [one for one in kept if one is not dropped]
