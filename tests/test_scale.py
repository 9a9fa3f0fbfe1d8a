"""Scales: what is asked for is on them, labels are true, and nothing collides."""

from __future__ import annotations

import math
import random

import pytest

from tui_trainer.app.widgets.scale import SIZES, Scale, linear_scale, log_scale, ratio_label, robust_top, step_label
from tui_trainer.app.widgets.span import Span, rounded_up

RANDOM = random.Random(4)
RANGES = [(low, low * RANDOM.uniform(1.001, 10.0 ** RANDOM.randint(1, 8))) for low in (1e-9, 3e-4, 0.011, 0.5, 2.3, 77.0, 5e4)]


def value(label: str) -> float:
    unit = next((unit for unit, suffix in SIZES if label.endswith(suffix)), 1)
    return float(label.rstrip("kMGT").replace("−", "-")) * unit


def holds(scale: Scale, low: float, high: float) -> bool:
    return 0 <= scale.dot(high) <= scale.dot(low) < 4 * scale.rows


@pytest.mark.parametrize("rows", [1, 3, 5, 7, 11, 16, 20, 45])
@pytest.mark.parametrize(("low", "high"), RANGES)
def test_a_scale_holds_its_range_and_its_labels_say_what_their_rows_mean(low: float, high: float, rows: int) -> None:
    for scale in (log_scale(low, high, rows), linear_scale(low, high, rows)):
        assert holds(scale, low, high)
        for row, label in scale.ticks:
            assert len(label) <= 5
            if value(label) and (scale.log or low > 0.01):
                assert abs(scale.dot(value(label)) - (4 * row + 2)) <= 3


@pytest.mark.parametrize("rows", [7, 11, 16, 45])
@pytest.mark.parametrize(("low", "high"), RANGES)
def test_labels_stand_evenly_and_at_least_two_rows_apart(low: float, high: float, rows: int) -> None:
    for scale in (log_scale(low, high, rows), linear_scale(low, high, rows)):
        gaps = {b - a for (a, _), (b, _) in zip(scale.ticks, scale.ticks[1:], strict=False)}
        assert len(gaps) <= 1
        assert all(gap >= 2 for gap in gaps)
        assert scale.ticks


def test_log_labels_have_equal_ratios() -> None:
    assert [label for _, label in log_scale(0.55, 2.2, 11).ticks] == ["2.0", "1.4", "1.0", "0.7", "0.5"]


@pytest.mark.parametrize("constant", [0.0, 1e-30, 0.25, -4.0, 1e12])
def test_a_constant_series_has_a_scale_around_it(constant: float) -> None:
    assert holds(linear_scale(constant, constant, 7), constant, constant)
    if constant > 0:
        assert 0 <= log_scale(constant, constant, 7).dot(constant) < 28


def test_zero_and_less_go_to_the_bottom_of_a_log_scale() -> None:
    scale = log_scale(0.1, 2.0, 7)
    assert scale.dot(0.0) == scale.dot(-3.0) == 28


def test_no_percentage_over_a_hundred_gets_a_label() -> None:
    for rows in (3, 5, 8):
        for high in (0.4, 0.985, 1.0):
            scale = linear_scale(0.3, high, rows, most=1.0, times=100.0)
            assert holds(scale, 0.3, high)
            assert all(value(label) <= 100 for _, label in scale.ticks)


def test_one_spike_does_not_flatten_a_linear_scale_but_a_steep_start_stays() -> None:
    assert robust_top(0.5, [1.0] * 100 + [400.0]) < 3
    assert robust_top(0.5, [3.0 - index / 50 for index in range(100)]) == 3.0


@pytest.mark.parametrize(
    ("number", "label"),
    [
        (2.0, "2.0"),
        (2**0.5, "1.4"),
        (0.5**0.5, "0.7"),
        (0.5, "0.5"),
        (0.125, ".125"),
        (10.0, "10"),
        (31623.0, "32k"),
        (1e-4, "1e-4"),
    ],
)
def test_labels_are_short_and_true(number: float, label: str) -> None:
    assert ratio_label(number) == label
    assert math.isclose(value(label), number, rel_tol=0.021)


def test_labels_of_steps_have_the_decimals_of_the_step() -> None:
    assert [step_label(at, 0.25) for at in (0.25, 0.5)] == ["0.25", "0.50"]
    assert step_label(40.0, 20.0) == "40"
    assert step_label(-0.5, 0.5) == "−0.5"
    assert [step_label(at, 250_000.0) for at in (-250_000.0, 2_750_000.0)] == ["−250k", "2750k"]


@pytest.mark.parametrize("columns", [20, 33, 74, 85, 190])
@pytest.mark.parametrize("end", [0.3, 1.0, 2.84, 10.0, 45.0, 100.0, 3520.0, 1e6, 123_456_789.0])
def test_x_labels_never_collide_and_stand_at_their_ticks(end: float, columns: int) -> None:
    span = Span("step", end, columns)
    _, ticks = span.ticks()
    assert ticks[0][0] == 0
    taken: set[int] = set()
    for column, start, text in ticks:
        cells = set(range(start - 1, start + len(text)))
        assert not cells & taken
        taken |= cells
        assert 0 <= start <= column < start + len(text) <= columns


def test_x_spans_from_the_first_dot_to_the_last() -> None:
    span = Span("epoch", 10.0, 85)
    assert (span.dot(0), span.dot(10)) == (0, 169)
    assert span.ticks()[1][-1] == (84, 83, "10")


@pytest.mark.parametrize(("end", "word"), [(95.0, "s"), (1200.0, "min"), (5 * 3600.0, "h")])
def test_long_times_are_counted_in_larger_units(end: float, word: str) -> None:
    said, ticks = Span("seconds", end, 80).ticks()
    assert said == word
    assert all(float(text) == int(float(text)) for _, _, text in ticks)


def test_rounded_up_keeps_still() -> None:
    assert rounded_up(96.0) == 100.0
    assert rounded_up(100.0) == 100.0
    assert rounded_up(1010.0) == 1500.0
