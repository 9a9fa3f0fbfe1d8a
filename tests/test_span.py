"""The x axis of the charts: the whole plan, whatever its unit."""

from __future__ import annotations

from charted import falling, history, learned, started
from tui_trainer.app.widgets.chart import ChartView
from tui_trainer.app.widgets.span import planned_steps, reach
from tui_trainer.events import RunEnded


def test_seconds_span_the_budget_and_steps_are_guessed_in_round_numbers() -> None:
    made = history(started(0, seconds=60.0), learned(falling(300)))
    assert reach(ChartView(made, unit="seconds")) == 60.0
    assert planned_steps(made) == 6000  # 300 steps took 3 seconds
    assert reach(ChartView(made, unit="epoch")) == 60.0
    made.apply(RunEnded(300, 3, "stopped", seconds=3.0))
    assert planned_steps(made) == 300


def test_more_steps_than_planned_stay_on_the_axis() -> None:
    assert reach(ChartView(history(started(100), learned(falling(150))), unit="step")) == 150
