"""The sparkline: one glyph a value, never an exception."""

from __future__ import annotations

import math

import pytest

from tui_trainer.app.widgets.sparkline import FLAT, LEVELS, sparkline


def test_one_column_a_value_from_lowest_to_highest() -> None:
    assert sparkline(range(8), 20) == LEVELS


def test_more_values_than_columns_are_bucketed() -> None:
    shown = sparkline([0.0] * 50 + [1.0] * 50, 10)
    assert shown == LEVELS[0] * 5 + LEVELS[-1] * 5


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf]])
def test_nothing_finite_shows_nothing(values: list[float]) -> None:
    assert sparkline(values, 8) == ""


def test_what_is_not_finite_is_left_out() -> None:
    assert sparkline([0.0, math.nan, 1.0, math.inf], 8) == LEVELS[0] + LEVELS[-1]


@pytest.mark.parametrize("value", [0.0, -3.0, 1e-300, 1e308])
def test_a_constant_series_is_a_low_line(value: float) -> None:
    assert sparkline([value] * 5, 8) == FLAT * 5


def test_extremes_of_the_number_range_do_not_fail() -> None:
    assert len(sparkline([-1e308, 1e308, 0.0], 8)) == 3


def test_no_room_no_columns() -> None:
    assert sparkline([1.0, 2.0], 0) == ""
