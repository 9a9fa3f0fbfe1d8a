"""The validation curves of several runs over each other, drawn once, to be printed; a letter stands at the end of each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle

from tui_trainer.runs.compare import Comparison

COLOURS = (75, 215, 176, 149, 80, 203, 221, 246)
"""Of the runs in their order, as the 256 colours of a terminal number them."""
HEIGHT = 16
ROWS = HEIGHT - 4
"""Of the curves themselves, within the frame."""
FRAME = 8
"""Columns beside the curves, about."""
MUCH = 50
"""How many times the lowest value the highest is from which the axis is logarithmic."""
NEAR = 2
"""Columns within which letters on one row would hide each other."""

Curve = Sequence[tuple[float, float]]
Letter = tuple[str, float, float, int]
"""Text, x, y, colour."""


def overlay(found: Comparison, axis: str, width: int, *, colours: bool, unicode: bool = True) -> list[str]:
    """The chart in lines of at most `width` columns; nothing where no figure is common to the runs, or none is known yet."""
    name = "loss" if found.regression else "accuracy"
    scale = 1 if found.regression else 100
    curves = {letter: [(one.x, scale * one.mean) for one in line] for letter, line in found.bands(axis, name).items()}
    if found.task == "mixed" or not any(curves.values()):
        return []
    import plotext  # a quarter of the start-up: paid only by what draws

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limitsize(False, False)  # what is asked for, whatever it takes the terminal to be
    plotext.plotsize(width, HEIGHT)
    end, logarithmic = max(x for curve in curves.values() for x, _ in curve), _spans_much(curves.values())
    plotext.yscale("log" if logarithmic else "linear")
    plotext.xlim(0, 1.03 * end or 1)
    for letter, colour in zip(found.letters, cycle(COLOURS), strict=False):
        if curve := curves[letter]:
            marker = "braille" if unicode else letter[0].lower()
            plotext.plot([x for x, _ in curve], [y for _, y in curve], marker=marker, color=colour)
    rows: Mapping[str, Curve] = curves
    if logarithmic:
        rows = {letter: [(x, math.log(y)) for x, y in curve] for letter, curve in curves.items()}
    for text, x, y, colour in _letters(found.letters, rows, width, colours=colours):
        side_of = "center" if len(text) < 3 else "right"  # many would run into the frame
        plotext.text(text, x, math.exp(y) if logarithmic else y, color=colour, alignment=side_of)
    plotext.xlabel(axis)
    text = str(plotext.build())
    drawn = text if colours else plotext.uncolorize(text)
    title = "validation loss" if found.regression else "validation accuracy in %"
    return [f"  {title}{', logarithmic' if logarithmic else ''}", *(line.rstrip() for line in drawn.splitlines())]


def _spans_much(curves: Iterable[Curve]) -> bool:
    """Whether the lowest would lie flat on the axis beside the highest, as losses do."""
    values = [y for curve in curves for _, y in curve]
    return 0 < min(values) < max(values) / MUCH


def _letters(letters: Sequence[str], curves: Mapping[str, Curve], width: int, *, colours: bool) -> list[Letter]:
    """Where the letters go: at the end of each curve, and where there is no colour along it as well. Those that would
    hide each other stand side by side."""
    every = [point for curve in curves.values() for point in curve]
    right, low, high = max(x for x, _ in every) or 1, min(y for _, y in every), max(y for _, y in every)
    found: list[tuple[int, float, Letter]] = []
    for letter, colour in zip(letters, cycle(COLOURS), strict=False):
        for x, y in _marked(curves[letter], colours=colours):
            row = round((ROWS - 1) * (y - low) / (high - low)) if high > low else 0
            column = (width - FRAME) * x / right
            near = [at for at, one in enumerate(found) if one[0] == row and abs(one[1] - column) < NEAR + len(one[2][0]) / 2]
            if near:
                before = found[near[0]][2]
                found[near[0]] = (*found[near[0]][:2], (before[0] + letter, *before[1:]))
            else:
                found.append((row, column, (letter, x, y, colour)))
    return [letter for _, _, letter in found]


def _marked(curve: Curve, *, colours: bool) -> Curve:
    """Points of a curve that carry its letter."""
    if not curve:
        return []
    along = [] if colours or len(curve) < 6 else [curve[len(curve) // 3], curve[2 * len(curve) // 3]]
    return [*along, curve[-1]]
