"""The columns of the leaderboard on the screen: which give way, how they sort, which of them is best there. Draws nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui_trainer import units
from tui_trainer.runs import board
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.standings import Standing

NEVER = "never"
RANKS = "best"
"""The column by which settings are ranked."""
ORDER = {
    "label": 0,
    "best": 0,
    "parameters": 1,
    "test": 2,
    "state": 3,
    "reached": 4,
    "mae": 4,
    "deviation": 5,
    "dataset": 6,
    "epoch_seconds": 7,
    "gap": 8,
    "worst": 9,
    "run": 10,
    "seconds": 11,
    "speed": 12,
    "best_epoch": 13,
    "last": 14,
}
"""Those with the highest go first when there is no room."""
JUDGED = frozenset({"best", "test", "mae", "parameters", "epoch_seconds", "reached", "speed", "worst"})
"""Columns in which being first is worth a mark."""
WIDEST = {"label": 26, "run": 8, "state": 18, "worst": 16}


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and what a setting has there."""

    kind: str
    """As `runs.board` names it."""
    name: str
    text: Callable[[Standing], str]
    key: Callable[[Standing], str | float | None]
    falling: bool
    """Whether most comes first, and is best where anything is."""
    right: bool

    @property
    def order(self) -> int:
        return ORDER.get(self.kind, len(ORDER))

    @property
    def most(self) -> int:
        """How wide it may grow with its contents."""
        return WIDEST.get(self.kind, 14)


def columns(found: Comparison) -> list[Column]:
    """Every column in which there is something to say of this comparison, from left to right."""
    single = any(len(one.runs) == 1 for one in found.standings)
    left_out = {"letter"} if single else {"letter", "run"}
    return [_column(one) for one in board.columns(found) if one.name not in left_out]


def _column(one: board.Column) -> Column:
    text = one.text
    key = one.value if one.figure else text
    return Column(one.name, one.heading, lambda standing: units.plain(text(standing)), key, one.falling and one.figure, one.figure)


def ordered(rows: Sequence[Standing], column: Column | None, *, falling: bool) -> list[Standing]:
    """Sorted by a column; what has no value there comes last either way. Without a column as they are: best first."""
    if column is None:
        return list(rows)
    known = [(key, one) for one in rows if (key := _known(column.key(one))) is not None]
    known.sort(key=lambda pair: pair[0], reverse=falling)
    there = {id(one) for _, one in known}
    return [one for _, one in known] + [one for one in rows if id(one) not in there]


def leaders(rows: Sequence[Standing], column: Column) -> set[int]:
    """Places of those that are best in a column, all that are equal; none where nothing can be best, or all are. What never
    came to any figure is not the best by having cost little."""
    ranked = any(one.best is not None for one in rows)
    values = [_known(column.key(one)) if one.best is not None or not ranked else None for one in rows]
    known = [value for value in values if isinstance(value, (int, float))]
    if column.kind not in JUDGED or len(known) < 2:
        return set()
    best = max(known) if column.falling else min(known)
    found = {at for at, value in enumerate(values) if value == best}
    return found if len(found) < len(known) else set()


def _known(value: str | float | None) -> str | float | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value
