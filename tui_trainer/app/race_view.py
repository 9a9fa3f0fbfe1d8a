"""What the screen of a race shows, from the race: lanes, clock, chart, and the words around them. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.lanes import LanesView, LaneView
from tui_trainer.app.widgets.race_chart import RaceChartView, RacedCurve
from tui_trainer.app.widgets.race_clock import ClockView
from tui_trainer.app.widgets.status import StatusView
from tui_trainer.session.race_words import WINNER, ahead_of, behind, fraction, ranked, result

if TYPE_CHECKING:
    from tui_trainer.app.widgets.header import Spans
    from tui_trainer.session.race import Lane, Race

COLOURS = ("train", "val", "run-c", "run-d")
NAME = 80
"""Columns of the longest name."""
PROOF = "One race of one seed is no proof: c compares, r races again with the next seed."
LEAST = 1e-12
"""Losses below are taken for this one, where their decades are counted."""


def lanes_view(race: Race, *, hidden: bool = False) -> LanesView:
    """The lanes in their order. `hidden`: nothing that tells who leads."""
    lengths = _lengths(race)
    leader = race.leader
    lanes = tuple(_lane(race, lane, COLOURS[at], lengths[at], hidden=hidden) for at, lane in enumerate(race.lanes))
    mark = None if hidden or leader is None else lengths[race.lanes.index(leader)]
    return LanesView(lanes, mark)


def _lane(race: Race, lane: Lane, colour: str, length: float, *, hidden: bool) -> LaneView:
    history = lane.history
    leads = not hidden and lane is race.leader
    said, said_in = _said(race, lane, hidden=hidden)
    what = "pictures" if history.pictures else "samples"
    speed = lane.speed
    count = lane.parameters
    return LaneView(
        name=name_of(lane),
        colour=colour,
        figure=_figure(lane, hidden=hidden),
        unit="" if lane.regression or lane.score is None or hidden else "%",
        length=0.0 if hidden else length,
        leads=leads,
        said=said,
        said_in=said_in,
        behind="" if hidden or leads or lane.out else behind(race, lane),
        seen=f"{units.count(lane.samples)} {what} seen" if lane.samples else "",
        epoch=f"epoch {lane.epoch}" if lane.epoch else "",
        speed=f"{units.speed(speed)} {history.speed_unit}" if speed is not None else "",
        parameters=f"{units.count(count)} parameter{'s' * (count != 1)}" if count is not None else "",
        faded=lane.out,
    )


def name_of(lane: Lane) -> str:
    """Its label, harmless and not too long."""
    return padded(lane.label, NAME).rstrip()


def _figure(lane: Lane, *, hidden: bool) -> str:
    if lane.score is None:
        return "✕" if lane.out else "·"
    if hidden:
        return "?"
    return big_loss(lane.score) if lane.regression else big_percent(lane.score)


def big_percent(share: float) -> str:
    """71.8 and 100, of the signs that large figures are made of"""
    return "✕" if not math.isfinite(share) else "100" if share >= 0.9995 else units.tenths(share)


def big_loss(value: float) -> str:
    """0.862, 12.3, 4e-5 and ✕, of the signs that large figures are made of"""
    if not math.isfinite(value):
        return "✕"
    size = abs(value)
    if size < 10 or size >= 10_000:
        return units.loss(value)
    return f"{value:.1f}" if size < 100 else f"{value:.0f}"


def _said(race: Race, lane: Lane, *, hidden: bool) -> tuple[str, str]:
    """Words beside the name and their colour: what became of it, what is done with it, or by how much it leads."""
    match lane.state:
        case "failed":
            return f"✕ failed: {units.plain(lane.error or 'no reason is known')}", "worse"
        case "diverged":
            return f"✕ diverged at step {units.count(lane.history.step)}", "worse"
        case "loading":
            doing = lane.history.preparing
            return units.plain(doing.what) if doing else "loading", "dim"
        case "waiting":
            return ("ready" if lane.history.started is not None else "waits to be prepared"), "dim"
    if not hidden and lane is race.leader:
        return ahead_of(race, "leads" if not race.over else WINNER if not race.stopping else "led"), "best"
    return ("done", "dim") if lane.state == "done" and not race.over else ("", "dim")


def _lengths(race: Race) -> list[float]:
    """How far each is, from 0 to 1: accuracy; of losses the decades below the largest at the start, over as many as are needed."""
    if not race.regression:
        return [min(max(lane.score or 0.0, 0.0), 1.0) if not _broken(lane.score) else 0.0 for lane in race.lanes]
    seen = [[_safe(point.value) for point in lane.history.val_loss if math.isfinite(point.value)] for lane in race.lanes]
    if not any(seen):
        return [0.0 for _ in race.lanes]
    start, least = max(one[0] for one in seen if one), min(min(one) for one in seen if one)
    decades = max(1, math.ceil(math.log10(start / least) * 1.02))
    scores = [None if _broken(lane.score) else lane.score for lane in race.lanes]
    return [0.0 if one is None else min(max(math.log10(start / _safe(one)) / decades, 0.0), 1.0) for one in scores]


def _broken(score: float | None) -> bool:
    return score is not None and not math.isfinite(score)


def _safe(loss: float) -> float:
    return max(loss, LEAST)


def clock_view(race: Race, *, hidden: bool = False) -> ClockView:
    """Seconds as on a clock; of other budgets the share that is used."""
    said = "" if hidden or not race.over else result(race)
    note = PROOF if said and len(ranked(race)) > 1 else ""
    seconds = race.budget.unit == "seconds"
    share = 1.0 if race.over and not race.stopping else race.share
    figure = units.clock(int(race.clock)) if seconds else str(int(100 * share + 1e-9))
    left, words = _to_go(race)
    of = f"of {units.clock(race.budget.amount)}" if seconds else f"of {race.budget.total()}"
    unit = "" if seconds else "%"
    return ClockView(figure, unit, of, share, left, words, said, note, race.paused)


def clock_at_most(race: Race) -> str:
    """The widest figure that its clock will have to show."""
    return units.clock(race.budget.amount) if race.budget.unit == "seconds" else "100"


def _to_go(race: Race) -> tuple[str, str]:
    """What decides, and the words after it."""
    if race.over:
        return "", "" if race.budget.unit == "seconds" else f"over after {units.duration(race.clock)}"
    if not race.racing:
        return "", "starts when all are ready"
    words = "to go, paused" if race.paused else "to go"
    if (length := race.length) is not None:
        whole = max(math.ceil(length) - int(race.clock), 0)
        return units.duration(whole) if whole >= 60 else f"{whole} s", words
    left = max(race.budget.amount * (1 - race.share), 0.0)
    return units.count(round(left)), f"{race.budget.unit} {words}"


def clock_lane(race: Race, *, hidden: bool = False) -> LaneView:
    """The clock as one more lane: for a screen that shows little else."""
    view = clock_view(race, hidden=hidden)
    note = f"{view.left} {view.words}".strip()
    colour = "warn" if view.paused else "bright"
    return LaneView(view.of, colour, view.figure, view.unit, view.share, said=view.result, seen=note)


def chart_view(race: Race, axis: str, *, hidden: bool = False) -> RaceChartView:
    """The validations of all over one of the units."""
    curves = tuple(
        RacedCurve(name_of(lane), COLOURS[at], tuple((spot.x, spot.score) for spot in lane.curve(axis)))
        for at, lane in enumerate(race.lanes)
    )
    end = race.budget.amount if axis == race.budget.unit else 0.0
    furthest = max((curve.points[-1][0] for curve in curves if curve.points), default=0.0)
    if axis != race.budget.unit:
        end = _round_end(furthest, race.share)
    title = "Validation loss" if race.regression else "Validation accuracy"
    words = "hidden until g is pressed again: who leads?" if hidden else ""
    return RaceChartView(title, curves, axis, max(end, furthest, 1e-9), not race.regression, words)


def _round_end(furthest: float, share: float) -> float:
    """Where an axis that is not the budget's is to end: a round place right of all that is expected."""
    from tui_trainer.app.widgets.span import rounded_up

    return rounded_up(furthest / max(share, 0.05)) if furthest and share < 1 else furthest or 1.0


def corner(race: Race) -> list[Spans]:
    """The right end of the header in several lengths, longest first: `race on shapes · equal seconds · seed 7`."""
    config = race.setups[0].config
    dataset = units.plain(config.dataset.rpartition("/")[2] if config.dataset.startswith("folder:") else config.dataset)
    dot = (" · ", "faint")
    lead: list[tuple[str, str]] = [("race", "bright"), (" on ", "dim"), (padded(dataset, 24).rstrip(), "bright")]
    equal, seed = [dot, (race.budget.words(), "text")], [dot, (f"seed {config.seed}", "text")]
    return [[*lead, *equal, *seed], [*lead, *seed], lead]


def status_view(race: Race, *, loading: str = "", hidden: bool = False) -> StatusView:
    """The status line. `loading` says what of the program itself is not there yet."""
    aside = _same(race)
    if race.over:
        return _over(race, hidden=hidden)
    if race.stopping:
        return StatusView("stopping", "stopping", about="each finishes its batch, evaluates and saves", aside=aside)
    if race.paused:
        return StatusView("paused", "paused", about="space goes on", aside=aside)
    if not race.racing:
        return _preparing(race, loading, aside)
    started = next((lane.history.started for lane in race.lanes if lane.history.started), None)
    left, device = sum(not lane.out for lane in race.lanes), started.device if started else "one device"
    nets = f"{len(race.lanes)} nets take turns on {device}"
    if left < len(race.lanes):
        nets = f"{left} of {nets}"
    if left == 1:
        return StatusView("training", "racing", about=f"one of {len(race.lanes)} nets is left", aside=aside)
    each = f"each gets {fraction(len(race.lanes))} of the time" if race.budget.unit == "seconds" else f"{race.budget.total()} each"
    return StatusView("training", "racing", about=f"{nets}, {each}", aside=aside)


def _preparing(race: Race, loading: str, aside: str) -> StatusView:
    """Which of them is made ready, and what for."""
    one = next((lane for lane in race.lanes if lane.state == "loading"), None)
    if one is None:
        return StatusView("loading", loading or "getting ready", aside=aside)
    doing = one.history.preparing
    share = doing.done / doing.total if doing and doing.total else None
    what = units.plain(doing.what) if doing else "starting"
    return StatusView("loading", what if loading == what else loading or f"{name_of(one)}: {what}", progress=share, aside=aside)


def _over(race: Race, *, hidden: bool) -> StatusView:
    if all(lane.out for lane in race.lanes):
        return StatusView("failed", "nobody got to the end", about="each lane says why")
    word = "stopped" if race.stopping else "finished"
    if hidden:
        return StatusView("finished", word, about="g shows who leads" if race.stopping else "g shows who won")
    return StatusView(
        "finished" if not race.stopping else "stopped", word, result=result(race), about="one seed is no proof: c compares"
    )


def _same(race: Race) -> str:
    """What all have in common."""
    sizes: Sequence[int] = [setup.config.batch_size for setup in race.setups]
    return "same batches, same seed" if len(set(sizes)) == 1 else "same seed"
