"""Where the parts of a race stand: nothing over another, the clock as large as the figures, nothing lost where it is small."""

from __future__ import annotations

import itertools

import pytest

from tui_trainer.app.layout import Size
from tui_trainer.app.race_layout import presenting, racing
from tui_trainer.app.widgets import digits
from tui_trainer.app.widgets.lanes import SMALL, USUAL

SIZES = [Size(*one) for one in ((60, 18), (80, 24), (100, 30), (120, 36), (160, 50), (240, 70), (61, 60), (200, 19))]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width}x{size.height}")
@pytest.mark.parametrize("lanes", [2, 3, 4])
def test_all_of_it_is_on_the_screen_and_nothing_overlaps(size: Size, lanes: int) -> None:
    found = racing(size, lanes, "12:00")
    for place in found.places.values():
        assert place.y >= size.top
        assert place.bottom <= size.bottom
        assert place.right <= size.width
    for one, other in itertools.combinations(found.places.values(), 2):
        assert not one.overlaps(other)
    assert found.places["lanes"].height >= lanes * found.lanes.block - 1
    assert "clock" in found.places


def test_as_in_the_picture() -> None:
    found = racing(Size(120, 36), 3, "2:00")
    assert (found.lanes.size, found.lanes.block) == (USUAL, 6)
    assert found.places["lanes"].y == 2
    assert found.places["chart"].y == found.places["clock"].y == 20
    assert found.places["clock"].x - found.places["chart"].right == 2
    assert racing(Size(80, 24), 3, "2:00").lanes.size == SMALL


def test_a_clock_of_more_digits_is_wider() -> None:
    wide = racing(Size(120, 36), 3, "20:00").places["clock"].width
    assert wide - 2 >= digits.columns("20:00", USUAL) > racing(Size(120, 36), 3, "2:00").places["clock"].width - 2


def test_four_lanes_on_the_smallest_screen_have_a_clock_and_no_chart() -> None:
    found = racing(Size(60, 18), 4, "2:00")
    assert set(found.places) == {"lanes", "clock"}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width}x{size.height}")
@pytest.mark.parametrize("lanes", [2, 3, 4])
def test_a_presenter_has_figures_at_least_as_large_and_the_clock_below(size: Size, lanes: int) -> None:
    found = presenting(size, lanes)
    assert set(found.places) == {"lanes"}
    assert found.lanes.size >= racing(size, lanes, "2:00").lanes.size
    assert found.clock is not None
    taken = lanes * found.lanes.block + digits.rows(found.clock.size)
    assert taken <= found.places["lanes"].height <= size.height - 2
    assert digits.columns("00.0", found.lanes.size) < size.width


def test_a_projector_gets_large_figures() -> None:
    assert presenting(Size(80, 24), 3).lanes.size == USUAL
    assert presenting(Size(160, 50), 3).lanes.size == 4
    assert presenting(Size(160, 50), 3).clock == presenting(Size(160, 50), 3).lanes
