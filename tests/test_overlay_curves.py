"""Curves laid on columns of dots."""

from __future__ import annotations

import math

import pytest

from tui_trainer.app.widgets.overlay_curves import Laid, Stroke, reach, spread, trailing
from tui_trainer.app.widgets.span import Span

SPAN = Span("seconds", 10.0, 10)


def stroke(*ys: float, letter: str = "A", until: float = 10.0) -> Stroke:
    return Stroke(letter, "cnn", "train", tuple((until * (at + 1) / len(ys), y) for at, y in enumerate(ys)))


def test_smoothing_keeps_every_place_and_takes_the_mean_of_what_was_before() -> None:
    points = stroke(0.0, 1.0, 0.0, 1.0, 0.0, 1.0).points
    assert trailing(points, 0) is points
    smooth = trailing(points, 1)
    assert [x for x, _ in smooth] == [x for x, _ in points]
    assert smooth[0] == points[0]
    assert smooth[-1][1] == pytest.approx(0.5)


def test_the_axis_leaves_room_for_the_label_of_the_longest_curve_but_not_more_than_it_must() -> None:
    names = {"A": ("A convnet-wide",), "B": ("B mlp",)}
    long, short = stroke(0.1, 0.2), stroke(0.1, 0.2, letter="B", until=2.0)
    end = reach([long, short], names, 100, 0.0)
    assert 10.0 < end < 14.0
    assert Span("seconds", end, 100).dot(10.0) // 2 + len("A convnet-wide") + 2 <= 100
    assert reach([long], names, 100, 20.0) == 20.0


def test_a_band_is_straight_between_its_points_and_nowhere_else() -> None:
    low, high = spread(((2.0, 0.2, 0.4), (6.0, 0.4, 0.8)), SPAN)
    assert low[SPAN.dot(4.0)] == pytest.approx(0.3, abs=0.03)
    assert high[SPAN.dot(6.0)] == pytest.approx(0.8)
    assert low[0] == math.inf
    assert high[-1] == -math.inf


def test_what_was_laid_is_kept_until_curve_axis_or_smoothing_are_others() -> None:
    laid, one = Laid(), stroke(*(at % 7 / 7 for at in range(500)))
    first = laid.vertices(one, 0, SPAN)
    assert laid.vertices(one, 0, SPAN) is first
    assert max(y for _, y in first) == max(y for _, y in one.points)
    assert len(first) <= 3 * 2 * SPAN.columns
    assert laid.vertices(one, 3, SPAN) is not first
    assert laid.vertices(one, 0, Span("seconds", 20.0, 10)) != first
