"""A curve in bounded memory: every bucket true, no spike lost, nothing that is not a number in its bounds."""

from __future__ import annotations

import math
import random

import pytest

from tui_trainer.runs.series import Series


def check(series: Series, values: list[float], first: int) -> None:
    """Every bucket says what the raw values in its span say, and together they hold all of them."""
    held = 0
    for bucket in series.buckets():
        raw = [value for x, value in enumerate(values, first) if bucket.start <= x <= bucket.end and math.isfinite(value)]
        assert bucket.count == len(raw)
        assert (bucket.low, bucket.high) == (min(raw), max(raw))
        assert bucket.mean == pytest.approx(sum(raw) / len(raw))
        held += len(raw)
    assert held == sum(map(math.isfinite, values))


@pytest.mark.parametrize("seed", range(60))
def test_buckets_tell_the_truth_however_the_values_come(seed: int) -> None:
    chance = random.Random(seed)
    first, odd = chance.choice((1, 5, 1000)), (math.nan, math.inf, -math.inf) if seed % 2 else (0.5,)
    series = Series(cap=chance.choice((4, 8, 16)))
    values: list[float] = []
    while len(values) < chance.choice((3, 50, 500)):
        piece = [chance.choice((chance.random(), chance.random(), *odd)) for _ in range(chance.choice((1, 1, 2, 7, 40)))]
        series.extend(first + len(values), piece)
        values += piece
        assert len(series.buckets()) <= series.cap
    check(series, values, first)
    assert series.count == len(values)
    finite = [value for value in values if math.isfinite(value)]
    assert series.best is not None
    assert series.best.min == min(finite)
    assert values[series.best.at - first] == min(finite)


def test_in_one_piece_or_in_many_the_buckets_are_the_same() -> None:
    chance = random.Random(3)
    values = [chance.random() for _ in range(5000)]
    whole, single = Series(64), Series(64)
    whole.extend(1, values)
    for x, value in enumerate(values, 1):
        single.add(x, value)
    assert [bucket[:4] for bucket in whole.buckets()] == [bucket[:4] for bucket in single.buckets()]
    assert whole.stride == single.stride


def test_a_spike_is_never_lost() -> None:
    series = Series()
    for start in range(1, 1_000_001, 500):
        series.extend(start, [1.0] * 500 if start != 400_001 else [1.0] * 250 + [77.0] + [1.0] * 249)
    assert len(series.buckets()) <= 1024
    (spike,) = [bucket for bucket in series.buckets() if bucket.high > 1]
    assert spike.high == 77.0
    assert spike.start <= 400_251 <= spike.end


def test_what_is_not_finite_is_marked_and_stays_out_of_the_bounds() -> None:
    series = Series(8)
    series.extend(1, [1.0, math.nan, 2.0, math.inf, -math.inf] * 40)
    assert series.count == 200
    assert series.nonfinite[:3] == [2, 4, 5]
    assert len(series.nonfinite) == 64
    assert all(1.0 <= bucket.low <= bucket.mean <= bucket.high <= 2.0 for bucket in series.buckets())


def test_nothing_but_nan_has_no_bucket_and_no_best() -> None:
    series = Series()
    series.extend(1, [math.nan] * 10)
    assert series.buckets() == []
    assert series.best is None
    assert series.count == 10


def test_gaps_stay_gaps_and_what_is_given_again_is_ignored() -> None:
    series = Series(8)
    series.extend(1, [1.0, 2.0])
    series.extend(2, [9.0, 3.0])
    series.extend(101, [4.0])
    assert sum(bucket.count for bucket in series.buckets()) == 4
    assert series.buckets()[-1].end == 101
    assert max(bucket.high for bucket in series.buckets()) == 4.0
    assert len(series.buckets()) <= 8


def test_truncating_forgets_what_came_after_and_goes_on_from_there() -> None:
    chance = random.Random(5)
    values = [chance.random() + 1 for _ in range(1000)]
    series = Series(64)
    series.extend(1, values)
    series.add(1001, 0.25)
    series.truncate(600)
    assert all(bucket.end <= 600 for bucket in series.buckets())
    assert series.best is not None
    assert series.best.min == min(bucket.low for bucket in series.buckets())
    series.extend(601, [0.5] * 10)
    assert series.best == (0.5, 601)
    assert series.buckets()[-1].end == 610
    for bucket in series.buckets()[:-2]:
        raw = values[bucket.start - 1 : bucket.end]
        assert (bucket.low, bucket.high, bucket.count) == (min(raw), max(raw), len(raw))


def test_truncating_to_nothing_and_beyond_the_end() -> None:
    series = Series()
    series.extend(1, [1.0, 2.0])
    series.truncate(5)
    assert series.count == 2
    series.truncate(0)
    assert (series.count, series.best, series.last, series.buckets()) == (0, None, None, [])
    series.add(1, 3.0)
    assert series.buckets() == [(1, 1, 3.0, 3.0, 3.0, 1)]


def test_the_newest_values_are_kept_raw() -> None:
    series = Series(4)
    series.extend(1, list(map(float, range(250))))
    assert list(series.recent) == list(map(float, range(150, 250)))
    assert series.last == 249.0


def test_the_mean_at_a_step_is_that_of_its_bucket() -> None:
    series = Series(4)
    series.extend(1, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    assert series.stride == 2
    assert series.mean_at(3) == series.mean_at(4) == 3.5
    assert series.mean_at(9) is None
