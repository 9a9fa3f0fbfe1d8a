"""The curves of several seeds as one band."""

from __future__ import annotations

import pytest

from tui_trainer.runs.band import Band, band
from tui_trainer.runs.side import Spot


def curve(*points: tuple[float, float]) -> list[Spot]:
    """By seconds; two steps a second, a tenth of an epoch each."""
    return [Spot(round(2 * x), x / 5, x, 64 * x, value) for x, value in points]


def test_a_band_goes_from_the_lowest_to_the_highest() -> None:
    found = band([curve((1, 0.5), (2, 0.7)), curve((1, 0.4), (2, 0.8)), curve((1, 0.6), (2, 0.6))], "seconds")
    assert [one.x for one in found] == [1, 2]
    assert tuple(found[0]) == pytest.approx((1, 0.4, 0.5, 0.6))
    assert tuple(found[1]) == pytest.approx((2, 0.6, 0.7, 0.8))


def test_curves_with_other_places_are_met_between_their_points() -> None:
    found = band([curve((1, 0.0), (2, 1.0), (3, 2.0)), curve((1.5, 1.0), (2.5, 2.0), (9, 5.0))], "seconds")
    assert [one.x for one in found] == [1.5, 2, 3]
    assert tuple(found[1]) == pytest.approx((2, 1.0, 1.25, 1.5))
    assert found[0] == Band(1.5, 0.5, 0.75, 1.0)


def test_over_seconds_a_seed_that_ran_on_a_slower_clock_is_joined_step_by_step() -> None:
    quick = [Spot(step, step / 10, step / 100, step, 0.5 + step / 100) for step in (10, 20)]
    slow = [one._replace(seconds=30 * one.seconds, value=one.value + 0.1) for one in quick]
    assert [tuple(one) for one in band([quick, slow], "seconds")] == [
        pytest.approx((1.55, 0.6, 0.65, 0.7)),
        pytest.approx((3.1, 0.7, 0.75, 0.8)),
    ]


@pytest.mark.parametrize(("axis", "places"), [("step", [2, 4]), ("epoch", [0.2, 0.4]), ("samples", [64, 128])])
def test_any_axis(axis: str, places: list[float]) -> None:
    one = curve((1, 0.5), (2, 0.7))
    assert [spot.x for spot in band([one, one], axis)] == pytest.approx(places)


def test_no_band_where_curves_do_not_meet() -> None:
    assert band([], "step") == []
    assert band([curve((1, 0.5)), []], "step") == []
    assert band([curve((1, 0.5), (2, 0.6)), curve((3, 0.5), (4, 0.6))], "seconds") == []
    assert band([curve((1, 0.5)), curve((1, 0.7))], "seconds") == [Band(1, 0.5, 0.6, 0.7)]
