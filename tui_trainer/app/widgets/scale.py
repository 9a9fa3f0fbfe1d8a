"""Scales of a chart: where a value stands, and which round values get a label. Knows numbers only.

The middle of a row always stands for a multiple of the scale's unit, so that a label says exactly what its row means,
and the scale moves in whole rows when the data outgrow it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

OCTAVE = math.log10(2)
RATIOS = (
    *(OCTAVE / 4, OCTAVE / 2, 1 / 5, 1 / 4, OCTAVE, 1 / 3, 1 / 2, 2 * OCTAVE),
    *(1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0),
)
"""Decades from one log tick to the next: equal ratios, so that 2.0 1.4 1.0 0.7 stand evenly."""
AWKWARD = {1 / 5: 1.3, 1 / 4: 1.3, 1 / 3: 1.3}
"""How much finer these must be to be taken: 1.0 1.6 2.5 reads less well than 1.0 1.4 2.0."""
LEAST_RATIO = OCTAVE / 2
"""A log scale never spans less: noise on a flat curve shall not look like a mountain."""
LEAST_SHARE = 0.1
"""What a linear scale spans at least, as a share of the largest value, for the same reason."""
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
    return _fitting(
        bottom - missing,
        top + missing,
        rows,
        steps,
        log=True,
        label=lambda power, _: ratio_label(10.0 ** min(max(power, -300.0), 300.0)),
    )


@lru_cache(maxsize=64)
def linear_scale(
    low: float, high: float, rows: int, *, most: float = math.inf, times: float = 1.0, headroom: float = HEADROOM
) -> Scale:
    """A linear scale that holds `low` to `high`; no label says more than `most`. Labels say `times` the value."""
    low, high = (min(max(value, -1e300), 1e300) for value in (low, high))  # so that no difference overflows
    least = LEAST_SHARE * max(abs(low), abs(high)) or 1.0
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, min(middle + least / 2, most)
    steps = [(step, step / rest) for step in _round_steps((high - low) / rows) for rest in _apart(rows)]
    return _fitting(
        low, high, rows, steps, log=False, label=lambda at, step: step_label(times * at, times * step), most=most, headroom=headroom
    )


def _apart(rows: int) -> list[int]:
    """How many rows there may be between labels: two or more where there is room, yet so few that two labels fit."""
    return [rest for rest in (1, 2, 3, 4) if (1 if rows <= 6 else 2) <= rest <= max(2, rows / 2)]


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
    headroom = min(headroom, (rows - 1) / 3)
    best: tuple[float, float] | None = None
    for step, unit in sorted(
        steps, key=lambda pair: (round(pair[1] * (AWKWARD.get(pair[0], 1.0) if log else 1.0), 12), abs(pair[0] / pair[1] - 3))
    ):
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


SIZES = ((1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T"))


def step_label(value: float, step: float) -> str:
    """A round value with as many decimals as its step needs: 0.5, 20, 250k."""
    size, sign = abs(value), "−" if value < 0 else ""
    if size < step / 2:
        return "0"
    for unit, suffix in ((1.0, ""), *SIZES):
        if unit > max(size, 1.0):
            break
        places = next((places for places in range(12) if math.isclose(round(step / unit, places), step / unit)), 12)
        text = f"{size / unit:.{places}f}{suffix}"
        for shown in (sign + text, sign + text.removeprefix("0")):
            if len(shown) <= 5:
                return shown
    text = sign + ratio_label(size)
    return text if len(text) <= 5 else f"{sign}{size:.0e}".replace("e-0", "e-")


def ratio_label(value: float) -> str:
    """A positive value in at most five columns, as few digits as say it within two percent: 2.0, 1.4, 0.7, .125, 32k."""
    if value >= 9999.5:
        unit, suffix = next(((unit, suffix) for unit, suffix in SIZES if value < 999.5 * unit), (0.0, ""))
        return f"{value / unit:.{'0' if value >= 10 * unit else '1'}f}{suffix}" if unit else f"{value:.0e}".replace("+", "")
    if value < 0.00095:
        digits, power = f"{value:.0e}".split("e")
        if abs(float(f"{digits}e{power}") / value - 1) <= 0.02 or int(power) < -8:
            return f"{digits}e{int(power)}"
        return f"{value / 10.0 ** (int(power) - 1):.0f}e{int(power) - 1}"
    first = 0 if value >= 9.95 else 1
    text = next(text for decimals in range(first, 9) if abs(float(text := f"{value:.{decimals}f}") / value - 1) <= 0.02)
    return text if len(text) <= 4 else text.removeprefix("0")


def mostly_positive(values: Sequence[float]) -> bool:
    """Whether a log scale can show this line: hardly anything at zero or below."""
    return bool(values) and sum(value <= TINY for value in values) <= 0.1 * len(values)


def robust_top(low: float, values: Sequence[float]) -> float:
    """The upper end of a linear scale: under the highest value only where one spike would flatten all the rest."""
    ordered = sorted(values)
    usual = ordered[int(0.97 * (len(ordered) - 1))]
    return ordered[-1] if ordered[-1] - low <= 2.5 * (usual - low) else usual + 0.1 * (usual - low)
