"""The curves of a run, drawn once, to be printed: loss over accuracy, on one axis of epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_trainer.runs.history import History

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
    return [
        *_chart("loss", loss, val_loss, (width, 14), end, colours=colours, unicode=unicode),
        *_chart("accuracy in %", accuracy, val_accuracy, (width, 12), end, colours=colours, unicode=unicode),
    ]


Points = Sequence[tuple[float, float]]


def _chart(title: str, train: Points, val: Points, size: tuple[int, int], end: float, *, colours: bool, unicode: bool) -> list[str]:
    """One chart; its title is its legend."""
    import plotext  # a quarter of the start-up: paid only by what draws

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limitsize(False, False)  # what is asked for, whatever it takes the terminal to be
    plotext.plotsize(*size)
    plotext.xlim(0, end)
    if train:
        plotext.plot([x for x, _ in train], [y for _, y in train], marker="braille" if unicode else "*", color=BLUE)
    if val:
        plotext.scatter([x for x, _ in val], [y for _, y in val], marker="■" if unicode else "#", color=ORANGE)
    plotext.xlabel("epoch")
    text: str = plotext.build()
    legend = f"  {title}   ━ train   ■ val"
    drawn = text if colours else plotext.uncolorize(text)
    return [legend, *(line.rstrip() for line in drawn.splitlines())]
