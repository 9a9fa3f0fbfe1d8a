"""What ranks the settings against what it cost: a letter at each place, its spread from seed to seed as an upright through it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_trainer import units
from tui_trainer.app.widgets import end_labels
from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.end_labels import EndLabel
from tui_trainer.app.widgets.frame import GUTTER, framed, x_axis
from tui_trainer.app.widgets.legend import NARROW
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scale import Scale, linear_scale, log_scale, ratio_label
from tui_trainer.app.widgets.span import Span
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.standings import Standing

AXIS_ROWS = 2
MUCH = 8
"""How many times the least cost the most is from which the axis is logarithmic."""
NAME = 20
TIMES = (0.1, 0.3, 1, 3, 10, 30, 60, 300, 900, 3600, 10800, 43200, 86400, 259200, 864000)
"""Seconds that are round on a logarithmic axis."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a setting may cost."""

    name: str
    """`seconds` or `parameters`: a figure of a standing."""
    title: str


COSTS = (Cost("seconds", "against time"), Cost("parameters", "against parameters"))


@dataclass(frozen=True, slots=True)
class LogSpan:
    """A logarithmic x axis over so many columns of cells."""

    unit: str
    low: float
    high: float
    columns: int

    def dot(self, value: float) -> int:
        """The column of dots of a place."""
        share = math.log(max(value, 1e-12) / self.low) / math.log(self.high / self.low)
        return round(min(max(share, 0.0), 4.0) * (2 * self.columns - 1))

    def ticks(self) -> tuple[str, list[tuple[int, int, str]]]:
        """As those of a `Span`: round numbers, none touching another."""
        found: list[tuple[int, int, str]] = []
        free = 0
        for value in (
            [one for one in TIMES if self.low <= one <= self.high] if self.unit == "seconds" else _round(self.low, self.high)
        ):
            text = _time(value) if self.unit == "seconds" else ratio_label(value).replace(".0", "")
            column = min(self.dot(value) >> 1, self.columns - 1)
            start = max(min(column - (len(text) - 1) // 2, self.columns - len(text)), 0)
            if start >= free:
                found.append((column, start, text))
                free = start + len(text) + 2
        return "", found


def _time(seconds: float) -> str:
    """1 s, 5 min, 2 h, 1 d: one of `TIMES`."""
    size, sign = next((size, sign) for size, sign in ((86400, "d"), (3600, "h"), (60, "min"), (0.001, "s")) if seconds >= size)
    return f"{seconds / max(size, 1):g} {sign}"


def _round(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten within these; the powers alone where they span much."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    digits = (1,) if len(powers) > 5 else (1, 3) if len(powers) > 3 else (1, 2, 5)
    return [digit * 10.0**power for power in powers for digit in digits if low <= digit * 10.0**power <= high]


class ScatterChart(Panel):
    """Best accuracy, or of regression loss, against one cost."""

    DEFAULT_CSS = "ScatterChart { height: 1fr; }"

    def __init__(self, cost: Cost, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cost = cost
        self.title = f"Accuracy {cost.title}"
        self._found: Comparison | None = None
        self._colours: Mapping[str, str] = {}
        self._here = ""
        self._log = False

    def show(self, found: Comparison, colours: Mapping[str, str], here: str) -> None:
        """`here` is the letter under the cursor: its name is the first to be written."""
        if found is not self._found or colours != self._colours or here != self._here:
            self._found, self._colours, self._here = found, dict(colours), here
            self.title = f"{'Loss' if found.regression else 'Accuracy'} {self.cost.title}"
            self.draw()

    def aside(self) -> Line:
        return line(("logarithmic", self.ink.ink("dim"))) if self._log else []

    def lines(self, width: int, height: int) -> list[Line]:
        rows, columns = height - 1 - AXIS_ROWS, width - GUTTER - 1
        if rows < 1 or columns < 2:
            return [self.rule(width)]
        known = [one for one in self._found.standings if one.best is not None and self._paid(one)] if self._found else []
        chart = self._chart(known, columns, rows, narrow=width < NARROW) if known else self._empty(columns, rows)
        return [self.rule(width), *chart]

    def _paid(self, one: Standing) -> float:
        return float(getattr(one, self.cost.name) or 0.0)

    def _empty(self, columns: int, rows: int) -> list[Line]:
        self._log = False
        words = "no figure ranks these" if self._found is not None and self._found.task == "mixed" else "no validation yet"
        grid = Grid(columns, rows, ("dim",))
        grid.glyph(max((columns - len(words)) // 2, 0), rows // 2, words, "dim")
        return [*framed(grid, (), self.ink), *x_axis(columns, None, self.ink, narrow=True)]

    def _chart(self, known: Sequence[Standing], columns: int, rows: int, *, narrow: bool) -> list[Line]:
        costs = [self._paid(one) for one in known]
        self._log = max(costs) > MUCH * min(costs)
        span: Span | LogSpan
        if self._log:
            span = LogSpan(self.cost.name, min(costs) / 1.5, max(costs) * 2.5, columns)
        else:
            span = Span(self.cost.name if self.cost.name == "seconds" else "", 1.3 * max(costs), columns)
        scale = self._scale(known, rows)
        grid = Grid(columns, rows, ("dim",))
        places = [(one, min(span.dot(self._paid(one)) >> 1, columns - 1)) for one in known]
        for one, column in places:
            self._spread(grid, one, column, scale)
        labels = [self._letter(grid, one, column, scale) for one, column in places]
        end_labels.place(grid, sorted(labels, key=lambda label: label.texts[0] != self._label_of(self._here)))
        return [*framed(grid, scale.ticks, self.ink), *x_axis(columns, span, self.ink, narrow)]

    def _scale(self, known: Sequence[Standing], rows: int) -> Scale:
        assert self._found is not None
        spans = [((one.best or 0.0) - (one.deviation or 0.0), (one.best or 0.0) + (one.deviation or 0.0)) for one in known]
        low, high = min(low for low, _ in spans), max(high for _, high in spans)
        if not self._found.regression:
            return linear_scale(max(low, 0.0), min(high, 1.0), rows, most=1.0, times=100.0)
        return log_scale(low, high, rows) if low > 0 and high > MUCH * low else linear_scale(low, high, rows)

    def _spread(self, grid: Grid, one: Standing, column: int, scale: Scale) -> None:
        """One standard deviation up and down."""
        if one.deviation and one.best is not None:
            top, bottom = scale.dot(one.best + one.deviation), scale.dot(one.best - one.deviation)
            for y in range(max(top, 0), min(bottom, grid.high - 1) + 1):
                grid.dot(2 * column, y, 1)

    def _letter(self, grid: Grid, one: Standing, column: int, scale: Scale) -> EndLabel:
        """The letter at its place, or beside one that stands there; and what may be written beside it."""
        row = min(max(scale.dot(one.best or 0.0), 0), grid.high - 1) >> 2
        while (row * grid.columns + column) in grid.glyphs and column < grid.columns - 1:
            column += 1
        colour = self._colours.get(one.letter, "last")
        grid.glyph(column, row, one.letter, colour)
        return EndLabel(column, row, (self._label_of(one.letter),), colour, far=1)

    def _label_of(self, letter: str) -> str:
        known = self._found.standings if self._found else ()
        return next((clipped(units.plain(one.label), NAME) for one in known if one.letter == letter), "")
