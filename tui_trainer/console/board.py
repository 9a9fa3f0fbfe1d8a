"""The leaderboard of runs that are compared: a row each, best first, with as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tui_trainer import units
from tui_trainer.console.output import columns, cut
from tui_trainer.console.tables import STATES, table
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.side import Side


class Column(NamedTuple):
    heading: str
    cell: Callable[[Side], str]
    last: int
    """Those with the highest number go first where there is no room."""
    figure: bool = True


def board(found: Comparison, width: int) -> list[str]:
    """The leaderboard in lines of at most `width` columns."""
    kept, room = all_columns(found), max(width // 4, 8)
    while True:
        rows = [tuple(cut(units.plain(column.cell(side)), room) for column in kept) for side in found.leaderboard]
        drawn = table([one.heading for one in kept], rows, right=[one.heading for one in kept if one.figure], width=10_000)
        dropped = max(kept, key=lambda one: one.last)
        if max(map(columns, drawn)) <= width or not dropped.last:
            return table([one.heading for one in kept], rows, right=[one.heading for one in kept if one.figure], width=width)
        kept = [one for one in kept if one is not dropped]


def all_columns(found: Comparison) -> list[Column]:
    """Every column there is something to say in."""
    kept = [
        Column("", lambda side: side.letter, 0, figure=False),
        Column("run", lambda side: side.run.id, 0, figure=False),
        Column("preset", lambda side: side.config.preset, 0, figure=False),
    ]
    if len({side.config.dataset for side in found.sides}) > 1:
        kept.append(Column("dataset", lambda side: side.config.dataset, 7, figure=False))
    if not all(side.finished for side in found.sides):
        kept.append(Column("state", lambda side: f"{STATES.get(side.status, ' ')} {side.status}", 5, figure=False))
    kept += _figures(found)
    kept += [
        Column("parameters", lambda side: units.count(side.parameters or None), 3),
        Column("time", lambda side: _time(side.seconds or None), 1),
        Column("samples/s", lambda side: units.speed(side.speed), 6),
    ]
    if found.task == "classification":
        kept += [Column("gap", _gap, 9), Column("worst class", _worst, 10)]
    return kept


def _figures(found: Comparison) -> list[Column]:
    """What ranks them, and what stands beside it."""
    best = Column("at epoch", lambda side: str(side.best.epoch) if side.best else units.UNKNOWN, 8)
    if found.task == "mixed":
        return []
    if found.regression:
        return [
            Column("best loss", lambda side: units.loss(side.score), 0),
            *_seeds(found),
            Column("MAE", lambda side: units.loss(side.best.mae) if side.best else units.UNKNOWN, 4),
            best,
            Column("test MAE", lambda side: units.loss(side.test.mae) if side.test else units.UNKNOWN, 2),
        ]
    level = found.level
    return [
        Column("best val", lambda side: units.percent(side.score), 0),
        *_seeds(found),
        best,
        Column("test", lambda side: units.percent(side.test.accuracy) if side.test else units.UNKNOWN, 2),
        Column("last val", lambda side: units.percent(side.last.accuracy) if side.last else units.UNKNOWN, 11),
        *([Column(f"to {level} %", lambda side: _reached(side, level), 4)] if level is not None else []),
    ]


def _seeds(found: Comparison) -> list[Column]:
    """Spread over the seeds of a setting, where one was run with several."""
    if all(group.deviation is None for group in found.groups):
        return []
    return [Column("± seeds", lambda side: _spread(found, side), 5)]


def _spread(found: Comparison, side: Side) -> str:
    spread = found.group_of(side).deviation
    return units.figure(spread) if found.regression else units.tenths(spread)


def _reached(side: Side, level: int) -> str:
    seconds = side.reached.get(level)
    return "never" if seconds is None else _time(seconds)


def _time(seconds: float | None) -> str:
    """9:12, and under a minute 4.2 s"""
    return units.clock(seconds) if seconds is not None and seconds >= 60 else units.duration(seconds)


def _gap(side: Side) -> str:
    if side.gap is None:
        return units.UNKNOWN
    return f"{'+' if side.gap >= 0 else '−'}{units.tenths(abs(side.gap))}"


def _worst(side: Side) -> str:
    return f"{side.worst[0]} {units.tenths(side.worst[1])}" if side.worst else units.UNKNOWN
