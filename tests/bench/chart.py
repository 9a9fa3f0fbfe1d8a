"""What a frame of both charts costs at 120x36, over a run of a million steps. Run by hand: python tests/bench/chart.py"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from textual.app import App, ComposeResult

sys.path.insert(0, str(Path(__file__).parent.parent))

import charted  # beside the tests
from tui_trainer.app.widgets.chart import ChartView, LossChart
from tui_trainer.app.widgets.measure_chart import MeasureChart
from tui_trainer.events import Evaluated, Stepped
from tui_trainer.runs.history import History

PER_EPOCH = 100_000
WIDTH, LOSS, ACCURACY = 91, 12, 8


class Charts(App[None]):
    CSS = f"LossChart {{ height: {LOSS}; }} MeasureChart {{ height: {ACCURACY}; }}"

    def compose(self) -> ComposeResult:
        yield LossChart()
        yield MeasureChart()


def started(steps: int, per_epoch: int) -> History:
    return charted.history(charted.started(steps, per_epoch))


def learn(history: History, steps: int, chance: random.Random, per_epoch: int) -> None:
    """So many steps more, in one report."""
    step = history.step + steps
    losses = tuple(2.3 / (1 + 8 * at / (10 * per_epoch)) * chance.uniform(0.8, 1.2) for at in range(history.step + 1, step + 1))
    epoch = step // per_epoch
    history.apply(Stepped(step, epoch + 1, losses, round(90 * step / (step + per_epoch)), 100, 1e-3, step / 1000))
    if step % per_epoch == 0:
        history.apply(Evaluated(step, epoch, "val", 2 / (1 + epoch), 0.9 - 0.5 / (1 + epoch), (), step / 1000, 0.1))


def milliseconds(frame: Callable[[], None], times: int) -> tuple[float, float]:
    """Median and worst of a frame, in CPU time of this thread."""
    took = []
    for _ in range(times):
        begin = time.thread_time()
        frame()
        took.append(1e3 * (time.thread_time() - begin))
    return statistics.median(took), max(took)


async def main() -> None:
    chance = random.Random(0)
    long, last, short = started(10 * PER_EPOCH, PER_EPOCH), started(10 * PER_EPOCH, PER_EPOCH), started(4500, 450)
    for history in (long, last):
        while history.step < 10 * PER_EPOCH - (500_000 if history is long else 0):
            learn(history, 1000, chance, PER_EPOCH)
    app = Charts()
    async with app.run_test(size=(120, 36)) as pilot:
        charts = app.query_one(LossChart), app.query_one(MeasureChart)
        for chart in charts:
            chart.styles.width = WIDTH
        await pilot.pause()

        def frame(history: History, steps: int, per_epoch: int) -> Callable[[], None]:
            def draw() -> None:
                if steps:
                    learn(history, steps, chance, per_epoch)
                begin = time.thread_time()
                for chart in charts:
                    chart.show(ChartView(history, last))
                drawing.append(1e3 * (time.thread_time() - begin))

            return draw

        for name, history, steps, per_epoch in (
            ("500 000 of 1 000 000 steps, 300 more a frame", long, 300, PER_EPOCH),
            ("4 500 steps, 50 more a frame", short, 50, 450),
            ("nothing new", long, 0, PER_EPOCH),
        ):
            drawing: list[float] = []
            draw = frame(history, steps, per_epoch)
            draw()
            drawing.clear()
            milliseconds(draw, 80)
            print(f"{name}: median {statistics.median(drawing):.2f} ms, worst {max(drawing):.2f} ms")


asyncio.run(main())
