"""The columns of a leaderboard: what a setting has in each, how they sort, and which of them is best there. Draws nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui_trainer import units
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.standings import Standing

Key = Callable[[Standing], str | float | None]
NEVER = "never"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and what a setting has there."""

    name: str
    text: Callable[[Standing], str]
    key: Key
    order: int
    """Those with the highest go first when there is no room."""
    falling: bool = True
    """Whether most comes first, and is best where anything is."""
    judged: bool = True
    """Whether the best of this column is marked."""
    right: bool = True
    most: int = 12
    """How wide it may grow with its contents."""


def columns(found: Comparison) -> list[Column]:
    """Every column in which there is something to say of this comparison, from left to right."""
    single = any(len(one.runs) == 1 for one in found.standings)
    kept = [
        *[Column("run", lambda one: one.run, lambda one: one.run, 9, False, judged=False, right=False, most=8)] * single,
        Column("setting", _name, _name, 0, falling=False, judged=False, right=False, most=26),
    ]
    if any(one.status != "finished" for one in (*found.standings, *found.rest)):
        kept.append(Column("state", lambda one: one.status, lambda one: one.status, 5, False, judged=False, right=False, most=16))
    return [*kept, *_figures(found), *_costs(found), *(_faults() if found.task == "classification" else [])]


def _name(one: Standing) -> str:
    return units.plain(one.label)


def _figures(found: Comparison) -> list[Column]:
    """What ranks them, and what stands beside it."""
    several = any(one.deviation is not None for one in found.standings)
    spread = units.figure if found.regression else units.tenths
    noise = [Column("± seeds", lambda one: spread(one.deviation), lambda one: one.deviation, 4, False, judged=False)] * several
    if found.task == "mixed":
        return []
    if found.regression:
        return [
            Column("best loss", lambda one: units.loss(one.best), lambda one: one.best, 0, falling=False),
            *noise,
            Column("MAE", lambda one: units.loss(one.mae), lambda one: one.mae, 3, falling=False),
            Column("test MAE", lambda one: units.loss(one.test_mae), lambda one: one.test_mae, 2, falling=False),
        ]
    return [
        Column("best val", lambda one: units.percent(one.best), lambda one: one.best, 0),
        *noise,
        Column("test", lambda one: units.percent(one.test), lambda one: one.test, 2),
    ]


def _costs(found: Comparison) -> list[Column]:
    level = found.level
    timed = [Column(f"to {level} %", lambda one: reached(one), lambda one: one.reached, 3, falling=False)] * (level is not None)
    return [
        Column("parameters", lambda one: units.count(one.parameters), lambda one: one.parameters, 1, falling=False),
        Column("an epoch", lambda one: units.duration(one.epoch_seconds), lambda one: one.epoch_seconds, 6, falling=False),
        *timed,
        Column("time", lambda one: units.duration(one.seconds), lambda one: one.seconds, 10, falling=False, judged=False),
        Column("samples/s", lambda one: units.speed(one.speed), lambda one: one.speed, 11),
    ]


def _faults() -> list[Column]:
    return [
        Column("gap", _gap, lambda one: one.gap, 7, falling=False, judged=False),
        Column("worst class", _worst, lambda one: one.worst[1] if one.worst else None, 8, most=16),
    ]


def reached(one: Standing) -> str:
    """Time to the level; `never` where it was tried and not reached."""
    if one.reached is None:
        return NEVER if one.reaching[1] else units.UNKNOWN
    return units.duration(one.reached)


def _gap(one: Standing) -> str:
    return units.UNKNOWN if one.gap is None else f"{'+' if one.gap >= 0 else '−'}{units.tenths(abs(one.gap))}"


def _worst(one: Standing) -> str:
    return f"{units.plain(one.worst[0])} {units.tenths(one.worst[1])}" if one.worst else units.UNKNOWN


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
    if not column.judged or len(known) < 2:
        return set()
    best = max(known) if column.falling else min(known)
    found = {at for at, value in enumerate(values) if value == best}
    return found if len(found) < len(known) else set()


def _known(value: str | float | None) -> str | float | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value
