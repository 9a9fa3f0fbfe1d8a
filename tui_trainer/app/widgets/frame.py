"""What stands around the dots of a chart: labels and axis at the left, the x axis below. Knows no data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rich.segment import Segment

from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.rows import Line, line

GUTTER = 6
"""Columns for a label, a blank and the axis."""
BAND_TINT = 0.45


class Ticked(Protocol):
    """An axis that says where its round numbers stand."""

    def ticks(self) -> tuple[str, list[tuple[int, int, str]]]:
        """A word for the unit, and (column of the tick, first column of its label, label)."""
        ...


def framed(grid: Grid, labels: Iterable[tuple[int, str]], ink: Palette, tint: str | None = None) -> list[Line]:
    """Rows of the grid behind their labels; the rows with a label have a faint line where nothing else is drawn.

    `tint` is the ground of the cells that a band fills, where it is not that of the training band.
    """
    axis, dim, ground = ink.ink("line"), ink.ink("dim"), ink.ink()
    tint = ink.mixed("band", BAND_TINT) if tint is None else tint
    named = dict(labels)
    lines = []
    for row in range(grid.rows):
        label = named.get(row)
        blank = "─" if label is not None and ink.tints else " "
        spans = [Segment(f"{label or '':>4} "[:5], dim), Segment("│" if label is None else "┤", axis)]
        for text, colour, tinted in grid.runs(row, blank):
            spans.append(Segment(text, ink.ink(colour or "grid", on=tint if tinted else None)))
        lines.append([*spans, Segment(" ", ground)])
    return lines


def x_axis(columns: int, span: Ticked | None, ink: Palette, narrow: bool) -> list[Line]:
    """The axis with its ticks, and the numbers with the unit in the column of the labels."""
    word, ticks = span.ticks() if span else ("epoch", [])
    word = "ep." if word == "epoch" and narrow else word
    stroke, numbers = ["─"] * columns, [" "] * columns
    for column, start, text in ticks:
        stroke[column] = "┬"
        numbers[start : start + len(text)] = text
    label = f"{word:>4}"
    return [
        line((" " * (GUTTER - 1) + "└" + "".join(stroke), ink.ink("line"))),
        line((f"{label:<{GUTTER}}" + "".join(numbers), ink.ink("dim"))),
    ]
