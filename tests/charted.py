"""Histories made of events, and both charts in an app: what the tests of the charts draw and read."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult

from tui_trainer.app import palette
from tui_trainer.app.widgets.chart import LossChart
from tui_trainer.app.widgets.frame import GUTTER
from tui_trainer.app.widgets.measure_chart import MeasureChart
from tui_trainer.events import Evaluated, Event, RunStarted, Stepped
from tui_trainer.runs.history import History

PER_EPOCH = 100


def started(steps: int = 1000, per_epoch: int = PER_EPOCH, **budget: float) -> RunStarted:
    return RunStarted(
        config=dict(budget) or {"epochs": steps // per_epoch},
        classes=("a", "b"),
        device="cpu",
        device_name="",
        threads=1,
        precision="fp32",
        parameters=1,
        layers=(),
        input_shape=(1, 8, 8),
        train_size=1,
        val_size=1,
        test_size=1,
        steps=steps,
        steps_per_epoch=per_epoch,
    )


def learned(losses: Sequence[float], after: int = 0, per_epoch: int = PER_EPOCH, accuracy: float = 0.5) -> Stepped:
    step = after + len(losses)
    return Stepped(step, step // per_epoch + 1, tuple(losses), round(1000 * accuracy), 1000, 1e-3, step / 100)


def evaluated(step: int, loss: float, accuracy: float = 0.5) -> Evaluated:
    return Evaluated(step, step // PER_EPOCH, "val", loss, accuracy, (), step / 100, 0.1)


def history(*events: Event) -> History:
    made = History()
    made.extend(events)
    return made


def falling(steps: int, noise: int = 0) -> list[float]:
    chance = random.Random(noise)
    return [2.3 * 0.998**at * chance.uniform(0.9, 1.1) for at in range(steps)]


class Charts(App[None]):
    def __init__(self, depth: str, loss: int, accuracy: int) -> None:
        super().__init__()
        self.palette = palette.choose(depth=depth)
        self.heights = loss, accuracy

    def compose(self) -> ComposeResult:
        for chart, height in zip((LossChart(), MeasureChart()), self.heights, strict=True):
            chart.styles.height = height
            chart.can_focus = False
            yield chart


@asynccontextmanager
async def charts(
    width: int = 91, loss: int = 12, accuracy: int = 8, depth: str = "full"
) -> AsyncIterator[tuple[LossChart, MeasureChart]]:
    app = Charts(depth, loss, accuracy)
    async with app.run_test(size=(width, loss + accuracy)) as pilot:
        await pilot.pause()
        yield app.query_one(LossChart), app.query_one(MeasureChart)


def rows(chart: LossChart | MeasureChart) -> list[str]:
    return ["".join(segment.text for segment in line) for line in chart._lines]


def coloured(chart: LossChart | MeasureChart, colour: str) -> Iterator[tuple[int, int]]:
    """(column, row) of every cell in this colour that shows something, the rule left out."""
    wanted = chart.ink.ink(colour).color
    for y, line in enumerate(chart._lines[1:]):
        x = 0
        for segment in line:
            for character in segment.text:
                if segment.style and segment.style.color == wanted and character != " ":
                    yield x - GUTTER, y
                x += 1


def tinted(chart: LossChart) -> set[tuple[int, int]]:
    """(column, row) of cells whose ground is the band's."""
    ground, found = chart.ink.ink().bgcolor, set()
    for y, line in enumerate(chart._lines[1:]):
        x = 0
        for segment in line:
            if segment.style and segment.style.bgcolor != ground:
                found |= {(at - GUTTER, y) for at in range(x, x + len(segment.text))}
            x += len(segment.text)
    return found
