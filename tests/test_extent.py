"""The axis of a curve: where values stand and which round numbers are named."""

from __future__ import annotations

import math

import pytest

from tui_trainer.app.views.extent import Extent, multiples, round_steps
from tui_trainer.app.views.fitted_curve import filled


@pytest.mark.parametrize(("low", "high"), [(0.0, 2 * math.pi), (-1.5, 1.5), (1e6, 1.2e6), (-3e-4, 2e-4), (5.0, 5.5)])
@pytest.mark.parametrize("columns", [8, 20, 80, 200])
def test_labels_stand_under_their_ticks_and_touch_no_other(low: float, high: float, columns: int) -> None:
    _, ticks = Extent(low, high, columns).ticks()
    end = -1
    for column, start, label in ticks:
        assert 0 <= column < columns
        assert start > end or end == -1
        assert 0 <= start <= columns - len(label) or len(label) > columns
        end = start + len(label)


def test_both_ends_stand_in_the_outermost_dots() -> None:
    extent = Extent(-1.0, 3.0, 40)
    assert (extent.dot(-1.0), extent.dot(3.0)) == (0, 79)
    assert extent.dot(1.0) in {39, 40}


@pytest.mark.parametrize("same", [0.0, 4.2, math.inf])
def test_an_axis_without_length_has_no_ticks(same: float) -> None:
    assert round_steps(same, same) == []
    assert Extent(same, same, 20).ticks() == ("x", [])


def test_multiples_include_both_ends() -> None:
    assert multiples(-1.0, 1.0, 0.5) == [-1.0, -0.5, 0.0, 0.5, 1.0]


@pytest.mark.parametrize("rows", [1, 3, 8, 20])
def test_a_filled_scale_reaches_from_the_first_row_to_the_last(rows: int) -> None:
    scale = filled(-1.0, 1.0, rows)
    assert 0 <= scale.dot(1.0) <= 1
    assert 4 * rows - 2 <= scale.dot(-1.0) < 4 * rows
    assert all(0 <= row < rows for row, _ in scale.ticks)
