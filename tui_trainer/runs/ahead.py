"""Who was ahead by the clock: which setting had the best figure so far, at every second."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

from tui_trainer import units
from tui_trainer.runs.band import band
from tui_trainer.runs.seeds import Group
from tui_trainer.runs.side import Side, Spot

LEAST = 0.03
"""Part of the whole time below which being ahead is not worth a word."""
MOST = 3
"""That are told of."""

Steps = Sequence[tuple[float, float]]
"""When, and the best figure from then on."""


class Lead(NamedTuple):
    letter: str
    start: float
    end: float
    """Seconds."""


def sentences(groups: Sequence[Group]) -> list[str]:
    """`by the clock C is ahead of all for the first 3 min 00 s`; nothing where the best of all was ahead from the start."""
    found = leads(groups)
    if len({one.letter for one in found}) < 2:
        return []
    told = _lasting(found)[:MOST]
    words = []
    for at, one in enumerate(told):
        first = one.start <= found[0].start
        when = f"for the first {units.moment(one.end)}" if first else f"from {units.moment(one.start)} to {units.moment(one.end)}"
        words.append(f"{one.letter} is ahead {'of all ' if len(groups) > 2 and not at else ''}{when}")
    return [f"by the clock {', then '.join(words)}"] if words else []


def _lasting(found: Sequence[Lead]) -> list[Lead]:
    """Those before the last that are worth a word; what only a short one parts is one."""
    whole = found[-1].end - found[0].start
    kept: list[Lead] = []
    for one in found[:-1]:
        if kept and kept[-1].letter == one.letter and one.start - kept[-1].end < LEAST * whole:
            kept[-1] = kept[-1]._replace(end=one.end)
        elif one.end - one.start >= LEAST * whole:
            kept.append(one)
    return kept


def leads(groups: Sequence[Group]) -> list[Lead]:
    """Who had the best figure so far, from the first second at which one had any, to the last second of any: the mean over the
    seeds that count, joined as their curves are drawn."""
    regression = any(side.regression for group in groups for side in group.sides)
    lines = {group.letters[0]: _mean([_best_so_far(side, regression=regression) for side in group.counting]) for group in groups}
    lines = {letter: line for letter, line in lines.items() if line}
    places = sorted({when for line in lines.values() for when, _ in line})
    ends = [side.seconds for group in groups for side in group.counting]
    if len(lines) < 2 or not places:
        return []
    found = [(when, _best(lines, when, regression=regression)) for when in places]
    runs = [(letter, next(those)[0]) for letter, those in groupby(found, key=lambda one: one[1])]
    stops = [*(start for _, start in runs[1:]), max([*ends, places[-1]])]
    return [Lead(letter, start, end) for (letter, start), end in zip(runs, stops, strict=True)]


def _best(lines: dict[str, Steps], when: float, *, regression: bool) -> str:
    """Who is ahead then; of equal ones the first."""
    values = {letter: value for letter, line in lines.items() if (value := _at(line, when)) is not None}
    return min(values, key=lambda letter: values[letter] if regression else -values[letter])


def _best_so_far(side: Side, *, regression: bool) -> list[Spot]:
    curve = side.curves["loss" if regression else "accuracy"]
    best = accumulate((spot.value for spot in curve), min if regression else max)
    return [spot._replace(value=value) for spot, value in zip(curve, best, strict=True)]


def _mean(curves: Sequence[Sequence[Spot]]) -> Steps:
    return [(one.x, one.mean) for one in band(curves, "seconds")]


def _at(line: Steps, when: float) -> float | None:
    at = bisect_right(line, when, key=lambda point: point[0])
    return line[at - 1][1] if at else None
