"""The live charts, drawn in an app over histories made of events."""

from __future__ import annotations

import math

import pytest

from charted import charts, coloured, evaluated, falling, history, learned, rows, started, tinted
from tui_trainer.app.widgets.chart import ChartView
from tui_trainer.app.widgets.frame import GUTTER
from tui_trainer.app.widgets.rows import width_of
from tui_trainer.app.widgets.span import Span
from tui_trainer.events import LearningRateChanged


async def test_one_spike_in_a_million_steps_is_seen_at_its_place() -> None:
    spike = 412_345
    made = history(started(1_000_000, 100_000))
    for after in range(0, 1_000_000, 5000):
        losses = [0.5] * 5000
        if after <= spike < after + 5000:
            losses[spike - after] = 9.0
        made.apply(learned(losses, after, 100_000))
    async with charts() as (loss, _):
        loss.show(ChartView(made))
        high = {at for at in tinted(loss) | set(coloured(loss, "band")) if at[1] <= 2}
        assert {column for column, _ in high} == {Span("step", 1e6, 84).dot(spike) >> 1}


async def test_a_spike_stays_on_a_linear_scale_though_it_is_higher_than_the_scale() -> None:
    made = history(started(), learned([*falling(300), 5000.0, *falling(300)]))
    async with charts() as (loss, _):
        loss.show(ChartView(made, log=False))
        column = Span("epoch", 10.0, 84).dot(3.01) >> 1
        assert rows(loss)[1][GUTTER + column] == "▲"
        assert len({row for _, row in coloured(loss, "train")}) > 4  # the rest is not flattened


async def test_a_validation_stands_at_its_true_place() -> None:
    made = history(started(), learned(falling(550)), evaluated(100, 2.0, 0.9), evaluated(300, 1.0), evaluated(500, 0.8))
    async with charts() as (loss, accuracy):
        for chart in (loss, accuracy):
            chart.show(ChartView(made))
            best = {column for column, _ in coloured(chart, "best")}
            place = Span("epoch", 10.0, 84).dot(1.0)
            assert best == {(place - 1) >> 1, (place + 1) >> 1} | {place >> 1}
            drawn = {column for column, _ in coloured(chart, "val")}
            assert min(drawn) > max(best)
            assert max(drawn) == (Span("epoch", 10.0, 84).dot(5.0) + 1) >> 1


async def test_the_axis_spans_the_plan_and_the_unit_is_named() -> None:
    made = history(started(), learned(falling(250)))
    async with charts() as (loss, accuracy):
        for unit, word, last in (("epoch", "epoch", "10"), ("step", "step", "1k"), ("seconds", "s", "10")):
            for chart in (loss, accuracy):
                chart.show(ChartView(made, unit=unit))
            *_, numbers = rows(accuracy)
            assert numbers.split()[0] == word
            assert numbers.split()[-1] == last
            assert max(column for column, _ in coloured(loss, "train")) in {20, 21, 22}


async def test_a_narrow_chart_shortens_its_words() -> None:
    made = history(started(), learned(falling(200)), LearningRateChanged(101, 1e-3, 3e-4))
    async with charts(80, 8, 6) as (loss, accuracy):
        for chart in (loss, accuracy):
            chart.show(ChartView(made))
        assert "▾ → 3e-4" in rows(loss)[1]
        assert rows(accuracy)[-1].split()[0] == "ep."


async def test_both_charts_stand_on_the_same_columns() -> None:
    made = history(started(), learned(falling(600)), LearningRateChanged(401, 1e-3, 3e-4), evaluated(200, 1.5), evaluated(600, 1.0))
    async with charts() as (loss, accuracy):
        for chart in (loss, accuracy):
            chart.show(ChartView(made, cursor=7))
        upright = [{row.index("┊") for row in rows(chart) if "┊" in row} for chart in (loss, accuracy)]
        assert upright[0] == upright[1]
        ticks = [at for at, character in enumerate(rows(accuracy)[-2]) if character == "┬"]
        assert ticks[4] in upright[0]
        assert all(row[ticks[7]] == "┊" for row in rows(loss)[2:])
        best = [{column for column, _ in coloured(chart, "best")} for chart in (loss, accuracy)]
        assert best[0] & best[1]


async def test_what_is_no_number_is_marked_and_reaches_no_bound() -> None:
    losses = [*falling(100), math.nan, math.inf, *falling(50)]
    made = history(started(), learned(losses), evaluated(100, math.nan), evaluated(150, 1.0))
    whole = history(started(), learned([loss for loss in losses if math.isfinite(loss)]), evaluated(150, 1.0))
    async with charts() as (loss, _):
        for log in (True, False):
            loss.show(ChartView(whole, log=log))
            labels = [row[:GUTTER] for row in rows(loss)[1:]]
            loss.show(ChartView(made, log=log))
            assert [row[:GUTTER] for row in rows(loss)[1:]] == labels
            assert rows(loss)[1][GUTTER + (Span("epoch", 10.0, 84).dot(1.01) >> 1)] == "✕"


@pytest.mark.parametrize("depth", ["full", "16", "none"])
@pytest.mark.parametrize(
    "losses",
    [[], [0.7], [0.0] * 50, [-1.0, -2.0], [math.nan] * 5, [1.0] * 300, [1e-30, 1e30, 5.0], [1e308] * 40, [0.0] * 30 + [1.0] * 70],
    ids=["empty", "one", "zeros", "negative", "nan", "constant", "extremes", "huge", "some zeros"],
)
async def test_any_series_is_drawn_on_both_scales(losses: list[float], depth: str) -> None:
    made = history(started(), *([learned(losses)] if losses else []))
    if len(losses) > 60:
        made.apply(evaluated(60, losses[60]))
    async with charts(depth=depth) as (loss, accuracy):
        for log in (True, False):
            for chart in (loss, accuracy):
                chart.show(ChartView(made, last=made, log=log))
            if depth != "none":
                assert any(coloured(loss, "train")) == any(map(math.isfinite, losses))
            if not losses:
                assert rows(loss)[0].count("·") == 3


@pytest.mark.parametrize("width", [40, 60, 80, 91, 130, 200])
@pytest.mark.parametrize("heights", [(4, 4), (8, 6), (12, 8), (17, 11), (21, 23)])
async def test_every_size_is_filled_and_the_figures_stay(width: int, heights: tuple[int, int]) -> None:
    made = history(
        started(), learned(falling(560), accuracy=0.739), evaluated(500, 0.862, 0.718), LearningRateChanged(401, 1e-3, 3e-4)
    )
    last = history(started(), learned(falling(1000, noise=1)), evaluated(1000, 1.0, 0.679))
    async with charts(width, *heights) as (loss, accuracy):
        for chart in (loss, accuracy):
            chart.show(ChartView(made, last))
            assert [width_of(line) for line in chart._lines] == [width] * chart.size.height
        assert rows(loss)[0].count("0.862") == 2
        assert "73.9 %" in rows(accuracy)[0]
        assert rows(accuracy)[0].count("71.8 %") == 2
        assert "★" in "".join(rows(loss)[1:])
        assert "★" in "".join(rows(accuracy)[1:])


async def test_words_give_way_before_figures() -> None:
    made = history(started(), learned(falling(560)), evaluated(500, 0.862, 0.718))
    async with charts(91) as (loss, _):
        loss.show(ChartView(made, made, smoothing=4))
        wide = rows(loss)[0]
        assert "best 0.862 epoch 5" in wide
        assert "log  smooth 4" in wide
    async with charts(45) as (loss, _):
        loss.show(ChartView(made, made))
        assert "train" not in rows(loss)[0]
        assert rows(loss)[0].count("0.862") == 2


async def test_a_frame_with_nothing_new_repaints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = history(started(), learned([*falling(300), math.nan]), evaluated(200, math.nan), LearningRateChanged(100, 1e-3, 3e-4))
    last = history(started(), learned(falling(1000)))
    async with charts() as pair:
        for chart in pair:
            chart.show(ChartView(made, last, unit="seconds"))
            monkeypatch.setattr(chart, "refresh", lambda *regions: pytest.fail(f"repainted {regions}"))
            chart.show(ChartView(made, last, unit="seconds"))
            chart.draw()


async def test_a_few_more_steps_repaint_a_few_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    made = history(started(), learned(falling(300)), evaluated(200, 1.5))
    painted: list[int] = []
    async with charts() as (loss, _):
        loss.show(ChartView(made))
        monkeypatch.setattr(loss, "refresh", lambda *regions: painted.extend(region.area for region in regions))
        made.apply(learned(falling(302)[300:], 300))
        loss.show(ChartView(made))
    assert 0 < sum(painted) < 60


async def test_without_colours_glyphs_tell_the_curves_apart() -> None:
    made = history(started(), learned(falling(550)), evaluated(200, 1.6), evaluated(400, 1.0, 0.6))
    async with charts(depth="none") as (loss, _):
        loss.show(ChartView(made))
        assert "".join(rows(loss)[1:]).count("■") == 2
        assert "".join(rows(loss)[1:]).count("★") == 1
    async with charts(depth="16") as (loss, _):
        loss.show(ChartView(made))
        assert not tinted(loss)
        assert "─" not in "".join(rows(loss)[1:])


async def test_a_resumed_run_drops_what_came_after_the_checkpoint() -> None:
    made = history(started(), learned([1.0] * 600))
    made.loss.extend(601, [50.0] * 100)
    async with charts() as (loss, _):
        loss.show(ChartView(made))
        assert tinted(loss)
        made.loss.truncate(600)
        loss.show(ChartView(made))
        assert not tinted(loss)


async def test_the_figures_are_those_of_the_epoch_that_is_looked_at() -> None:
    made = history(
        started(), learned([1.0] * 100), learned([0.5] * 200, after=100), evaluated(100, 0.7, 0.61), evaluated(300, 0.3, 0.82)
    )
    async with charts(depth="full") as (loss, accuracy):
        for chart in (loss, accuracy):
            chart.show(ChartView(made, cursor=1))
        assert "train 1.000" in rows(loss)[0]
        assert "val 0.700" in rows(loss)[0]
        assert "val 61.0 %" in rows(accuracy)[0]
        for chart in (loss, accuracy):
            chart.show(ChartView(made))
        assert "val 0.300" in rows(loss)[0]
        assert "val 82.0 %" in rows(accuracy)[0]


async def test_a_validation_below_all_others_is_within_the_scale() -> None:
    last = history(started(), learned([0.1] * 900, accuracy=0.97), *(evaluated(step, 0.1, 0.97) for step in range(100, 1000, 100)))
    made = history(started(), learned([1.0] * 100, accuracy=0.97), evaluated(100, 1.0, 0.69))
    async with charts() as (_, accuracy):
        accuracy.show(ChartView(made, last))
        eighty = next(at for at, row in enumerate(rows(accuracy)[1:]) if row[:5].strip() == "80")
        assert max(row for _, row in coloured(accuracy, "best")) > eighty
