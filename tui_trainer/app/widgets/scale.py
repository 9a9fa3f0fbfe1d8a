"""Scales of a chart: where a value stands, and which round values get a label. Knows numbers only.

The middle of a row always stands for a multiple of the scale's unit, so that a label says exactly what its row means,
and the scale moves in whole rows when the data outgrow it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

OCTAVE = math.log10(2)
RATIOS = (OCTAVE / 4, OCTAVE / 2, OCTAVE, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
"""Decades from one log tick to the next: equal ratios, so that 2.0 1.4 1.0 0.7 stand evenly."""
LEAST_RATIO = OCTAVE / 2
"""A log scale never spans less: noise on a flat curve shall not look like a mountain."""
TINY = 1e-12
"""Nothing on a log scale is drawn lower."""
HEADROOM = 0.75
"""Rows kept free over the highest value, for the words of what a person changed."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to rows of dots, counted from the top."""

    rows: int
    top: float
    """The upper edge; in decades on a log scale."""
    unit: float
    """How much a row stands for."""
    log: bool
    ticks: tuple[tuple[int, str], ...]
    """(row, label), from the top down."""

    def dot(self, value: float) -> int:
        """The row of dots, four a row of cells; -1 is above the chart and `4 * rows` more than a dot below it."""
        if self.log:
            value = math.log10(value) if value > TINY else math.log10(TINY)
        place = (self.top - value) * 4 / self.unit
        if place < 4 * self.rows:
            return int(place) if place >= 0 else -1
        return 4 * self.rows - (place < 4 * self.rows + 1)


@lru_cache(maxsize=64)
def log_scale(low: float, high: float, rows: int) -> Scale:
    """A log scale that holds `low` to `high`, both above zero."""
    bottom, top = math.log10(max(low, TINY)), math.log10(max(high, TINY))
    missing = max(LEAST_RATIO - (top - bottom), 0.0) / 2
    steps = [(step, step / rest) for step in RATIOS for rest in _apart(rows)]
    return _fitting(bottom - missing, top + missing, rows, steps, log=True, label=lambda power, _: ratio_label(10**power))


@lru_cache(maxsize=64)
def linear_scale(
    low: float, high: float, rows: int, *, most: float = math.inf, times: float = 1.0, headroom: float = HEADROOM
) -> Scale:
    """A linear scale that holds `low` to `high`; no label says more than `most`. Labels say `times` the value."""
    if not math.isfinite(high - low):
        low, high = max(low, -1e300), min(high, 1e300)
    least = 0.02 * max(abs(low), abs(high)) or 1.0
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, min(middle + least / 2, most)
    steps = [(step, step / rest) for step in _round_steps((high - low) / rows) for rest in _apart(rows)]
    return _fitting(
        low, high, rows, steps, log=False, label=lambda at, step: step_label(times * at, times * step), most=most, headroom=headroom
    )


def _apart(rows: int) -> list[float]:
    """How many rows there may be between labels: two or more where there is room, yet so few that three labels fit."""
    least = 1.0 if rows <= 3 else 1.5 if rows < 9 else 2.0
    return [rest for rest in (1, 1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4, 5) if least <= rest <= max(2.5, rows / 3)]


def _round_steps(least: float) -> list[float]:
    power = math.floor(math.log10(least))
    return [round(digit * 10.0**exponent, 300) for exponent in (power - 1, power, power + 1, power + 2) for digit in (1, 2, 2.5, 5)]


def _fitting(
    low: float,
    high: float,
    rows: int,
    steps: Iterable[tuple[float, float]],
    *,
    log: bool,
    label: Callable[[float, float], str],
    most: float = math.inf,
    headroom: float = HEADROOM,
) -> Scale:
    """The finest scale that holds the range; among equals the one with labels about three rows apart."""
    best: tuple[float, float] | None = None
    for step, unit in sorted(steps, key=lambda pair: (round(pair[1], 12), abs(pair[0] / pair[1] - 3))):
        best = step, unit
        if _highest(high, unit, most, headroom) - rows * unit <= low + unit / 4:
            break
    assert best is not None
    step, unit = best
    top = _highest(high, unit, most, headroom)
    ticks = {}
    for index in range(math.ceil((top - rows * unit) / step - 1e-9), math.floor(top / step + 1e-9) + 1):
        row = math.floor((top - index * step) / unit + 1e-6)
        if 0 <= row < rows and index * step <= most * (1 + 1e-9):
            ticks[row] = label(index * step, step)
    return Scale(rows, top, unit, log, tuple(sorted(ticks.items())))


def _highest(high: float, unit: float, most: float, headroom: float) -> float:
    """The upper edge: half a row over the multiple of `unit` that holds the highest value and some air."""
    return (math.ceil(min(high + headroom * unit, most + max(headroom - 0.5, 0.0) * unit) / unit - 0.5 - 1e-9) + 0.5) * unit


def step_label(value: float, step: float) -> str:
    """A round value with as many decimals as its step needs: 0.5, 20, 4k."""
    if abs(value) < step / 2:
        value = 0.0
    decimals = next((places for places in range(12) if math.isclose(round(step, places), step)), 12)
    text = f"{value:.{decimals}f}"
    if len(text.lstrip("-")) > 5:
        text = ratio_label(abs(value)) if value >= 0 else "-" + ratio_label(-value)
    return text.replace("-", "−") if text.startswith("-") else text


def ratio_label(value: float) -> str:
    """A positive value in at most five columns, as few digits as say it within two percent: 2.0, 1.4, 0.7, .125, 32k."""
    if value >= 9999.5:
        return f"{value / 1000:.0f}k" if value < 999_500 else f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    if value < 0.00095:
        digits, power = f"{value:.0e}".split("e")
        if abs(float(f"{digits}e{power}") / value - 1) <= 0.02 or int(power) < -8:
            return f"{digits}e{int(power)}"
        return f"{value / 10.0 ** (int(power) - 1):.0f}e{int(power) - 1}"
    first = 0 if value >= 9.95 else 1
    text = next(text for decimals in range(first, 9) if abs(float(text := f"{value:.{decimals}f}") / value - 1) <= 0.02)
    return text if len(text) <= 4 else text.removeprefix("0")
