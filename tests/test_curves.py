"""A series laid on columns of dots: the same in pieces as at once, and never swallowed by a spike."""

from __future__ import annotations

import random

import pytest

from tui_trainer.app.widgets.curves import Curve
from tui_trainer.runs.series import Series


def followed(series: Series, curve: Curve, window: int = 20) -> Curve:
    curve.follow(series, 100, lambda step: step * 99 // 5000, window, "key")
    return curve


def test_following_a_series_gives_what_laying_it_at_once_gives() -> None:
    chance = random.Random(2)
    series, curve = Series(64), Curve()
    end = 0
    while end < 5000:
        values = [chance.uniform(0, 1) for _ in range(chance.randint(1, 40))]
        series.extend(end + 1, values)
        end += len(values)
        followed(series, curve)
        if chance.random() < 0.05:
            end -= chance.randint(0, min(end, 60))
            series.truncate(end)
        fresh = followed(series, Curve())
        followed(series, curve)
        assert (curve.low, curve.high, dict(curve.line)) == (fresh.low, fresh.high, dict(fresh.line))


def test_the_line_is_a_trailing_mean_that_a_huge_spike_leaves_again() -> None:
    series = Series()
    series.extend(1, [float(at % 2) for at in range(400)])
    assert followed(series, Curve()).value == pytest.approx(0.5)
    assert followed(series, Curve(), window=0).value == 1.0
    series.extend(401, [1e30])
    series.extend(402, [float(at % 2) for at in range(400)])
    assert followed(series, Curve()).value == pytest.approx(0.5)
