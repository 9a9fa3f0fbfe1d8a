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


def exact(chance: random.Random, count: int, odd: float) -> list[float]:
    """Values whose sums are the same in any order, some of them not finite."""
    return [
        chance.choice((math.nan, math.inf)) if chance.random() < odd else chance.randrange(1, 4096) / 1024 for _ in range(count)
    ]


def state(series: Series) -> tuple[object, ...]:
    return (series.count, series.last, series.best, list(series.recent), series.nonfinite, series._end)


def same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return repr(one) == repr(other)  # nan equals nan there


@pytest.mark.parametrize("seed", range(150))
def test_truncated_at_a_mark_it_is_what_it_was(seed: int) -> None:
    chance = random.Random(seed)
    cap, first, odd = chance.choice((4, 8, 64)), chance.choice((1, 7, 1000)), chance.choice((0.0, 0.0, 0.1, 0.6))
    values = exact(chance, chance.choice((5, 60, 700)), odd)
    series = Series(cap)
    marked: list[int] = []
    done = 0
    while done < len(values):
        piece = values[done : done + chance.choice((1, 1, 3, 10, 100))]
        series.extend(first + done, piece)
        done += len(piece)
        if chance.random() < 0.3:
            marked.append(first + done - 1)
            series.mark(marked[-1])
    for step in reversed(marked[-4:]):
        series.truncate(step)
        alone = Series(cap)
        alone.extend(first, values[: step + 1 - first])
        assert same(state(series), state(alone))
        check(series, values[: step + 1 - first], first)
        while alone.stride < series.stride:
            alone._join()
        assert series.buckets() == alone.buckets()


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_dropped_and_given_again_every_step_counts_once(seed: int) -> None:
    chance = random.Random(seed)
    values = exact(chance, 3000, chance.choice((0.0, 0.02)))
    series, done, saved = Series(chance.choice((8, 32))), 0, 0
    while done < len(values):
        piece = values[done : done + chance.choice((1, 5, 40))]
        series.extend(done + 1, piece)
        done += len(piece)
        if chance.random() < 0.1:
            saved = done
            series.mark(saved)
        if chance.random() < 0.1:
            done = saved
            series.truncate(saved)
    check(series, values, 1)
    assert series.count == len(values)
    finite = [value for value in values if math.isfinite(value)]
    assert series.best is not None
    assert series.best.min == min(finite)
    assert series.best.at == values.index(min(finite)) + 1


def test_a_mark_that_is_to_be_kept_outlives_newer_ones() -> None:
    series = Series(8)
    for step in range(1, 201):
        series.add(step, float(step))
        if step % 3 == 0:
            series.mark(step, keep={9})
    assert len(series._held) == 5
    series.truncate(9)
    assert (series.count, series.last, sum(bucket.count for bucket in series.buckets())) == (9, 9.0, 9)
    assert series.buckets()[-1].end == 9


def test_a_step_that_is_past_cannot_be_marked_any_more() -> None:
    series = Series(4)
    series.extend(1, [1.0] * 20)
    series.mark(7)
    series.truncate(7)
    assert all(bucket.end <= 7 for bucket in series.buckets())


def test_steps_that_were_left_out_before_a_mark_stay_left_out() -> None:
    series = Series(8)
    series.extend(1, [1.0, 2.0])
    series.mark(50)
    series.extend(60, [3.0] * 100)
    series.truncate(50)
    assert (series.count, series.last) == (2, 2.0)
    series.extend(51, [4.0])
    assert [(bucket.end, bucket.count) for bucket in series.buckets()][-1] == (51, 1)
