"""A stretch of numbers laid on columns: where a value stands, and round numbers below it. Knows numbers only."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tui_trainer.app.widgets.scale import step_label


@dataclass(frozen=True, slots=True)
class Extent:
    """From `low` in the first dot to `high` in the last, over so many columns of cells."""

    low: float
    high: float
    columns: int
    word: str = "x"

    def dot(self, value: float) -> int:
        """The column of dots of a value; it may lie outside."""
        wide = 2 * self.columns - 1
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return round(min(max(share, -1.0), 2.0) * wide)

    def ticks(self) -> tuple[str, list[tuple[int, int, str]]]:
        """The word, and (column of the tick, first column of its label, label), none touching another."""
        for step in round_steps(self.low, self.high):
            labels = [(value, step_label(value, step)) for value in multiples(self.low, self.high, step)]
            placed = [(self.dot(value) >> 1, text) for value, text in labels]
            starts = [max(min(at - (len(text) - 1) // 2, self.columns - len(text)), 0) for at, text in placed]
            ends = [start + len(text) for start, (_, text) in zip(starts, placed, strict=True)]
            if all(start > end + 1 for start, end in zip(starts[1:], ends, strict=False)):
                return self.word, [(at, start, text) for start, (at, text) in zip(starts, placed, strict=True)]
        return self.word, []


def round_steps(low: float, high: float) -> list[float]:
    """Round distances of which one at least lies between the two, the finest first."""
    size = high - low
    if not 0 < size < math.inf or size < 1e-9 * max(abs(low), abs(high)):
        return []
    power = math.floor(math.log10(size))
    return [step for at in (power - 1, power) for digit in (1, 2, 5) if (step := digit * 10.0**at) <= size]


def multiples(low: float, high: float, step: float) -> list[float]:
    """Those of a distance that lie between the two, both included."""
    return [index * step for index in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
