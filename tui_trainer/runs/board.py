"""The leaderboard's columns: one function for the text of each figure, so that screen, print, page and table say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tui_trainer import units
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.remarks import STATES
from tui_trainer.runs.standings import Standing


class Column(NamedTuple):
    name: str
    """For programs and for the eye of a screen that picks some of them; never changes."""
    heading: str
    text: Callable[[Standing], str]
    value: Callable[[Standing], float | None] = lambda _: None
    """The figure itself, for what ranks or marks the best."""
    last: int = 0
    """Those with the highest number go first where there is no room; 0 stays."""
    figure: bool = True
    falling: bool = True
    """Whether more is better."""


def columns(found: Comparison) -> list[Column]:
    """Every column there is something to say in, in order."""
    stands = (*found.standings, *found.rest)
    presets = {side.config.preset for side in found.sides}
    named = "preset" if all(one.label in presets for one in stands) else "setting"
    kept = [
        Column("letter", "", lambda one: one.letter, figure=False),
        Column("run", "run", lambda one: one.run, figure=False),
        Column("label", named, lambda one: one.label, figure=False),
    ]
    if len({side.config.dataset for side in found.sides}) > 1:
        kept.append(Column("dataset", "dataset", _datasets, last=7, figure=False))
    if any(one.status != "finished" for one in stands):
        kept.append(Column("state", "state", state, last=5, figure=False))
    kept += _figures(found)
    kept += [
        Column("parameters", "parameters", lambda one: units.count(one.parameters), lambda one: one.parameters, 3, falling=False),
        Column("epoch_seconds", "an epoch", lambda one: time(one.epoch_seconds), lambda one: one.epoch_seconds, 8, falling=False),
        Column("seconds", "time", lambda one: time(one.seconds), lambda one: one.seconds, 1, falling=False),
        Column("speed", "samples/s", lambda one: units.speed(one.speed), lambda one: one.speed, 12),
    ]
    if found.task == "classification":
        kept += [
            Column("gap", "gap", lambda one: gap(one.gap), lambda one: one.gap, 9, falling=False),
            Column("worst", "worst class", worst, lambda one: one.worst[1] if one.worst else None, 10),
        ]
    return kept


def _figures(found: Comparison) -> list[Column]:
    """What ranks them, and what stands beside it."""
    if found.task == "mixed":
        return []
    epoch = Column("best_epoch", "at epoch", lambda one: epochs(one.best_epoch), lambda one: one.best_epoch, 11, falling=False)
    spread = Column("deviation", "± seeds", lambda one: deviation(one, found), lambda one: one.deviation, 5, falling=False)
    seeds = [spread] if any(one.deviation is not None for one in (*found.standings, *found.rest)) else []
    if found.regression:
        return [
            Column("best", "best loss", lambda one: units.loss(one.best), lambda one: one.best, falling=False),
            *seeds,
            Column("mae", "MAE", lambda one: units.loss(one.mae), lambda one: one.mae, 4, falling=False),
            epoch,
            Column("test", "test MAE", lambda one: units.loss(one.test_mae), lambda one: one.test_mae, 2, falling=False),
        ]
    to = f"to {found.level} %"
    timed = Column("reached", to, lambda one: reached(one, found), lambda one: one.reached, 4, falling=False)
    return [
        Column("best", "best val", lambda one: units.percent(one.best), lambda one: one.best),
        *seeds,
        epoch,
        Column("test", "test", lambda one: units.percent(one.test), lambda one: one.test, 2),
        Column("last", "last val", lambda one: units.percent(one.last), lambda one: one.last, 13),
        *([timed] if found.level is not None else []),
    ]


def state(one: Standing) -> str:
    """`✓ finished`, `● 2 running`"""
    first = one.status.split(", ")[0]
    word = next((word for word in first.split() if word in STATES), "")
    sign = "●" if any(side.status in {"running", "paused"} for side in one.sides) and len(one.sides) > 1 else STATES.get(word, "◌")
    return f"{sign} {one.status}"


def deviation(one: Standing, found: Comparison) -> str:
    """`± seeds`: 0.6 points, or a loss"""
    return units.figure(one.deviation) if found.regression else units.tenths(one.deviation)


def reached(one: Standing, found: Comparison) -> str:
    """`3:03`, `never`, `2 of 3` where not all seeds came to it"""
    if one.reached is not None:
        return time(one.reached)
    came, of = one.reaching
    return f"{came} of {of}" if came else "never" if of else units.UNKNOWN


def time(seconds: float | None) -> str:
    """9:12, under a minute 4.2 s, under a tenth of a second 42 ms"""
    if seconds is None:
        return units.UNKNOWN
    return units.clock(seconds) if seconds >= 60 else units.moment(seconds)


def epochs(value: float | None) -> str:
    """5; 4.3 where it is a mean that is not whole"""
    if value is None:
        return units.UNKNOWN
    return str(round(value)) if abs(value - round(value)) < 0.05 else f"{value:.1f}"


def gap(value: float | None) -> str:
    """+2.1 points"""
    if value is None:
        return units.UNKNOWN
    return f"{'+' if value >= 0 else '−'}{units.tenths(abs(value))}"


def worst(one: Standing) -> str:
    """`cat 63.5`"""
    return f"{one.worst[0]} {units.tenths(one.worst[1])}" if one.worst else units.UNKNOWN


def _datasets(one: Standing) -> str:
    return ", ".join(dict.fromkeys(side.config.dataset for side in one.sides)) or units.UNKNOWN
