"""The curves of a run, drawn once, to be printed: loss over accuracy on an axis of epochs, or the fitted curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tui_trainer.runs.history import History
from tui_trainer.runs.trail import pairs

BLUE, ORANGE = 75, 215
"""Train and validation, as the 256 colours of a terminal number them."""


def charts(history: History, width: int, *, colours: bool, unicode: bool = True) -> list[str]:
    """Both charts as lines of at most `width` columns; nothing where there is nothing to draw."""
    per_epoch = history.steps_per_epoch or 1
    loss = [((b.start + b.end) / 2 / per_epoch, b.mean) for b in history.loss.buckets() if math.isfinite(b.mean)]
    accuracy = [((b.start + b.end) / 2 / per_epoch, 100 * b.mean) for b in history.accuracy.buckets() if math.isfinite(b.mean)]
    val_loss = [(p.step / per_epoch, p.value) for p in history.val_loss if math.isfinite(p.value)]
    val_accuracy = [(p.step / per_epoch, 100 * p.value) for p in history.val_accuracy]
    end = max([x for x, _ in loss + val_loss], default=0.0)
    if not end:
        return []
    drawn = _chart(Axes("loss", end), loss, val_loss, (width, 14), colours=colours, unicode=unicode)
    if not history.regression:
        return drawn + _chart(Axes("accuracy in %", end), accuracy, val_accuracy, (width, 12), colours=colours, unicode=unicode)
    return drawn + _fitted(history, width, colours=colours, unicode=unicode)


def _fitted(history: History, width: int, *, colours: bool, unicode: bool) -> list[str]:
    """What the net predicts over its one input, with the samples."""
    if (probed := history.probed.get("curve")) is None:
        return []
    predicted, samples = pairs(probed, "x", "predicted"), pairs(probed, "samples_x", "samples_y")
    axes = Axes("fitted curve", None, "x", ("predicted", "samples"))
    return _chart(axes, predicted, samples, (width, 14), colours=colours, unicode=unicode) if predicted else []


Points = Sequence[tuple[float, float]]


class Axes(NamedTuple):
    """What a chart says around its curves."""

    title: str
    end: float | None
    """The right end of an x axis from 0; None for one that the points give."""
    word: str = "epoch"
    names: tuple[str, str] = ("train", "val")


def _chart(axes: Axes, train: Points, val: Points, size: tuple[int, int], *, colours: bool, unicode: bool) -> list[str]:
    """One chart, of a line and of spots; its title is its legend."""
    import plotext  # a quarter of the start-up: paid only by what draws

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limitsize(False, False)  # what is asked for, whatever it takes the terminal to be
    plotext.plotsize(*size)
    if axes.end is not None:
        plotext.xlim(0, axes.end)
    if train:
        plotext.plot([x for x, _ in train], [y for _, y in train], marker="braille" if unicode else "*", color=BLUE)
    if val:
        plotext.scatter([x for x, _ in val], [y for _, y in val], marker="■" if unicode else "#", color=ORANGE)
    plotext.xlabel(axes.word)
    text: str = plotext.build()
    legend = f"  {axes.title}   ━ {axes.names[0]}   ■ {axes.names[1]}"
    drawn = text if colours else plotext.uncolorize(text)
    return [legend, *(line.rstrip() for line in drawn.splitlines())]
