"""What stands on the curves: labels never overlap, the newest is told in words."""

from __future__ import annotations

import random
from collections.abc import Sequence

from charted import charts, coloured, falling, history, learned, rows, started
from tui_trainer.app.widgets.chart import ChartView
from tui_trainer.app.widgets.frame import GUTTER
from tui_trainer.app.widgets.marks import uprights
from tui_trainer.app.widgets.span import Span, place, step_of
from tui_trainer.events import Continued, Evaluated, LearningRateChanged, Paused, RunEnded, SettingChanged
from tui_trainer.runs.history import History


def changed(made: History, steps: Sequence[int], chance: random.Random) -> None:
    for at in steps:
        made.apply(LearningRateChanged(at, chance.choice([1e-1, 1e-3]), chance.choice([3e-2, 5e-5])))


def figures_in(top: str) -> set[str]:
    """The words at the top of the chart that are no glyph: rates, unless two labels run into each other."""
    shown = "".join(" " if character in "▾‖─" or character > "\u2800" else character for character in top[GUTTER:])
    return {*shown.split()} - {"rate", "→"}


async def test_labels_of_many_changes_never_overlap_and_the_newest_is_whole() -> None:
    chance = random.Random(1)
    for count in range(1, 12):
        made = history(started(), learned(falling(900)))
        steps = sorted(chance.sample(range(100, 900, 20), count))
        changed(made, steps, chance)
        async with charts() as (loss, _):
            loss.show(ChartView(made))
            top = rows(loss)[1]
            assert made.marks[-1].text.split("→")[1] in top
            assert figures_in(top) <= {"0.1", "1e-3", "3e-2", "5e-5"}
            glyphs = {at - GUTTER for at, character in enumerate(top) if character == "▾"}
            assert max(glyphs) == Span("epoch", 10.0, 84).dot(steps[-1] / 100) >> 1


async def test_where_changes_crowd_the_newest_still_has_words() -> None:
    made = history(started(), learned(falling(900)))
    changed(made, range(100, 900, 12), random.Random(1))
    made.extend([Paused(899), Continued(899)])
    async with charts() as (loss, _):
        loss.show(ChartView(made))
        assert made.marks[-3].text.split()[-1] in figures_in(rows(loss)[1])
        assert figures_in(rows(loss)[1]) <= {"3e-2", "5e-5"}


async def test_a_pause_is_a_dim_line_and_no_label() -> None:
    made = history(started(), learned(falling(500)), Paused(300), Continued(300))
    async with charts() as (loss, accuracy):
        for chart in (loss, accuracy):
            chart.show(ChartView(made))
        column = Span("epoch", 10.0, 84).dot(3.0) >> 1
        assert rows(loss)[1][GUTTER + column] == "‖"
        assert {at for at, row in coloured(loss, "dim") if at > 0} == {column}
        assert any(row[GUTTER + column] == "┊" for row in rows(accuracy))


async def test_a_change_of_another_setting_is_told_in_its_own_words() -> None:
    made = history(started(), learned(falling(500)), SettingChanged(301, "batch_size", 128, 64, 3.0, 1700, 200))
    async with charts() as (loss, _):
        loss.show(ChartView(made))
        assert "▾ batch 128 → 64" in rows(loss)[1]
        assert any(row == 0 for _, row in coloured(loss, "you"))
    marks = [(0, mark) for mark in made.marks]
    assert uprights(marks, narrow=True)[0].texts == ("batch → 64",)


async def test_words_keep_off_what_is_not_finite() -> None:
    made = history(started(), learned(falling(400)), LearningRateChanged(301, 1e-3, 3e-4, 3.0))
    made.apply(RunEnded(401, 5, "diverged", 4.0))
    async with charts() as (loss, _):
        loss.show(ChartView(made))
        assert "✕" in rows(loss)[1]
        assert "rate 1e-3 → 3e-4" in rows(loss)[1]


def test_each_step_stands_in_its_own_epoch_where_the_batch_was_changed() -> None:
    made = history(started(), learned(falling(300)), Evaluated(300, 3, "val", 0.5, 0.5, (), 3.0, 0.1))
    made.extend([SettingChanged(301, "batch_size", 128, 64, 3.0, 1700, 200), learned([1.0] * 200, 300)])
    assert [place(made, step, "epoch") for step in (100, 300, 400, 500, 1700)] == [1.0, 3.0, 3.5, 4.0, 10.0]
    assert place(made, 500, "step") == 500
    assert step_of(made, 3) == 300
